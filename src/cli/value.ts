// Text from the command line or the environment into the typed value of an option: one reader per type, each error
// naming the option, the text, the limit and what would have been right.

import { type Duration, milliseconds } from '../world/index.ts'
import { CommandError } from './exit.ts'
import type { OptionSpec } from './option.ts'
import { parseBytes } from './quantity.ts'
import { didYouMean } from './suggest.ts'

/** One value of an option, before it is known to be repeated. */
export type OptionScalar = string | number | boolean

/**
 * Reads one value. `source` is what the error names: '--partitions' or 'POSTHORN_PARTITIONS'.
 * Throws CommandError (usage).
 */
export function readValue(spec: OptionSpec, text: string, source: string): OptionScalar {
  switch (spec.type) {
    case 'boolean':
      return readBoolean(text, source)
    case 'string':
      return text
    case 'integer':
    case 'number':
      return readNumber(spec, text, source)
    case 'duration':
      // A template type cannot be checked but by reading it, which is what milliseconds does.
      return readBy(duration => milliseconds(duration as Duration), text, source)
    case 'bytes':
      return readBy(parseBytes, text, source)
    case 'choice':
      return readChoice(spec.choices, text, source)
  }
}

/** The declared default as the value that the command sees: '30s' → 30000, '64MB' → 64000000. */
export function defaultValue(spec: OptionSpec): OptionScalar | undefined {
  if (spec.type === 'boolean') return spec.default ?? false
  if (spec.default === undefined) return undefined
  if (spec.type === 'duration') return milliseconds(spec.default)
  if (spec.type === 'bytes') return parseBytes(String(spec.default))
  return spec.default
}

/** The word when it is one of `choices`; throws CommandError (usage) with the nearest one otherwise. */
export function readChoice(choices: readonly string[], text: string, source: string): string {
  if (choices.includes(text)) return text
  throw new CommandError(
    'usage',
    `${source} cannot be '${text}': it is one of ${choices.join(', ')}${didYouMean(text, choices)}`,
  )
}

function readBoolean(text: string, source: string): boolean {
  const word = text.toLowerCase()
  if (['1', 'true', 'yes', 'on'].includes(word)) return true
  if (['0', 'false', 'no', 'off'].includes(word)) return false
  throw new CommandError('usage', `${source} cannot be '${text}': write true or false`)
}

function readNumber(
  spec: OptionSpec & { readonly type: 'integer' | 'number' },
  text: string,
  source: string,
): number {
  const value = text.trim() === '' ? Number.NaN : Number(text)
  const valid = spec.type === 'integer' ? Number.isSafeInteger(value) : Number.isFinite(value)
  const kind = spec.type === 'integer' ? 'a whole number' : 'a number'
  if (!valid) throw new CommandError('usage', `${source} cannot be '${text}': write ${kind}`)
  if (spec.min !== undefined && value < spec.min)
    throw new CommandError('usage', `${source} cannot be ${text}: the least is ${spec.min}`)
  if (spec.max !== undefined && value > spec.max)
    throw new CommandError('usage', `${source} cannot be ${text}: the most is ${spec.max}`)
  return value
}

function readBy(read: (text: string) => number, text: string, source: string): number {
  try {
    return read(text)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new CommandError('usage', `${source}: ${error.message}`)
  }
}
