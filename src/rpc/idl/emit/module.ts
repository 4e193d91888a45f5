// The module that is written for an .x file: imports, constants, enums, types with their tables, programs. Constants and
// enums stand first, because tables use them when the module is loaded; all else keeps the order of the source.

import type { EnumSchema, Schema, TypeSchema } from '../check/schema.ts'
import { file } from './code.ts'
import { constant, enumeration, type } from './definitions.ts'
import { type Doc, group, indent, join, line, newline, whenBroken } from './layout.ts'
import { ModuleNames } from './names.ts'
import { programs } from './programs.ts'
import { type StringPolicy, Uses } from './uses.ts'

export interface EmitOptions {
  /** What line one says it was made from: a name without a path, so that it is the same everywhere. */
  readonly sourceName: string
  /** Where the types of the wire are imported from. */
  readonly importFrom: string
  readonly strings: StringPolicy
}

/** The TypeScript module. The same source and options give the same text. */
export function emitModule(schema: Schema, { sourceName, importFrom, strings }: EmitOptions): string {
  const names = new ModuleNames()
  // Names of the source come before names that are made up.
  for (const { name } of [...schema.constants, ...schema.types]) names.take(name)
  const uses = new Uses(schema.types, names, strings)
  const enums = schema.types.filter(isEnum)
  const others = schema.types.filter(one => !isEnum(one))
  const body: Doc[] = [
    ...joined(schema.constants.map(one => constant(one, names))),
    ...enums.map(one => enumeration(one, uses)),
    ...others.map(one => type(one, uses)),
    ...programs(schema.programs, uses),
  ]
  const head = `// Made from ${sourceName} by posthorn idl compile. Do not edit: change the source, and make it again.`
  return file([head, ...imports(schema, importFrom), ...body])
}

function isEnum(schema: TypeSchema): schema is EnumSchema {
  return schema.kind === 'enum'
}

/** Constants stand together. */
function joined(docs: readonly Doc[]): Doc[] {
  return docs.length === 0 ? [] : [join(newline, docs)]
}

function imports({ types, programs: all }: Schema, from: string): Doc[] {
  const hasVersions = all.some(({ versions }) => versions.length > 0)
  const names = [
    ...(hasVersions ? ['type ClientOf', 'program', 'type ServerOf'] : []),
    ...(types.length > 0 ? ['type Xdr'] : []),
    ...(types.length > 0 || hasVersions ? ['xdr'] : []),
  ]
  if (names.length === 0) return []
  return [
    group('import {', indent(line, join([',', line], names)), whenBroken(','), line, `} from '${from}'`),
  ]
}
