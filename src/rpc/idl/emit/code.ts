// TypeScript in the shapes that are emitted: calls, objects, arrays, unions of types, comments.

import { type Doc, group, indent, join, layOut, line, newline, softline, whenBroken } from './layout.ts'

/** f(a, b), broken between all arguments when it does not fit. */
export function call(name: string, args: readonly Doc[]): Doc {
  if (args.length === 0) return `${name}()`
  if (isComposition(args)) return [`${name}(`, indent(args.map(one => [newline, one, ','])), newline, ')']
  return group(`${name}(`, indent(softline, join([',', line], args)), whenBroken(','), softline, ')')
}

/** f(a, b, [ ... ]) with the last argument, an object or array, opened in place. */
export function callWith(name: string, args: readonly Doc[], last: Doc): Doc {
  if (isComposition([...args, last])) return call(name, [...args, last])
  return { kind: 'hug', open: `${name}(`, args, last }
}

/** A type by a function, for one whose table stands further down. */
export function lazily(table: string): string {
  return `${lazy}() => ${table})`
}
const lazy = 'xdr.lazy('

/** Formatters open a call of several arguments one of which is a call with a function. */
function isComposition(args: readonly Doc[]): boolean {
  return args.length > 1 && args.some(one => typeof one === 'string' && one.startsWith(lazy))
}

/** An object that is always open: one entry a line. */
export function openObject(entries: readonly Doc[]): Doc {
  return ['{', indent(entries.map(one => [newline, one, ','])), newline, '}']
}

/** An object in one line when it fits. */
export function object(entries: readonly Doc[]): Doc {
  return group('{', indent(line, join([',', line], entries)), whenBroken(','), line, '}')
}

export function array(items: readonly Doc[]): Doc {
  if (items.length === 0) return '[]'
  return group('[', indent(softline, join([',', line], items)), whenBroken(','), softline, ']')
}

/** An array of numbers, as many to a line as fit. */
export function numberArray(items: readonly string[]): Doc {
  const filled: Doc = { kind: 'fill', of: items.map((one, n) => (n < items.length - 1 ? `${one},` : one)) }
  return group('[', indent(softline, filled), whenBroken(','), softline, ']')
}

/** { readonly a: A; readonly b?: B }, in one line when it fits. */
export function objectType(members: readonly Doc[]): Doc {
  return group(
    '{',
    indent(
      line,
      members.flatMap((one, n) => (n === 0 ? [one] : [semicolon, line, one])),
    ),
    line,
    '}',
  )
}
const semicolon: Doc = { kind: 'whenFlat', text: ';' }

/** A | B behind an equals sign or colon; each on its own line when they do not fit. */
export function unionType(types: readonly Doc[]): Doc {
  const [only] = types
  if (types.length === 1 && only !== undefined) return [' ', only]
  return group(
    indent(
      line,
      whenBroken('| '),
      join(
        [line, '| '],
        types.map(one => indent(one)),
      ),
    ),
  )
}

/** A JSDoc comment and the line break behind it; nothing for no text. */
export function comment(text: string | undefined): Doc[] {
  if (text === undefined || text.trim() === '') return []
  const lines = text.split('\n')
  if (lines.length === 1) return [`/** ${lines[0]} */`, newline]
  return ['/**', newline, ...lines.flatMap(one => [one === '' ? ' *' : ` * ${one}`, newline]), ' */', newline]
}

/** A string literal: single quotes, unless that takes more escapes. */
export function quoted(text: string): string {
  const inner = JSON.stringify(text).slice(1, -1)
  const isDouble = text.includes("'") && text.split("'").length > text.split('"').length
  if (isDouble) return `"${inner}"`
  return `'${inner.replaceAll('\\"', '"').replaceAll("'", "\\'")}'`
}

/** Statements with an empty line between them, as a file. */
export function file(statements: readonly Doc[]): string {
  return `${layOut(join([newline, newline], statements))}\n`
}
