// The meaning of a source: declares all names, gives anonymous types names, evaluates numbers, and hands each definition to
// the file that checks its kind. Definitions may use names that come later, as rpcgen allows.

import { LENGTH_MAX } from '../../xdr/limits.ts'
import type {
  Base,
  Declaration,
  Definition,
  Member,
  Name,
  Specification,
  TypeSpecifier,
  Value,
} from '../grammar/syntax.ts'
import type { Diagnostics } from '../source/diagnostic.ts'
import type { Place } from '../source/source.ts'
import type { Token } from '../source/token.ts'
import { recogniseLists } from './lists.ts'
import { Names } from './names.ts'
import { checkPrograms } from './programs.ts'
import { checkRecursion } from './recursion.ts'
import type { ConstSchema, EnumSchema, Field, Schema, Size, StructSchema, TypeSchema, Use } from './schema.ts'
import { checkUnion } from './unions.ts'

/** Checks a source and gives what it says; after errors, what is left of it. */
export function checkSpecification(
  { definitions }: Specification,
  external: ReadonlyMap<string, readonly Token[]>,
  diagnostics: Diagnostics,
): Schema {
  const checker = new Checker(new Names(external, diagnostics), diagnostics)
  for (const definition of definitions) checker.declare(definition)
  for (const definition of definitions) checker.define(definition)
  const places = checker.places
  checkRecursion(checker.types, places, diagnostics)
  const programs = checkPrograms(definitions, checker)
  // Lists are recognised where types end well: after a mistake nothing is written anyway.
  if (diagnostics.errors > 0) return { constants: checker.constants, types: checker.types, programs }
  return recogniseLists({ constants: checker.constants, types: checker.types, programs })
}

/** A declaration whose name may be missing. */
interface Used extends Pick<Declaration, 'type' | 'shape'> {
  readonly name?: Name
}

/** What a discriminant's type can come down to. */
type ResolvedName =
  | { readonly kind: 'base'; readonly base: Base }
  | { readonly kind: 'enum'; readonly name: string; readonly members: readonly Member[] }

export class Checker {
  readonly names: Names
  readonly diagnostics: Diagnostics
  readonly constants: ConstSchema[] = []
  readonly types: TypeSchema[] = []
  /** Where each type is named. */
  readonly places = new Map<string, Place>()
  readonly #written = new Map<string, ResolvedName | { readonly kind: 'named'; readonly name: string }>()

  constructor(names: Names, diagnostics: Diagnostics) {
    this.names = names
    this.diagnostics = diagnostics
  }

  declare(definition: Definition) {
    if (isEcho(definition)) return
    switch (definition.kind) {
      case 'const':
        return this.names.declare(definition.name, { kind: 'const', value: definition.value })
      case 'text':
        return this.names.declare(definition.name, { kind: 'text' })
      case 'enum':
        this.#declareType(definition.name)
        return this.declareMembers(definition.name.text, definition.members)
      case 'struct':
        this.#declareType(definition.name)
        return this.#declareInner(definition.name.text, definition.fields)
      case 'union': {
        this.#declareType(definition.name)
        const { arms, discriminant } = definition.body
        this.#declareBody(
          `${definition.name.text}_${discriminant.name.text}`,
          discriminant.type,
          discriminant.name.place,
        )
        return this.#declareInner(
          definition.name.text,
          arms.flatMap(({ declaration }) => declaration ?? []),
        )
      }
      case 'typedef':
        return this.#declareTypedef(definition.declaration)
      case 'program':
        this.names.declare(definition.name, { kind: 'program' })
        return this.#declareNumbers(definition)
      case 'pass':
        return
    }
  }

  define(definition: Definition) {
    if (isEcho(definition)) return
    const { doc } = definition.kind === 'pass' ? { doc: undefined } : definition
    switch (definition.kind) {
      case 'const': {
        const value = this.names.valueOf(definition.value)
        if (value !== undefined)
          this.constants.push({ kind: 'const', name: definition.name.text, value, doc })
        return
      }
      case 'text':
        this.constants.push({ kind: 'const', name: definition.name.text, value: definition.text, doc })
        return
      case 'typedef':
        return this.#defineTypedef(definition.declaration, doc)
      case 'enum':
      case 'struct':
        return this.#defineType(definition.name, definition, doc)
      case 'union':
        return this.#defineType(definition.name, { kind: 'union', ...definition.body }, doc)
      default:
        return
    }
  }

  /** The type of a declaration. `path` names anonymous types in it: struct_field. */
  use({ name, type, shape }: Used, path: string): Use {
    if (type.kind === 'string')
      return { kind: 'string', max: shape.kind === 'variable' ? this.size(shape.size) : undefined }
    if (type.kind === 'opaque')
      return shape.kind === 'fixed'
        ? { kind: 'opaque', length: this.#fixedSize(shape.size) }
        : { kind: 'varOpaque', max: shape.kind === 'variable' ? this.size(shape.size) : undefined }
    const of = this.#useOf(type, name, path)
    switch (shape.kind) {
      case 'one':
        return of
      case 'fixed':
        return { kind: 'array', of, length: this.#fixedSize(shape.size) }
      case 'variable':
        return { kind: 'varArray', of, max: this.size(shape.size) }
      case 'optional':
        return { kind: 'optional', of }
    }
  }

  /** A bound; undefined for none. */
  size(value: Value | undefined): Size | undefined {
    if (value === undefined) return undefined
    const found = this.names.valueOf(value)
    if (found === undefined) return { value: 0, constant: undefined }
    if (found < 0n || found > BigInt(LENGTH_MAX))
      this.diagnostics.error(value.place, `a length is 0 to ${LENGTH_MAX}, not ${found}`)
    const isConstant = value.kind === 'name' && this.names.get(value.name)?.kind === 'const'
    return { value: Number(found), constant: isConstant ? value.name : undefined }
  }

  /** A number of 32 bits without a sign. */
  unsigned(value: Value, what: string): number | undefined {
    const found = this.names.valueOf(value)
    if (found === undefined) return undefined
    if (found >= 0n && found <= 0xffff_ffffn) return Number(found)
    this.diagnostics.error(value.place, `${what} is 0 to 4294967295, not ${found}`)
    return undefined
  }

  /** What a type name means, through typedefs: an enum or a base type; undefined for all others. */
  resolve(name: string): ResolvedName | undefined {
    const seen = new Set<string>()
    for (let next = name; !seen.has(next); ) {
      seen.add(next)
      const found = this.#written.get(next)
      if (found === undefined || found.kind !== 'named') return found
      next = found.name
    }
    return undefined
  }

  /** The first member of an enum with this value. */
  memberOf(name: string | undefined, value: bigint): string | undefined {
    const found = name === undefined ? undefined : this.#written.get(name)
    if (found?.kind !== 'enum') return undefined
    return found.members.find(one => this.names.memberValue(one.name.text) === value)?.name.text
  }

  declareMembers(of: string, members: readonly Member[]): void {
    this.#written.set(of, { kind: 'enum', name: of, members })
    let after: string | undefined
    for (const { name, value } of members) {
      this.names.declare(name, { kind: 'member', of, value, after })
      after = name.text
    }
  }

  #declareNumbers({ name, number, versions }: Extract<Definition, { kind: 'program' }>): void {
    this.names.declareNumber(name, number)
    for (const version of versions) {
      this.names.declareNumber(version.name, version.number)
      for (const procedure of version.procedures) this.names.declareNumber(procedure.name, procedure.number)
    }
  }

  #fixedSize(value: Value): Size {
    return this.size(value) ?? { value: 0, constant: undefined }
  }

  #declareType(name: Name): void {
    this.names.declare(name, { kind: 'type' })
    if (!this.places.has(name.text)) this.places.set(name.text, name.place)
  }

  #declareTypedef({ name, type, shape }: Declaration): void {
    this.#declareType(name)
    if (shape.kind === 'one' && type.kind === 'base') this.#written.set(name.text, type)
    if (shape.kind === 'one' && type.kind === 'named')
      this.#written.set(name.text, { kind: 'named', name: type.name.text })
    // The body of a typedef'd enum, struct or union takes the name itself, unless there are several of it.
    const isOne = shape.kind === 'one'
    this.#declareBody(isOne ? name.text : `${name.text}_item`, type, isOne ? undefined : name.place)
  }

  #declareInner(path: string, declarations: readonly Declaration[]): void {
    for (const { name, type } of declarations) this.#declareBody(`${path}_${name.text}`, type, name.place)
  }

  #declareBody(path: string, type: Declaration['type'], place: Place | undefined): void {
    const isBody = type.kind === 'enum' || type.kind === 'struct' || type.kind === 'union'
    if (!isBody) return
    if (place !== undefined) this.#declareType({ text: path, place })
    if (type.kind === 'enum') this.declareMembers(path, type.members)
    else if (type.kind === 'struct') this.#declareInner(path, type.fields)
    else {
      const { name, type: discriminant } = type.discriminant
      this.#declareBody(`${path}_${name.text}`, discriminant, name.place)
      this.#declareInner(
        path,
        type.arms.flatMap(({ declaration }) => declaration ?? []),
      )
    }
  }

  #defineTypedef(declaration: Declaration, doc: string | undefined) {
    const { name, type, shape } = declaration
    const isBody = type.kind === 'enum' || type.kind === 'struct' || type.kind === 'union'
    if (isBody && shape.kind === 'one') return this.#defineType(name, type, doc)
    const use = this.use({ ...declaration, name: { text: 'item', place: name.place } }, name.text)
    this.types.push({ kind: 'typedef', name: name.text, use, doc })
  }

  #defineType(name: Name, type: TypeSpecifier, doc: string | undefined): void {
    if (type.kind === 'enum') this.types.push(this.#enum(name.text, type.members, doc))
    else if (type.kind === 'struct') this.types.push(this.#struct(name, type.fields, doc))
    else if (type.kind === 'union') {
      const union = checkUnion(name, type, doc, this)
      if (union !== undefined) this.types.push(union)
    }
  }

  #useOf(type: TypeSpecifier, name: Name | undefined, path: string): Use {
    if (type.kind === 'base') return { kind: 'base', base: type.base }
    if (type.kind === 'named') {
      this.names.expectType(type.name)
      return { kind: 'named', name: type.name.text }
    }
    const inner = `${path}_${name?.text ?? 'item'}`
    const place = name?.place ?? this.places.get(path)
    if (place !== undefined) this.#defineType({ text: inner, place }, type, undefined)
    return { kind: 'named', name: inner }
  }

  #enum(name: string, members: readonly Member[], doc: string | undefined): EnumSchema {
    const known = members.flatMap(member => {
      const value = this.names.memberValue(member.name.text)
      if (value === undefined) return []
      if (value < -0x8000_0000n || value > 0x7fff_ffffn)
        this.diagnostics.error(member.name.place, `a member of an enum is an int, which ${value} is not`)
      return [{ name: member.name.text, value: Number(value), doc: member.doc }]
    })
    return { kind: 'enum', name, members: known, doc }
  }

  #struct(name: Name, declarations: readonly Declaration[], doc: string | undefined): StructSchema {
    this.unique(
      declarations.map(one => one.name),
      `the struct ${name.text}`,
    )
    const fields: Field[] = declarations.map(one => ({
      name: one.name.text,
      use: this.use(one, name.text),
      doc: one.doc,
    }))
    return { kind: 'struct', name: name.text, fields, link: undefined, doc }
  }

  /** Reports names that are there twice (RFC 4506, 6.4: names are unique within a struct or union). */
  unique(names: readonly Name[], where: string): void {
    const seen = new Map<string, Place>()
    for (const { text, place } of names) {
      const first = seen.get(text)
      if (first === undefined) seen.set(text, place)
      else
        this.diagnostics.error(place, `${where} has a '${text}' already`, {
          message: 'it is here',
          place: first,
        })
    }
  }
}

/** typedef struct a a; gives C the name without 'struct'. Here it has it already. */
function isEcho(definition: Definition): boolean {
  if (definition.kind !== 'typedef') return false
  const { name, type, shape } = definition.declaration
  return shape.kind === 'one' && type.kind === 'named' && type.name.text === name.text
}
