// program { version { procedure } } (RFC 5531, section 12), with what rpcgen adds: several arguments, names for them,
// and string without brackets.

import type { Parser } from './parser.ts'
import type { Definition, ProcedureDefinition, ProcedureType, VersionDefinition } from './syntax.ts'
import { parseDeclaredType, parseShape } from './types.ts'

export function parseProgram(parser: Parser): Definition {
  const name = parser.name('a program')
  const versions: VersionDefinition[] = []
  parser.block(() => versions.push(parseVersion(parser)), 'a program')
  parser.expect('=', 'between a program and its number')
  return { kind: 'program', name, versions, number: parser.value(), doc: undefined }
}

function parseVersion(parser: Parser): VersionDefinition {
  const first = parser.expect('version', 'in the program')
  const name = parser.name('a version')
  const procedures: ProcedureDefinition[] = []
  parser.block(() => procedures.push(parseProcedure(parser)), 'a version')
  parser.expect('=', 'between a version and its number')
  const number = parser.value()
  parser.expect(';', 'after the version')
  return { name, number, procedures, doc: first.doc }
}

function parseProcedure(parser: Parser): ProcedureDefinition {
  const first = parser.token
  const result = parseProcedureType(parser)
  const name = parser.name('a procedure')
  parser.expect('(', 'after the name of the procedure')
  const parameters = parser.is(')') ? [{ kind: 'void' } as const] : parseParameters(parser)
  parser.expect(')', 'after the arguments')
  parser.expect('=', 'between a procedure and its number')
  const number = parser.value()
  parser.expect(';', 'after the procedure')
  return { name, number, result, parameters, doc: parser.docOf(first) }
}

function parseParameters(parser: Parser): ProcedureType[] {
  const parameters: ProcedureType[] = []
  do {
    const { place } = parser.token
    const one = parseProcedureType(parser)
    if (parameters.length > 0 && (one.kind === 'void' || parameters[0]?.kind === 'void'))
      parser.diagnostics.abandon(place, 'void stands alone')
    parameters.push(named(parser, one))
  } while (parser.take(','))
  return parameters
}

function named(parser: Parser, one: ProcedureType): ProcedureType {
  if (one.kind === 'void' || parser.token.kind !== 'word') return one
  const name = parser.name('an argument')
  const shape =
    one.shape.kind === 'one' || (one.type.kind === 'string' && !parser.is(','))
      ? parseShape(parser)
      : one.shape
  return { ...one, name, shape: shape.kind === 'one' ? one.shape : shape }
}

function parseProcedureType(parser: Parser): ProcedureType {
  if (parser.take('void')) return { kind: 'void' }
  const { place } = parser.token
  const type = parseDeclaredType(parser)
  if (parser.is('*'))
    parser.diagnostics.abandon(
      parser.token.place,
      'name the pointer with a typedef: procedures take and give types by name',
    )
  const shape = parseShape(parser)
  if (type.kind === 'opaque' && shape.kind === 'one')
    parser.diagnostics.abandon(parser.token.place, 'opaque needs a length; name it with a typedef')
  if (type.kind === 'string' && shape.kind === 'one')
    return { kind: 'declared', type, shape: { kind: 'variable', size: undefined }, name: undefined, place }
  return { kind: 'declared', type, shape, name: undefined, place }
}
