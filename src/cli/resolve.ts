// From the words of a command line to the entry of the registry that they mean. Standard options may stand before or
// between the words (`posthorn -o json topic ls`); whatever is not a word of the path is left to the command.

import type { CommandEntry, Registry } from './command.ts'
import { CommandError } from './exit.ts'
import { flagName, type OptionSpec } from './option.ts'
import { standardOptions } from './standard-options.ts'
import { nearest } from './suggest.ts'

/** What the words mean. `rest` is what remains of the line, options that stood before included. */
export type Resolved =
  | { readonly at: 'command'; readonly entry: CommandEntry; readonly rest: readonly string[] }
  | { readonly at: 'noun'; readonly path: readonly string[]; readonly rest: readonly string[] }

/** Finds the command, or the noun (or nothing at all: an empty path) that stands alone. Throws CommandError (usage). */
export function resolve(registry: Registry, argv: readonly string[]): Resolved {
  const path: string[] = []
  const skipped: string[] = []
  let at = 0
  for (; at < argv.length; at++) {
    const word = argv[at] ?? ''
    if (word === '--') break
    if (word.startsWith('-')) {
      skipped.push(word)
      if (takesNext(word) && at + 1 < argv.length) skipped.push(argv[++at] ?? '')
      continue
    }
    const next = child(registry, path, word)
    if (next === undefined) break
    path.push(next)
    const entry = findEntry(registry, path)
    if (entry !== undefined) return { at: 'command', entry, rest: [...skipped, ...argv.slice(at + 1)] }
  }
  const unknown = argv[at]
  if (unknown !== undefined && unknown !== '--') throw unknownCommand(registry, path, argv.slice(at))
  return { at: 'noun', path, rest: skipped }
}

/** The entry with exactly this path, in words that are not aliases. */
export function findEntry(registry: Registry, path: readonly string[]): CommandEntry | undefined {
  return registry.commands.find(
    entry => entry.path.length === path.length && entry.path.every((word, at) => word === path[at]),
  )
}

/** The entries below a path, and the words that may follow it, in the order of the registry. */
export function entriesBelow(registry: Registry, path: readonly string[]): CommandEntry[] {
  return registry.commands.filter(
    entry => entry.path.length > path.length && path.every((word, at) => word === entry.path[at]),
  )
}

/** The word itself, or the one that it is an alias of, when it continues the path. */
function child(registry: Registry, path: readonly string[], word: string): string | undefined {
  for (const entry of entriesBelow(registry, path)) {
    const next = entry.path[path.length]
    if (next === word) return word
    if (entry.path.length === path.length + 1 && entry.aliases?.includes(word) === true) return next
  }
  return undefined
}

function takesNext(word: string): boolean {
  const options: readonly [string, OptionSpec][] = Object.entries(standardOptions)
  return options.some(
    ([key, spec]) => spec.type !== 'boolean' && (word === `--${flagName(key)}` || word === `-${spec.short}`),
  )
}

/** The error for words that mean nothing, with the nearest command. Words in the wrong order are recognised. */
export function unknownCommand(
  registry: Registry,
  path: readonly string[],
  words: readonly string[],
): CommandError {
  const plainWords = words.filter(word => !word.startsWith('-'))
  const typed = [...path, ...plainWords].slice(0, 2)
  const found = suggestion(registry, typed)
  const shown = [...path, plainWords[0] ?? ''].join(' ')
  return new CommandError(
    'usage',
    `there is no command '${shown}'${found === undefined ? '' : `; did you mean '${found}'?`}`,
    `posthorn help${path.length === 0 ? '' : ` ${path.join(' ')}`}`,
  )
}

function suggestion(registry: Registry, typed: readonly string[]): string | undefined {
  const names = new Map<string, string>()
  for (const entry of registry.commands) {
    const full = entry.path.join(' ')
    names.set(full, full)
    for (const alias of entry.aliases ?? []) names.set([...entry.path.slice(0, -1), alias].join(' '), full)
  }
  const nouns = Object.keys(registry.nouns)
  const reversed = [...typed].reverse().join(' ')
  const found =
    nearest(typed.join(' '), names.keys()) ??
    (names.has(reversed) ? reversed : undefined) ??
    nearest(typed[0] ?? '', [...nouns, ...names.keys()])
  return found === undefined ? undefined : (names.get(found) ?? found)
}
