// A command, declared as data: its path, options, arguments, columns and examples stand in one table, from which come
// parsing, the types that `run` sees, help, completion, the reference pages and the page for language models. Types
// only, and `defineCommand`, which infers them.

import type { World } from '../world/index.ts'
import type { ArgumentSpec, ArgumentValues, OptionSpecs, OptionValues } from './option.ts'
import type { Columns } from './output/columns.ts'
import type { Output } from './output/output.ts'
import type { ResultShape } from './output/schema.ts'
import type { Progress } from './progress.ts'
import type { Environment, Input, Terminal } from './terminal.ts'

export interface Example {
  /** What it does: 'Create a topic with six partitions'. */
  readonly text: string
  /** The line to type, with `posthorn`. */
  readonly command: string
}

/** Where the value of an option came from. */
export type Origin = 'flag' | 'environment' | 'default'

/** What a running command is given. */
export interface Context<
  O extends OptionSpecs = OptionSpecs,
  A extends readonly ArgumentSpec[] = readonly ArgumentSpec[],
  C extends Columns = Columns,
> {
  readonly options: OptionValues<O>
  readonly arguments: ArgumentValues<A>
  /** By option key. */
  readonly origins: Readonly<Record<string, Origin>>
  readonly output: Output<C>
  readonly progress: Progress
  /** Aborts on the first SIGINT or SIGTERM, and when the reader of stdout has gone: wind down and return. */
  readonly signal: AbortSignal
  readonly stdin: Input
  readonly env: Environment
  readonly world: World
  readonly tty: { readonly stdin: boolean; readonly stdout: Terminal; readonly stderr: Terminal }
  /** All commands, for those that speak about commands. */
  readonly registry: Registry
  /**
   * Asks before something that cannot be undone: 'Delete topic orders with 12 messages?'. Returns when the answer is
   * yes or `--yes` was given; throws CommandError otherwise, also when there is nobody to ask.
   */
  confirm(question: string): Promise<void>
}

export interface CommandSpec<O extends OptionSpecs, A extends readonly ArgumentSpec[], C extends Columns> {
  /** The words: ['topic', 'create']. */
  readonly path: readonly [string, ...string[]]
  /** Other words for the last one: ['list'] for ls. */
  readonly aliases?: readonly string[]
  /** One line, imperative, no full stop. */
  readonly summary: string
  /** Paragraphs for its help page, separated by an empty line. */
  readonly description?: string
  readonly examples: readonly [Example, ...Example[]]
  readonly arguments?: A
  readonly options?: O
  /** The columns of what it prints; without them `-o schema` is refused. */
  readonly columns?: C
  /** Rows unless given. */
  readonly result?: ResultShape
  /**
   * The program whose one-letter options it keeps; then -d and -D may be two options, which PowerShell's completion does not
   * tell apart.
   */
  readonly foreignLetters?: string
  /** Changes something: tagged `write` in --help-llm. */
  readonly writes?: true
  /** Destroys something: has --yes, and must call confirm(). Implies `writes`. */
  readonly destructive?: true
  /** Returns nothing, or an exit code of its own; throws CommandError to fail with a sentence. */
  run(context: Context<O, A, C>): unknown
}

/** A command whose option types have been forgotten: what the machinery works with. */
export interface Command extends CommandSpec<OptionSpecs, readonly ArgumentSpec[], Columns> {
  readonly arguments: readonly ArgumentSpec[]
  readonly options: OptionSpecs
}

/** A line of the registry: enough for the lists of help; the implementation is imported only when it is wanted. */
export interface CommandEntry {
  readonly path: readonly [string, ...string[]]
  readonly aliases?: readonly string[]
  readonly summary: string
  load(): Promise<Command>
}

export interface Registry {
  /** First words that stand before several verbs, each with its line in help. */
  readonly nouns: Readonly<Record<string, string>>
  /** In the order of help. */
  readonly commands: readonly CommandEntry[]
}

/** Declares a command: `context.options`, `context.arguments` and the rows of `context.output` get their types here. */
export function defineCommand<
  const O extends OptionSpecs = Record<never, never>,
  const A extends readonly ArgumentSpec[] = readonly [],
  const C extends Columns = Record<never, never>,
>(spec: CommandSpec<O, A, C>): Command {
  const forgotten: CommandSpec<OptionSpecs, readonly ArgumentSpec[], Columns> = {
    ...spec,
    // The parser makes exactly the values that the specs declare, which the type system cannot follow.
    run: context => spec.run(context as unknown as Context<O, A, C>),
  }
  return { ...forgotten, arguments: spec.arguments ?? [], options: spec.options ?? {} }
}

/** True when it changes something. */
export function isWriting(command: Command): boolean {
  return command.writes === true || command.destructive === true
}

/** Implementations of all commands: for completion, reference pages and the page for language models. */
export function allCommands(registry: Registry): Promise<Command[]> {
  return Promise.all(registry.commands.map(entry => entry.load()))
}
