// Help as pages of text, made from the command table: the short tour of `posthorn` alone, the commands of a noun, one
// command with its examples, a topic. Examples come before options, because they are what people read.

import type { Command, CommandEntry, Registry } from '../command.ts'
import { type ArgumentSpec, flagName, type OptionSpec, valueName } from '../option.ts'
import { padded, widthOf } from '../output/width.ts'
import { formatBytes, formatDuration } from '../quantity.ts'
import { entriesBelow, findEntry, resolve } from '../resolve.ts'
import { optionsOf, standardOptions } from '../standard-options.ts'
import { nearest } from '../suggest.ts'
import type { Terminal } from '../terminal.ts'
import { defaultValue } from '../value.ts'
import { filled, indented } from './prose.ts'
import { type Topic, topics } from './topics.ts'

/** Lines are filled to the terminal, up to this many characters: longer ones are hard to read. */
const LINE_WIDTH_MAX = 100

/** The page that the words mean. Throws CommandError (usage) when they mean nothing. */
export async function helpFor(
  registry: Registry,
  words: readonly string[],
  terminal: Terminal,
): Promise<string> {
  const writer = new Pages(registry, terminal)
  const [first] = words
  if (first === undefined) return writer.tour()
  const topic = words.length === 1 ? topicOf(registry, first) : undefined
  if (topic !== undefined) return writer.topic(topic)
  const found = resolve(registry, words)
  return found.at === 'command' ? writer.command(await found.entry.load()) : writer.noun(found.path)
}

/** A topic by its word, or by one nearly it when no command is meant. */
function topicOf(registry: Registry, word: string): Topic | undefined {
  const isCommandWord = registry.commands.some(({ path }) => path[0] === word)
  const name = isCommandWord ? undefined : nearest(word, Object.keys(topics))
  return name === undefined ? undefined : topics[name]
}

type Lines = readonly (readonly [string, string])[]

class Pages {
  readonly #registry: Registry
  readonly #terminal: Terminal
  readonly #width: number

  constructor(registry: Registry, terminal: Terminal) {
    this.#registry = registry
    this.#terminal = terminal
    this.#width = Math.min(terminal.columns ?? LINE_WIDTH_MAX, LINE_WIDTH_MAX)
  }

  tour(): string {
    const { commands, nouns } = this.#registry
    const single = commands.filter(({ path }) => path.length === 1)
    const groups = Object.entries(nouns)
    return this.#blocks([
      'posthorn: a durable message broker that Kafka clients use unchanged.',
      this.#section('Start here', this.#firstSteps()),
      groups.length === 0 ? '' : this.#section('Things', this.#list(groups)),
      this.#section('Commands', this.#list(single.map(({ path, summary }) => [path.join(' '), summary]))),
      this.#section(
        'Topics',
        this.#list(Object.entries(topics).map(([name, { summary }]) => [`help ${name}`, summary])),
      ),
      this.#dim('Every command explains itself with --help, and prints JSON with --json.'),
    ])
  }

  noun(path: readonly string[]): string {
    if (path.length === 0) return this.tour()
    const words = path.join(' ')
    const entries = entriesBelow(this.#registry, path)
    const summary = this.#registry.nouns[path[0] ?? '']
    return this.#blocks([
      `posthorn ${words}${summary === undefined ? '' : `: ${summary}`}`,
      this.#section('Commands', this.#list(entries.map(entry => [namesOf(entry), entry.summary]))),
      this.#dim(`Explain one: posthorn help ${entries[0]?.path.join(' ') ?? words}`),
    ])
  }

  command(command: Command): string {
    const { description, summary } = command
    const own = optionsOf({ ...command, options: command.options })
    const standard = new Set(Object.keys(standardOptions))
    const rows = Object.entries(own).map(([key, spec]) => [key, optionRow(key, spec)] as const)
    return this.#blocks([
      `posthorn ${command.path.join(' ')}: ${summary}`,
      this.#section('Usage', [`  ${usage(command)}`]),
      this.#aliases(command),
      description === undefined ? '' : this.#prose(description),
      this.#section('Examples', this.#examples(command)),
      this.#section('Arguments', this.#list(command.arguments.map(argumentRow))),
      this.#section('Options', this.#list(rows.flatMap(([key, row]) => (standard.has(key) ? [] : [row])))),
      this.#section(
        'Options of every command',
        this.#list(rows.flatMap(([key, row]) => (standard.has(key) ? [row] : []))),
      ),
    ])
  }

  topic({ summary, text }: Topic): string {
    return this.#blocks([summary, this.#prose(text)])
  }

  #firstSteps(): string[] {
    const steps: Lines = [
      ['posthorn serve', 'Start a broker here'],
      ['posthorn topic create orders', 'Create a topic'],
      ['posthorn completion bash', 'Teach your shell the commands'],
      ['posthorn help exit-codes', 'What scripts should know'],
    ]
    const known = steps.filter(([line]) => this.#isKnown(line.split(' ').slice(1)))
    return this.#list(known)
  }

  #isKnown(words: readonly string[]): boolean {
    return findEntry(this.#registry, words.slice(0, 2)) !== undefined || this.#isSingle(words[0] ?? '')
  }

  #isSingle(word: string): boolean {
    return findEntry(this.#registry, [word]) !== undefined
  }

  #aliases({ aliases, path }: Command): string {
    if (aliases === undefined || aliases.length === 0) return ''
    const full = aliases.map(alias => ['posthorn', ...path.slice(0, -1), alias].join(' '))
    return this.#section('Also', [`  ${full.join(', ')}`])
  }

  #examples(command: Command): string[] {
    return command.examples.flatMap(({ text, command: line }, at) => [
      ...(at === 0 ? [] : ['']),
      `  ${this.#dim(`# ${text}`)}`,
      `  ${this.#terminal.paint('cyan', line)}`,
    ])
  }

  #section(title: string, lines: readonly string[]): string {
    return lines.length === 0 ? '' : [this.#terminal.paint('bold', title), ...lines].join('\n')
  }

  /** Two columns, the second filled. */
  #list(rows: Lines): string[] {
    const left = Math.min(32, Math.max(0, ...rows.map(([name]) => widthOf(name))))
    return rows.flatMap(([name, text]) => {
      const [first = '', ...rest] = filled(text, this.#width - left - 4)
      const more = indented(rest, left + 4)
      if (widthOf(name) > left) return [`  ${name}`, ...indented([first], left + 4), ...more]
      return [`  ${padded(name, left)}  ${first}`.trimEnd(), ...more]
    })
  }

  #prose(text: string): string {
    const blocks = text.split('\n\n')
    return blocks
      .map(block => (block.startsWith(' ') ? block : filled(block, this.#width).join('\n')))
      .join('\n\n')
  }

  #blocks(blocks: readonly string[]): string {
    return `${blocks.filter(block => block !== '').join('\n\n')}\n`
  }

  #dim(text: string): string {
    return this.#terminal.paint('dim', text)
  }
}

/** `posthorn topic create <name> [options]`. */
export function usage(command: Command): string {
  const words = command.arguments.map(argumentName)
  return ['posthorn', ...command.path, ...words, '[options]'].join(' ')
}

/** `<name>`, `[name]`, `<name>...`. */
export function argumentName({ name, required, repeated }: ArgumentSpec): string {
  return `${required === true ? `<${name}>` : `[${name}]`}${repeated === true ? '...' : ''}`
}

/** `-p, --partitions <count>`; a flag that is on by default is shown as the flag that turns it off. */
export function optionName(key: string, spec: OptionSpec): string {
  const isOn = spec.type === 'boolean' && spec.default === true
  const short = spec.short === undefined ? '    ' : `-${spec.short}, `
  const value = valueName(spec)
  return `${short}--${isOn ? 'no-' : ''}${flagName(key)}${value === undefined ? '' : ` <${value}>`}`
}

function optionRow(key: string, spec: OptionSpec): readonly [string, string] {
  const { summary } = spec
  const facts = [...limits(spec), defaultText(spec), spec.env === undefined ? '' : `env ${spec.env}`]
  if (spec.required === true) facts.unshift('required')
  if (spec.repeated === true) facts.unshift('may be repeated')
  const known = facts.filter(fact => fact !== '')
  return [optionName(key, spec), known.length === 0 ? summary : `${summary} (${known.join(', ')})`]
}

/** What the name of the value does not say about it. */
function limits(spec: OptionSpec): string[] {
  if (spec.type === 'choice' && spec.valueName !== undefined) return [`one of ${spec.choices.join(', ')}`]
  if (spec.type !== 'integer' && spec.type !== 'number') return []
  const least = spec.min === undefined ? [] : [`least ${spec.min}`]
  return spec.max === undefined ? least : [...least, `most ${spec.max}`]
}

function defaultText(spec: OptionSpec): string {
  if (spec.type === 'boolean' || spec.default === undefined) return ''
  const value = defaultValue(spec)
  if (typeof value !== 'number') return `default ${value}`
  if (spec.type === 'bytes') return `default ${formatBytes(value)}`
  return `default ${spec.type === 'duration' ? formatDuration(value) : value}`
}

function argumentRow(spec: ArgumentSpec): readonly [string, string] {
  const choices = spec.choices === undefined ? '' : ` (${spec.choices.join(', ')})`
  return [argumentName(spec), `${spec.summary}${choices}`]
}

function namesOf({ path, aliases }: CommandEntry): string {
  return [path.join(' '), ...(aliases ?? [])].join(', ')
}
