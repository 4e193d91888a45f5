// What every shell's script is made from: the tree of words as a flat list of nodes, each with the words that may
// follow and the options that it takes. Live names (topics, groups) are not in it: no script asks a broker.

import { allCommands, type Registry } from '../command.ts'
import { flagName, type OptionSpecs } from '../option.ts'
import { optionsOf, rootOptions, standardOptions } from '../standard-options.ts'

export interface CompletionWord {
  readonly word: string
  readonly summary: string
}

export interface CompletionOption {
  /** With its dashes: '--partitions'. */
  readonly flag: string
  /** With its dash: '-p'. */
  readonly short: string | undefined
  readonly summary: string
  readonly takesValue: boolean
  /** The only values there are; empty when any will do. */
  readonly choices: readonly string[]
}

/** One place in the tree. */
export interface CompletionNode {
  /** Words without aliases, joined by blanks; '' is the root. */
  readonly path: string
  /** What may be typed next: verbs, or the choices of the first argument. */
  readonly words: readonly CompletionWord[]
  readonly options: readonly CompletionOption[]
}

/** A step from one place to the next: typing any of `words` at `from` leads to `to`. */
export interface CompletionStep {
  readonly from: string
  readonly words: readonly string[]
  readonly to: string
}

export interface CompletionModel {
  readonly nodes: readonly CompletionNode[]
  readonly steps: readonly CompletionStep[]
}

/** Loads all commands and lays them out. */
export async function completionModel(registry: Registry): Promise<CompletionModel> {
  const nodes = new Map<string, CompletionNode>()
  const steps = new Map<string, CompletionStep>()
  const root = {
    path: '',
    words: topWords(registry),
    options: optionsFrom({ ...rootOptions, ...standardOptions }),
  }
  nodes.set('', root)
  for (const command of await allCommands(registry)) {
    for (let depth = 1; depth <= command.path.length; depth++) {
      const path = command.path.slice(0, depth).join(' ')
      const isLast = depth === command.path.length
      const word = command.path[depth - 1] ?? ''
      const from = command.path.slice(0, depth - 1).join(' ')
      steps.set(path, { from, words: isLast ? [word, ...(command.aliases ?? [])] : [word], to: path })
      if (!isLast && !nodes.has(path)) nodes.set(path, nounNode(registry, path))
    }
    const [argument] = command.arguments
    nodes.set(command.path.join(' '), {
      path: command.path.join(' '),
      words: (argument?.choices ?? []).map(word => ({ word, summary: argument?.summary ?? '' })),
      options: optionsFrom(optionsOf(command)),
    })
  }
  return { nodes: [...nodes.values()], steps: [...steps.values()] }
}

function topWords(registry: Registry): CompletionWord[] {
  const words = new Map<string, string>()
  for (const { path, summary } of registry.commands)
    words.set(path[0], path.length === 1 ? summary : (registry.nouns[path[0]] ?? `Commands about ${path[0]}`))
  return [...words].map(([word, summary]) => ({ word, summary }))
}

function nounNode(registry: Registry, path: string): CompletionNode {
  const depth = path.split(' ').length
  const words = new Map<string, string>()
  for (const entry of registry.commands)
    if (entry.path.slice(0, depth).join(' ') === path && entry.path.length > depth)
      words.set(entry.path[depth] ?? '', entry.summary)
  return {
    path,
    words: [...words].map(([word, summary]) => ({ word, summary })),
    options: optionsFrom(standardOptions),
  }
}

function optionsFrom(specs: OptionSpecs): CompletionOption[] {
  return Object.entries(specs).map(([key, spec]) => ({
    flag: `--${spec.type === 'boolean' && spec.default === true ? 'no-' : ''}${flagName(key)}`,
    short: spec.short === undefined ? undefined : `-${spec.short}`,
    summary: spec.summary,
    takesValue: spec.type !== 'boolean',
    choices: spec.type === 'choice' ? spec.choices : [],
  }))
}
