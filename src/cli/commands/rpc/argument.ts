// What stands on the command line for an argument of a call. The rule, in one sentence: what is JSON is that value, and
// anything else is a text. So a number needs no care, and a text needs quotes only where it looks like something else.

import { readFileSync } from 'node:fs'
import { inout } from '../../../rpc/index.ts'
import { CommandError } from '../../exit.ts'
import type { Input } from '../../terminal.ts'

/** The rule as help tells it. */
export const argumentRule =
  'An argument that is JSON is that value (3, true, null, [1,2], {"a":1}, "3" for the text 3), digits with an n behind them are a bigint, and anything else is a text. What begins with {, [ or " must be JSON. @file is what the file holds, by the same rule; - is standard input; @@ at the beginning is a text that begins with @. What begins with - goes behind --.'

/** Reads the arguments of a call. Errors: CommandError. */
export async function readArguments(words: readonly string[], stdin: Input): Promise<readonly unknown[]> {
  if (words.filter(word => word === '-').length > 1)
    throw new CommandError('usage', 'standard input can be one argument only')
  const values: unknown[] = []
  for (const word of words) values.push(jsonValue(await textOf(word, stdin), word))
  return values
}

async function textOf(word: string, stdin: Input): Promise<string> {
  if (word === '-') return allOf(stdin)
  if (word.startsWith('@') && !word.startsWith('@@')) return fileText(word.slice(1))
  return word
}

function fileText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new CommandError('notFound', `the file ${path} cannot be read`, undefined, error)
  }
}

function jsonValue(text: string, word: string): unknown {
  if (word.startsWith('@@')) return word.slice(1)
  if (/^-?\d+n$/.test(text.trim())) return BigInt(text.trim().slice(0, -1))
  try {
    return JSON.parse(text) as unknown
  } catch (error) {
    if (!/^\s*[[{"]/.test(text)) return word === text ? text : text.replace(/\r?\n$/, '')
    const reason = error instanceof Error ? error.message : String(error)
    throw new CommandError('usage', `the argument '${word.slice(0, 60)}' is not JSON: ${reason}`)
  }
}

/** Arguments with those marked that are to be restored, by their positions from 1. Errors: CommandError. */
export function marked(plain: readonly unknown[], positions: readonly number[]): readonly unknown[] {
  const args: unknown[] = [...plain]
  for (const n of positions) {
    const value = plain[n - 1]
    if (typeof value !== 'object' || value === null)
      throw new CommandError(
        'usage',
        `--inout ${n}: only a list or an object can be restored, and ${n > plain.length ? 'there is no such argument' : 'this is none'}`,
      )
    args[n - 1] = inout(value)
  }
  return args
}

async function allOf(stdin: Input): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of stdin) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks).toString('utf8')
}
