// The arguments of this project's own programs (npm run bench, soak, fuzz, test:crash): --help says how the program is used,
// and so does an argument that it does not know.

import { type ParseArgsConfig, parseArgs } from 'node:util'

type Options = NonNullable<ParseArgsConfig['options']>
type Parsed<T extends Options> = ReturnType<typeof parseArgs<{ options: T; allowPositionals: true }>>

/**
 * Ends the process where there is nothing to run: with 0 for --help, with 2 when the arguments are wrong. `named` is how many
 * there may be that are not options.
 */
export function readArguments<const T extends Options>(usage: string, options: T, named = 0): Parsed<T> {
  if (process.argv.slice(2).some(one => one === '--help' || one === '-h')) {
    process.stdout.write(usage)
    process.exit(0)
  }
  const parsed = parse(usage, options)
  const surplus = parsed.positionals[named]
  return surplus === undefined ? parsed : refuse(usage, `nothing is known of '${surplus}'`)
}

function parse<const T extends Options>(usage: string, options: T): Parsed<T> {
  try {
    return parseArgs({ options, allowPositionals: true })
  } catch (error) {
    return refuse(usage, error instanceof Error ? error.message : String(error))
  }
}

/** The whole number, from `least` on, that an option has; ends the process with 2 when it has another. */
export function wholeNumber(usage: string, option: string, text: string, least: number): number {
  const value = Number(text)
  return Number.isInteger(value) && value >= least
    ? value
    : refuse(usage, `--${option} is ${text}: it must be a whole number from ${least}`)
}

/** Says what is wrong with the arguments, and what would be right. */
export function refuse(usage: string, reason: string): never {
  process.stderr.write(`${reason}\n\n${usage}`)
  process.exit(2)
}
