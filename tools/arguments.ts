// The arguments of this project's own programs (npm run bench, soak, fuzz, test:crash): --help says how the program is used,
// and so does an argument that it does not know.

import { type ParseArgsConfig, parseArgs } from 'node:util'

type Options = NonNullable<ParseArgsConfig['options']>
type Parsed<T extends Options> = ReturnType<typeof parseArgs<{ options: T; allowPositionals: true }>>

/** Ends the process where there is nothing to run: with 0 for --help, with 2 when the arguments are wrong. */
export function readArguments<const T extends Options>(usage: string, options: T): Parsed<T> {
  if (process.argv.slice(2).some(one => one === '--help' || one === '-h')) {
    process.stdout.write(usage)
    process.exit(0)
  }
  try {
    return parseArgs({ options, allowPositionals: true })
  } catch (error) {
    return refuse(usage, error instanceof Error ? error.message : String(error))
  }
}

/** Says what is wrong with the arguments, and what would be right. */
export function refuse(usage: string, reason: string): never {
  process.stderr.write(`${reason}\n\n${usage}`)
  process.exit(2)
}
