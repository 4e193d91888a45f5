// Programs: for each version a descriptor, and the types of its client and its server.

import type { ProgramSchema, VersionSchema } from '../check/schema.ts'
import { callWith, comment, object, openObject, quoted } from './code.ts'
import { type Doc, newline } from './layout.ts'
import { propertyName } from './names.ts'
import type { Uses } from './uses.ts'

/** All versions of all programs, each a statement. */
export function programs(schemas: readonly ProgramSchema[], uses: Uses): Doc[] {
  const versions = schemas.flatMap(program => program.versions.map(version => ({ program, version })))
  const count = new Map<string, number>()
  for (const { version } of versions) count.set(version.name, (count.get(version.name) ?? 0) + 1)
  return versions.map(({ program, version }) => {
    // Several programs of a file may call their versions alike.
    const isAlone = count.get(version.name) === 1
    return descriptor(program, version, isAlone ? version.name : `${program.name}_${version.name}`, uses)
  })
}

function descriptor(program: ProgramSchema, version: VersionSchema, wanted: string, uses: Uses): Doc {
  const name = uses.names.take(`program ${wanted}`, wanted)
  const procedures = version.procedures.map(one => {
    const parts: Doc[] = [
      `number: ${one.number}`,
      ['argument: ', uses.table(one.argument)],
      ['result: ', uses.table(one.result)],
    ]
    const names =
      one.argument.kind === 'tuple' ? one.argument.of.map(({ name }, n) => name ?? `argument ${n + 1}`) : []
    const takes = names.length === 0 ? undefined : `Takes [${names.join(', ')}].`
    const doc = [one.doc, takes].filter(text => text !== undefined).join('\n\n')
    return [...comment(doc), `${propertyName(one.name)}: `, object(parts)]
  })
  const entries: Doc[] = [
    `name: ${quoted(program.name)}`,
    `program: ${program.number}`,
    `version: ${version.number}`,
    ['procedures: ', openObject(procedures)],
  ]
  const client = uses.names.take(`client ${wanted}`, `${wanted}_client`)
  const server = uses.names.take(`server ${wanted}`, `${wanted}_server`)
  return [
    comment(version.doc ?? program.doc ?? `${program.name}, version ${version.number}.`),
    `export const ${name} = `,
    callWith('program', [], openObject(entries)),
    newline,
    `export type ${client} = ClientOf<typeof ${name}>`,
    newline,
    `export type ${server} = ServerOf<typeof ${name}>`,
  ]
}
