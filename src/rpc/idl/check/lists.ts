// Linked lists: a struct whose last field is optional data of its own type. Such a struct loses its link, a pointer to it
// becomes a list, and where it stands by itself, a list that has a first node.

import { linkOf, structOf } from './recursion.ts'
import type { Field, ProgramSchema, Schema, StructSchema, TypeSchema, Use } from './schema.ts'

export function recogniseLists(schema: Schema): Schema {
  const byName = new Map(schema.types.map(type => [type.name, type]))
  const links = new Map<string, string>()
  for (const type of schema.types) {
    const link = type.kind === 'struct' ? linkOf(type, byName) : undefined
    if (link !== undefined) links.set(type.name, link)
  }
  if (links.size === 0) return schema
  const use = (one: Use): Use => listUse(one, links, byName)
  return {
    constants: schema.constants,
    types: schema.types.map(type => withLists(type, links, use)),
    programs: schema.programs.map(program => programWith(program, use)),
  }
}

function listUse(use: Use, links: ReadonlyMap<string, string>, byName: ReadonlyMap<string, TypeSchema>): Use {
  const inner = (one: Use): Use => listUse(one, links, byName)
  switch (use.kind) {
    case 'named':
      return links.has(use.name) ? { kind: 'list', node: use.name, isFull: true } : use
    case 'optional': {
      const node = structOf(use.of, byName)
      if (node !== undefined && links.has(node.name)) return { kind: 'list', node: node.name, isFull: false }
      return { ...use, of: inner(use.of) }
    }
    case 'array':
    case 'varArray':
      return { ...use, of: inner(use.of) }
    case 'tuple':
      return { ...use, of: use.of.map(one => ({ ...one, use: inner(one.use) })) }
    default:
      return use
  }
}

function withLists(type: TypeSchema, links: ReadonlyMap<string, string>, use: (one: Use) => Use): TypeSchema {
  const field = (one: Field): Field => ({ ...one, use: use(one.use) })
  switch (type.kind) {
    case 'struct':
      return withoutLink({ ...type, fields: type.fields.map(field) }, links.get(type.name))
    case 'union':
      return { ...type, arms: type.arms.map(one => ({ ...one, field: one.field && field(one.field) })) }
    case 'typedef':
      return { ...type, use: use(type.use) }
    case 'enum':
      return type
  }
}

function withoutLink(struct: StructSchema, link: string | undefined): StructSchema {
  return link === undefined ? struct : { ...struct, fields: struct.fields.slice(0, -1), link }
}

function programWith(program: ProgramSchema, use: (one: Use) => Use): ProgramSchema {
  return {
    ...program,
    versions: program.versions.map(version => ({
      ...version,
      procedures: version.procedures.map(one => ({
        ...one,
        argument: use(one.argument),
        result: use(one.result),
      })),
    })),
  }
}
