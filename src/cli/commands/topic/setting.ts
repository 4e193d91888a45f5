// A topic's setting as it is typed: `key=value`, and `key-` to have the default again.

import { CommandError } from '../../exit.ts'

export interface Setting {
  readonly name: string
  readonly value: string
}

/** Reads `key=value`. Throws CommandError (usage) naming `source`. */
export function parseSetting(text: string, source: string): Setting {
  const at = text.indexOf('=')
  if (at < 1) throw new CommandError('usage', `${source} cannot be '${text}': write key=value`)
  return { name: text.slice(0, at), value: text.slice(at + 1) }
}

/** Reads a change: `key=value`, or `key-`, whose value is null. Throws CommandError (usage). */
export function parseChange(text: string): { readonly name: string; readonly value: string | null } {
  if (/^[^=]+-$/.test(text)) return { name: text.slice(0, -1), value: null }
  if (text.includes('=')) return parseSetting(text, '<change>')
  throw new CommandError('usage', `'${text}' is no change: write key=value, or key- for the default again`)
}
