// Types where they are written: base types in all their spellings, names, and the bodies of enums, structs and unions that
// stand in a declaration.

import { named } from '../preprocess/expression.ts'
import type { Parser } from './parser.ts'
import type { Base, Declaration, Member, Shape, TypeSpecifier, UnionArm, UnionBody, Value } from './syntax.ts'

/** Spellings of base types in one word: XDR's own, and those of C that rpcgen takes. long is 32 bits in XDR's world. */
const words: Readonly<Record<string, Base>> = {
  ...{ int: 'int', long: 'int', int32_t: 'int' },
  ...{ u_int: 'unsigned int', u_long: 'unsigned int', uint32_t: 'unsigned int', u_int32_t: 'unsigned int' },
  ...{ hyper: 'hyper', int64_t: 'hyper', longlong_t: 'hyper', quad_t: 'hyper' },
  ...{ uint64_t: 'unsigned hyper', u_int64_t: 'unsigned hyper', u_longlong_t: 'unsigned hyper' },
  ...{ u_quad_t: 'unsigned hyper', u_hyper: 'unsigned hyper' },
  ...{ float: 'float', double: 'double', quadruple: 'quadruple', bool: 'bool', bool_t: 'bool' },
  ...{
    char: 'char',
    int8_t: 'char',
    u_char: 'unsigned char',
    uint8_t: 'unsigned char',
    u_int8_t: 'unsigned char',
  },
  ...{ short: 'short', int16_t: 'short', u_short: 'unsigned short', uint16_t: 'unsigned short' },
  u_int16_t: 'unsigned short',
}

/** What `unsigned` makes of the word behind it. */
const unsigned: Readonly<Record<string, Base>> = {
  ...{ int: 'unsigned int', long: 'unsigned int', hyper: 'unsigned hyper' },
  ...{ char: 'unsigned char', short: 'unsigned short' },
}

/** Whether the word by itself is a base type; `struct` before it makes it the name of something else. */
export function isBaseWord(word: string): boolean {
  return Object.hasOwn(words, word)
}

/** A type-specifier of RFC 4506. */
export function parseType(parser: Parser): TypeSpecifier {
  const { token, diagnostics } = parser
  if (token.kind !== 'word') diagnostics.abandon(token.place, `a type is expected, not ${named(token)}`)
  switch (token.text) {
    case 'unsigned':
      parser.advance()
      return { kind: 'base', base: parseUnsigned(parser) }
    case 'enum':
    case 'struct':
    case 'union':
      parser.advance()
      return parseTagged(parser, token.text)
    case 'void':
      return diagnostics.abandon(
        token.place,
        'void holds nothing: it can stand only for an arm, an argument or a result',
      )
  }
  const base = Object.hasOwn(words, token.text) ? words[token.text] : undefined
  if (base !== undefined) {
    parser.advance()
    return { kind: 'base', base: parseLong(parser, token.text, base) }
  }
  return { kind: 'named', name: parser.name('a type') }
}

function parseUnsigned(parser: Parser): Base {
  const { token } = parser
  const base = Object.hasOwn(unsigned, token.text) ? unsigned[token.text] : undefined
  if (base === undefined) return 'unsigned int'
  parser.advance()
  const whole = parseLong(parser, token.text, base)
  return whole === 'hyper' ? 'unsigned hyper' : whole
}

/** long long, long int, short int. */
function parseLong(parser: Parser, word: string, base: Base): Base {
  if (word === 'long' && parser.take('long')) {
    parser.take('int')
    return 'hyper'
  }
  if (word === 'long' || word === 'short') parser.take('int')
  return base
}

/** enum, struct or union: with a body, or before the name of one that is defined elsewhere, as rpcgen takes it. */
function parseTagged(parser: Parser, word: 'enum' | 'struct' | 'union'): TypeSpecifier {
  const isBody = word === 'union' ? parser.is('switch') : parser.is('{')
  if (!isBody) return { kind: 'named', name: parser.name('a type') }
  return parser.nested((): TypeSpecifier => {
    if (word === 'enum') return { kind: 'enum', members: parseMembers(parser) }
    if (word === 'struct') return { kind: 'struct', fields: parseFields(parser) }
    return { kind: 'union', ...parseUnionBody(parser) }
  })
}

/** { RED = 1, GREEN }; a comma may follow the last. */
export function parseMembers(parser: Parser): Member[] {
  const members: Member[] = []
  parser.block(() => {
    const first = parser.token
    const name = parser.name('a member of an enum')
    const value = parser.take('=') ? parser.value() : undefined
    if (!parser.is('}')) parser.expect(',', 'between the members of an enum')
    members.push({ name, value, doc: parser.docOf(first) })
  }, 'an enum')
  return members
}

/** { int a; string b<>; } */
export function parseFields(parser: Parser): Declaration[] {
  const fields: Declaration[] = []
  parser.block(() => {
    const first = parser.token
    const field = parseDeclaration(parser, 'a field')
    parser.expect(';', 'after the field')
    fields.push({ ...field, doc: parser.docOf(first) })
  }, 'a struct')
  return fields
}

/** switch (int status) { case 0: int value; default: void; } */
export function parseUnionBody(parser: Parser): UnionBody {
  parser.expect('switch', 'after the name of the union')
  parser.expect('(', "after 'switch'")
  const type = parseType(parser)
  const name = parser.name('a discriminant')
  parser.expect(')', 'after the discriminant')
  const arms: UnionArm[] = []
  parser.block(() => arms.push(parseArm(parser)), 'a union')
  return { discriminant: { name, type }, arms }
}

function parseArm(parser: Parser): UnionArm {
  const first = parser.token
  const cases: Value[] = []
  let isDefault = false
  if (!parser.is('case') && !parser.is('default'))
    parser.diagnostics.abandon(first.place, `'case' or 'default' is expected, not ${named(first)}`)
  while (parser.is('case') || parser.is('default')) {
    if (parser.advance().text === 'default') isDefault = true
    else cases.push(parser.value())
    parser.expect(':', 'after the case')
  }
  const inner = parser.token
  const declaration = parser.take('void') ? undefined : parseDeclaration(parser, 'an arm')
  parser.expect(';', 'after the arm')
  const doc = first.doc ?? inner.doc ?? parser.docOf(first)
  // A case beside the default adds nothing to it.
  return { place: first.place, cases: isDefault ? 'default' : cases, declaration, doc }
}

/** A declaration of RFC 4506, but void. `of` says what it declares: 'a field'. */
export function parseDeclaration(parser: Parser, of: string): Declaration {
  const type = parseDeclaredType(parser)
  if (type.kind !== 'opaque' && type.kind !== 'string' && parser.take('*')) {
    if (parser.is('*')) parser.diagnostics.abandon(parser.token.place, 'XDR has no pointer to a pointer')
    return { name: parser.name(of), type, shape: { kind: 'optional' }, doc: undefined }
  }
  const name = parser.name(of)
  const { token } = parser
  const shape = parseShape(parser)
  if (type.kind === 'opaque' && shape.kind === 'one')
    parser.diagnostics.abandon(
      token.place,
      `opaque needs a length: ${name.text}[n], or ${name.text}<n> for up to n bytes`,
    )
  if (type.kind === 'string' && shape.kind !== 'variable')
    parser.diagnostics.abandon(
      token.place,
      `a string has a bound or none, in angle brackets: ${name.text}<n> or ${name.text}<>`,
    )
  return { name, type, shape, doc: undefined }
}

/** A type, or one of the two words that are types only together with a shape. */
export function parseDeclaredType(parser: Parser): Declaration['type'] {
  if (parser.take('opaque')) return { kind: 'opaque' }
  if (parser.take('string')) return { kind: 'string' }
  return parseType(parser)
}

/** [n], <n>, <>, or nothing. */
export function parseShape(parser: Parser): Shape {
  let shape: Shape = { kind: 'one' }
  if (parser.take('[')) {
    shape = { kind: 'fixed', size: parser.value() }
    parser.expect(']', 'after the length')
  } else if (parser.take('<')) {
    shape = { kind: 'variable', size: parser.is('>') ? undefined : parser.value() }
    parser.expect('>', 'after the bound')
  }
  if (shape.kind !== 'one' && (parser.is('[') || parser.is('<')))
    parser.diagnostics.abandon(
      parser.token.place,
      'XDR has arrays of one dimension: name the inner one with a typedef',
    )
  return shape
}
