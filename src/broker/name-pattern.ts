// Regular expressions that administrators match names by: unanchored searches as RabbitMQ's, in JavaScript's syntax
// with a leading `(?i)`. Names are 255 bytes at most, so what is polynomial stays quick; a pattern that repeats what
// repeats, such as `(a+)+`, can take time without end for a name made for it, and is refused.

import { BrokerError } from './errors.ts'

/** Longest pattern in characters. Ours. */
export const PATTERN_LENGTH_MAX = 1024

/** Errors: ARGUMENT_INVALID. */
export function namePattern(text: string, lengthMax = PATTERN_LENGTH_MAX): RegExp {
  if (text.length > lengthMax)
    throw invalid(`a pattern has ${text.length} characters, ${lengthMax} are the most`)
  const blind = text.startsWith('(?i)')
  const source = blind ? text.slice(4) : text
  if (repeatsRepetition(source))
    throw invalid(
      `the pattern '${text.slice(0, 80)}' repeats a group that repeats something; write it without`,
    )
  try {
    return new RegExp(source, blind ? 'i' : '')
  } catch (error) {
    throw invalid(`not a regular expression: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** Whether an unbounded quantifier stands after a group that holds another. */
function repeatsRepetition(source: string): boolean {
  const bare = source.replace(/\\./gs, 'x').replace(/\[[^\]]*\]/g, 'x')
  /** For each open group: whether something repeats in it. */
  const groups: boolean[] = []
  for (let at = 0; at < bare.length; at++) {
    const repeats = /^(?:[*+]|\{\d+,\d*\})/.test(bare.slice(at, at + 8))
    if (bare[at] === '(') groups.push(false)
    else if (bare[at] === ')') {
      const inner = groups.pop() ?? false
      const outer = /^(?:[*+]|\{\d+,\d*\})/.test(bare.slice(at + 1, at + 9))
      if (inner && outer) return true
      if (inner && groups.length > 0) groups[groups.length - 1] = true
    } else if (repeats && groups.length > 0) groups[groups.length - 1] = true
  }
  return false
}

function invalid(message: string): BrokerError {
  return new BrokerError('ARGUMENT_INVALID', message)
}
