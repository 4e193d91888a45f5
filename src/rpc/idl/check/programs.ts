// Programs (RFC 5531, 12.2): numbers and names of versions are unique in a program, those of procedures in a version.

import type {
  Definition,
  Name,
  ProcedureDefinition,
  ProcedureType,
  Value,
  VersionDefinition,
} from '../grammar/syntax.ts'
import type { Place } from '../source/source.ts'
import type { Checker } from './check.ts'
import type { ProcedureSchema, ProgramSchema, Use, VersionSchema } from './schema.ts'

export function checkPrograms(definitions: readonly Definition[], checker: Checker): ProgramSchema[] {
  const numbers = new Numbers(checker, 'program')
  return definitions.flatMap(definition => {
    if (definition.kind !== 'program') return []
    const { name, versions, doc } = definition
    const number = numbers.take(definition.number)
    checker.unique(
      versions.map(one => one.name),
      `the program ${name.text}`,
    )
    const versionNumbers = new Numbers(checker, 'version')
    const checked = versions.map(one => checkVersion(one, versionNumbers, checker))
    return [{ name: name.text, number, versions: checked, doc }]
  })
}

function checkVersion(version: VersionDefinition, numbers: Numbers, checker: Checker): VersionSchema {
  const { name, procedures, doc } = version
  checker.unique(
    procedures.map(one => one.name),
    `the version ${name.text}`,
  )
  const procedureNumbers = new Numbers(checker, 'procedure')
  return {
    name: name.text,
    number: numbers.take(version.number),
    procedures: procedures.map(one => checkProcedure(one, procedureNumbers, checker)),
    doc,
  }
}

function checkProcedure(procedure: ProcedureDefinition, numbers: Numbers, checker: Checker): ProcedureSchema {
  const { name, parameters, doc } = procedure
  const number = numbers.take(procedure.number)
  const result = useOf(procedure.result, name, checker)
  return { name: name.text, number, argument: argumentOf(parameters, name, checker), result, doc }
}

/** Several arguments travel one after the other, as one value that is a tuple. */
function argumentOf(parameters: readonly ProcedureType[], name: Name, checker: Checker): Use {
  const [first, ...rest] = parameters
  if (first === undefined) return { kind: 'void' }
  if (rest.length === 0) return useOf(first, name, checker)
  checker.unique(
    parameters.flatMap(one => (one.kind === 'declared' ? (one.name ?? []) : [])),
    `the procedure ${name.text}`,
  )
  const of = parameters.map(one => ({
    name: one.kind === 'declared' ? one.name?.text : undefined,
    use: useOf(one, name, checker),
  }))
  return { kind: 'tuple', of }
}

function useOf(type: ProcedureType, name: Name, checker: Checker): Use {
  if (type.kind === 'void') return { kind: 'void' }
  const { type: inner, place } = type
  if (inner.kind === 'enum' || inner.kind === 'struct' || inner.kind === 'union') {
    checker.diagnostics.error(place, `give this ${inner.kind} a name: procedures take and give types by name`)
    return { kind: 'void' }
  }
  return checker.use({ type: inner, shape: type.shape }, name.text)
}

/** Numbers of one kind, each of which may be there once. */
class Numbers {
  readonly #seen = new Map<number, Place>()
  readonly #checker: Checker
  readonly #what: string

  constructor(checker: Checker, what: string) {
    this.#checker = checker
    this.#what = what
  }

  take(value: Value): number {
    const number = this.#checker.unsigned(value, `the number of a ${this.#what}`)
    if (number === undefined) return 0
    const first = this.#seen.get(number)
    if (first !== undefined)
      this.#checker.diagnostics.error(value.place, `another ${this.#what} has the number ${number}`, {
        message: 'it is here',
        place: first,
      })
    this.#seen.set(number, value.place)
    return number
  }
}
