// One invocation from the arguments to the exit code, on streams that are handed in: resolve, load, parse, run, and
// turn whatever happened into a sentence and a code. What not every invocation needs (help,
// schema, printing) is imported when it is needed: a file costs more than what is in it.

import type { Command, Registry } from './command.ts'
import { CommandError, exitOf, exits } from './exit.ts'
import { Interruption } from './interruption.ts'
import { type Format, formats } from './output/format.ts'
import { type Parsed, parseCommandLine } from './parse.ts'
import { registry as ownRegistry } from './registry.ts'
import { findEntry, type Resolved, resolve } from './resolve.ts'
import { rootOptions } from './standard-options.ts'
import { type Surroundings, terminal } from './terminal.ts'

/** Runs a command line (without node and script) and returns its exit code. Never rejects. */
export async function run(
  argv: readonly string[],
  io: Surroundings,
  registry: Registry = ownRegistry,
): Promise<number> {
  const interruption = new Interruption(io)
  try {
    const code = await new Invocation(argv, io, registry, interruption).dispatch()
    await flushed(io)
    if (interruption.readerGone) return exits.ok.code
    if (interruption.stdoutError !== undefined) throw interruption.stdoutError
    return code ?? (interruption.received === 'SIGINT' ? exits.interrupted.code : exits.ok.code)
  } catch (error) {
    if (interruption.readerGone) return exits.ok.code
    if (interruption.received !== undefined && interruption.isEchoOf(error))
      return interruption.received === 'SIGINT' ? exits.interrupted.code : exits.terminated.code
    return report(error, io)
  } finally {
    interruption.close()
  }
}

class Invocation {
  readonly #argv: readonly string[]
  readonly #io: Surroundings
  readonly #registry: Registry
  readonly #interruption: Interruption

  constructor(argv: readonly string[], io: Surroundings, registry: Registry, interruption: Interruption) {
    this.#argv = argv
    this.#io = io
    this.#registry = registry
    this.#interruption = interruption
  }

  /** The code that the command chose, if it chose one. */
  async dispatch(): Promise<number | undefined> {
    const [first] = this.#argv
    if (first === '--help-llm') return this.#helpForModels()
    const found = resolve(this.#registry, this.#argv)
    if (found.at === 'noun') return this.#nounAlone(found)
    return this.#command(await found.entry.load(), found.rest)
  }

  async #nounAlone({ path, rest }: Resolved & { readonly at: 'noun' }): Promise<number | undefined> {
    const isRoot = path.length === 0
    const parsed = parseCommandLine(
      { path, options: isRoot ? rootOptions : {}, arguments: [] },
      rest,
      this.#io.env,
    )
    if (parsed.at === 'run' && parsed.options.helpLlm === true) return this.#helpForModels()
    if (parsed.at === 'run' && parsed.options.version === true) return this.#version(rest)
    const asked = isRoot || parsed.at === 'help'
    const { helpFor } = await import('./help/page.ts')
    const stream = asked ? this.#io.stdout : this.#io.stderr
    stream.write(await helpFor(this.#registry, path, terminal(stream, this.#io.env)))
    return asked ? undefined : exits.usage.code
  }

  async #version(rest: readonly string[]): Promise<number | undefined> {
    const entry = findEntry(this.#registry, ['version'])
    const others = rest.filter(word => word !== '--version' && word !== '-V')
    return entry === undefined ? undefined : this.#command(await entry.load(), others)
  }

  async #helpForModels(): Promise<undefined> {
    const { llmPage } = await import('./help/llm.ts')
    this.#io.stdout.write(await llmPage(this.#registry))
  }

  async #command(command: Command, rest: readonly string[]): Promise<number | undefined> {
    const parsed = parseCommandLine(command, rest, this.#io.env)
    if (parsed.at === 'help') {
      const { helpFor } = await import('./help/page.ts')
      const { stdout, env } = this.#io
      stdout.write(await helpFor(this.#registry, command.path, terminal(stdout, env)))
      return undefined
    }
    const format = formatOf(parsed)
    if (format === 'schema') {
      this.#io.stdout.write(await schemaText(command))
      return undefined
    }
    const { contextOf } = await import('./context.ts')
    const { signal } = this.#interruption
    const invocation = { argv: this.#argv, io: this.#io, registry: this.#registry, signal, format }
    const context = contextOf(command, parsed, invocation)
    try {
      const result = await command.run(context)
      return typeof result === 'number' ? result : undefined
    } finally {
      context.progress.close()
    }
  }
}

function formatOf({ options, origins }: Parsed & { readonly at: 'run' }): Format {
  const format = formats.find(name => name === options.output) ?? 'table'
  if (options.json !== true) return format
  if (origins.output === 'flag' && format !== 'json')
    throw new CommandError('usage', `--json and --output ${format} contradict each other: give one of them`)
  return 'json'
}

async function schemaText({ columns, path, result }: Command): Promise<string> {
  const words = `posthorn ${path.join(' ')}`
  if (columns === undefined)
    throw new CommandError('usage', `'${words}' prints text, which has no schema`, `${words} --help`)
  const { jsonSchema } = await import('./output/schema.ts')
  const { jsonText } = await import('./output/columns.ts')
  return `${jsonText(jsonSchema(words, columns, result ?? 'rows'), 2)}\n`
}

/** Resolves once all that was written has left; a failure is the error listener's business. */
function flushed({ stdout }: Surroundings): Promise<void> {
  return new Promise(resolve => {
    stdout.write('', () => resolve())
  })
}

/** Says what went wrong, on stderr, and returns the exit code. */
function report(error: unknown, { stderr, env }: Surroundings): number {
  const { paint } = terminal(stderr, env)
  const exit = exitOf(error) ?? 'bug'
  const message = error instanceof Error ? error.message : String(error)
  const lines = [`${paint('red', 'error:')} ${message}`]
  if (error instanceof CommandError && error.next !== undefined) lines.push(`  try: ${error.next}`)
  if (exit === 'bug')
    lines.push('This is a bug in posthorn: please report it with what POSTHORN_DEBUG=1 prints.')
  if (env.POSTHORN_DEBUG === '1' && error instanceof Error) lines.push(stackOf(error))
  stderr.write(`${lines.join('\n')}\n`)
  return exits[exit].code
}

function stackOf(error: Error): string {
  const cause = error.cause instanceof Error ? `\ncaused by ${stackOf(error.cause)}` : ''
  return `${error.stack ?? error.message}${cause}`
}
