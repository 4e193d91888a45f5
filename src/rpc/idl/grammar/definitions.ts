// Definitions: const, typedef, enum, struct, union, program.

import { named } from '../preprocess/expression.ts'
import type { Diagnostics } from '../source/diagnostic.ts'
import type { Token } from '../source/token.ts'
import { Parser } from './parser.ts'
import { parseProgram } from './programs.ts'
import type { Definition, Specification } from './syntax.ts'
import { parseDeclaration, parseFields, parseMembers, parseUnionBody } from './types.ts'

/** Parses a whole source. Mistakes are reported, and what they spoil is left out. */
export function parseSpecification(tokens: readonly Token[], diagnostics: Diagnostics): Specification {
  const parser = new Parser(tokens, diagnostics)
  const definitions: Definition[] = []
  const passed = (): void => {
    for (const { text, place } of parser.takePassed()) definitions.push({ kind: 'pass', text, place })
  }
  while (parser.token.kind !== 'end' && !diagnostics.isFull) {
    passed()
    parser.attempt(() => definitions.push(parseDefinition(parser)))
    // A brace too many ends no block here.
    if (parser.is('}')) parser.advance()
  }
  passed()
  return { definitions }
}

function parseDefinition(parser: Parser): Definition {
  const first = parser.token
  const definition = parseBody(parser, first)
  parser.expect(';', 'after the definition')
  return 'doc' in definition ? { ...definition, doc: parser.docOf(first) } : definition
}

function parseBody(parser: Parser, first: Token): Definition {
  const doc = undefined
  const word = first.kind === 'word' ? first.text : ''
  switch (word) {
    case 'const':
      parser.advance()
      return parseConst(parser)
    case 'typedef':
      parser.advance()
      return { kind: 'typedef', declaration: parseDeclaration(parser, 'a type'), doc }
    case 'enum':
      parser.advance()
      return { kind: 'enum', name: parser.name('an enum'), members: parseMembers(parser), doc }
    case 'struct':
      parser.advance()
      return { kind: 'struct', name: parser.name('a struct'), fields: parseFields(parser), doc }
    case 'union':
      parser.advance()
      return { kind: 'union', name: parser.name('a union'), body: parseUnionBody(parser), doc }
    case 'program':
      parser.advance()
      return parseProgram(parser)
    default:
      return parser.diagnostics.abandon(
        first.place,
        `const, typedef, enum, struct, union or program is expected, not ${named(first)}`,
      )
  }
}

function parseConst(parser: Parser): Definition {
  const name = parser.name('a constant')
  parser.expect('=', 'after the name of the constant')
  if (parser.token.kind === 'string') {
    const text = parser.advance().text
    return { kind: 'text', name, text: unquoted(text), doc: undefined }
  }
  return { kind: 'const', name, value: parser.value(), doc: undefined }
}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '0': '\0' }

function unquoted(text: string): string {
  return text.slice(1, -1).replace(/\\(.)/gs, (_, letter: string) => escapes[letter] ?? letter)
}
