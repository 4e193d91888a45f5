// What a running command is given, put together from the parsed line and the surroundings.

import type { Command, Context, Registry } from './command.ts'
import type { Format } from './output/format.ts'
import { type Output, StreamOutput } from './output/output.ts'
import type { Parsed } from './parse.ts'
import { Progress } from './progress.ts'
import { type Surroundings, terminal } from './terminal.ts'

/** What an invocation knows besides the parsed line. */
export interface InvocationFacts {
  /** The line as typed, to be repeated in questions. */
  readonly argv: readonly string[]
  readonly io: Surroundings
  readonly registry: Registry
  readonly signal: AbortSignal
  readonly format: Format
}

/** The context of one run; the caller closes its `progress`. */
export function contextOf(
  command: Command,
  parsed: Parsed & { readonly at: 'run' },
  invocation: InvocationFacts,
): Context {
  const { argv, io, registry, signal, format } = invocation
  const { stdin, stdout, stderr, env, world } = io
  const tty = { stdin: stdin.isTTY === true, stdout: terminal(stdout, env), stderr: terminal(stderr, env) }
  const quiet = parsed.options.quiet === true
  const enabled = !quiet && parsed.options.progress === true
  const progress = new Progress({ stderr, terminal: tty.stderr, world, enabled })
  const beforeWrite = (): void => progress.clear()
  const output: Output = new StreamOutput({
    stdout,
    stderr,
    terminal: tty.stdout,
    errorTerminal: tty.stderr,
    format,
    quiet,
    columns: command.columns ?? {},
    beforeWrite,
  })
  const yes = parsed.options.yes === true
  const line = ['posthorn', ...argv].map(shellWord).join(' ')
  return {
    // The parser made these by the command's own declarations; the erased types cannot say so.
    options: only(parsed.options, command.options) as Context['options'],
    arguments: parsed.arguments as Context['arguments'],
    origins: only(parsed.origins, command.options),
    output,
    progress,
    signal,
    stdin,
    env,
    world,
    tty,
    registry,
    confirm: async question => {
      const { confirm } = await import('./confirm.ts')
      await confirm(question, { stdin, stderr, signal, yes, line, beforeWrite })
    },
  }
}

function only<Value>(
  values: Readonly<Record<string, Value>>,
  keys: Readonly<Record<string, unknown>>,
): Record<string, Value> {
  return Object.fromEntries(Object.entries(values).filter(([key]) => Object.hasOwn(keys, key)))
}

/** The word as a POSIX shell takes it unchanged. */
function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
