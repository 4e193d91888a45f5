// Random values of all types of an .x file, out of what the compiler understood of it: each use of a type becomes an
// arbitrary of fast-check. Lists and arrays are short, and types that lead back to themselves end soon.

import fc from 'fast-check'
import type { Arm, Schema, TypeSchema, UnionSchema, Use } from '../../src/rpc/idl/check/schema.ts'
import type { Base } from '../../src/rpc/idl/grammar/syntax.ts'

const LENGTH_MAX = 4
const BYTES_MAX = 20
const DEPTH_MAX = 4

/** Gives an arbitrary for each use of a type of the schema. */
export function valuesOf({ types }: Schema): (use: Use) => fc.Arbitrary<unknown> {
  const depthIdentifier = fc.createDepthIdentifier()
  const named = fc.letrec<Record<string, unknown>>(tie =>
    Object.fromEntries(types.map(type => [type.name, new Values(tie, depthIdentifier, types).ofType(type)])),
  )
  const tie = (name: string): fc.Arbitrary<unknown> => named[name] ?? unknownType(name)
  const values = new Values(tie, depthIdentifier, types)
  return use => values.of(use)
}

class Values {
  readonly #tie: (name: string) => fc.Arbitrary<unknown>
  readonly #depth: { readonly depthIdentifier: fc.DepthIdentifier; readonly maxDepth: number }
  readonly #types: readonly TypeSchema[]

  constructor(
    tie: (name: string) => fc.Arbitrary<unknown>,
    depthIdentifier: fc.DepthIdentifier,
    types: readonly TypeSchema[],
  ) {
    this.#tie = tie
    this.#depth = { depthIdentifier, maxDepth: DEPTH_MAX }
    this.#types = types
  }

  of(use: Use): fc.Arbitrary<unknown> {
    switch (use.kind) {
      case 'base':
        return bases[use.base]
      case 'string':
        return text(use.max?.value ?? BYTES_MAX)
      case 'opaque':
        return bytes(use.length.value, use.length.value)
      case 'varOpaque':
        return bytes(0, Math.min(use.max?.value ?? BYTES_MAX, BYTES_MAX))
      case 'named':
        return this.#tie(use.name)
      case 'array':
        return fc.array(this.of(use.of), { minLength: use.length.value, maxLength: use.length.value })
      case 'varArray':
        return this.#array(this.of(use.of), 0, use.max?.value ?? LENGTH_MAX)
      case 'list':
        return this.#array(this.#tie(use.node), use.isFull ? 1 : 0, LENGTH_MAX)
      case 'optional':
        return fc.option(this.of(use.of), { nil: undefined, ...this.#depth })
      case 'void':
        return fc.constant(undefined)
      case 'tuple':
        return fc.tuple(...use.of.map(one => this.of(one.use)))
    }
  }

  ofType(type: TypeSchema): fc.Arbitrary<unknown> {
    switch (type.kind) {
      case 'enum':
        return fc.constantFrom(...type.members.map(({ value }) => value))
      case 'struct':
        return record(Object.fromEntries(type.fields.map(({ name, use }) => [name, this.of(use)])))
      case 'typedef':
        return this.of(type.use)
      case 'union':
        return this.#union(type)
    }
  }

  #array(of: fc.Arbitrary<unknown>, minLength: number, max: number): fc.Arbitrary<unknown> {
    const { depthIdentifier } = this.#depth
    return fc.array(of, { minLength, maxLength: Math.min(max, LENGTH_MAX), depthIdentifier })
  }

  /** At the greatest depth the first is taken: arms that hold nothing come first. */
  #union(union: UnionSchema): fc.Arbitrary<unknown> {
    const arms = [...union.arms].sort((a, b) => Number(a.field !== undefined) - Number(b.field !== undefined))
    const possible = arms.flatMap(arm => {
      const selecting = this.#discriminants(union, arm)
      if (selecting === undefined) return []
      const { field } = arm
      const tag = { [union.discriminant.name]: selecting }
      return [record(field === undefined ? tag : { ...tag, [field.name]: this.of(field.use) })]
    })
    return fc.oneof(this.#depth, ...possible)
  }

  /** What selects an arm; undefined when nothing does, as with a default behind all members. */
  #discriminants(union: UnionSchema, arm: Arm): fc.Arbitrary<unknown> | undefined {
    const asValue = (value: bigint | boolean): unknown =>
      union.discriminant.type === 'hyper' || typeof value === 'boolean' ? value : Number(value)
    if (arm.cases !== 'default') return fc.constantFrom(...arm.cases.map(({ value }) => asValue(value)))
    const listed = union.arms.flatMap(({ cases }) =>
      cases === 'default' ? [] : cases.map(({ value }) => asValue(value)),
    )
    if (union.discriminant.type === 'enum') {
      const found = this.#types.find(({ name }) => name === union.discriminant.enum)
      const members = found?.kind === 'enum' ? found.members.map(({ value }) => value) : []
      const others = members.filter(value => !listed.includes(value))
      return others.length === 0 ? undefined : fc.constantFrom(...others)
    }
    if (union.discriminant.type === 'bool' && listed.length === 2) return undefined
    return this.of(union.discriminant.use).filter(value => !listed.includes(value))
  }
}

/** A plain object, as is read. */
function record(fields: Readonly<Record<string, fc.Arbitrary<unknown>>>): fc.Arbitrary<unknown> {
  return fc.record(fields, { noNullPrototype: true })
}

function unknownType(name: string): never {
  throw new Error(`there is no type ${name}`)
}

const int = fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff })
const bases: Readonly<Record<Base, fc.Arbitrary<unknown>>> = {
  int,
  'unsigned int': fc.nat(0xffff_ffff),
  hyper: fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n),
  'unsigned hyper': fc.bigInt(0n, 2n ** 64n - 1n),
  char: fc.integer({ min: -0x80, max: 0xff }),
  'unsigned char': fc.nat(0xff),
  short: fc.integer({ min: -0x8000, max: 0x7fff }),
  'unsigned short': fc.nat(0xffff),
  float: fc.float(),
  double: fc.double(),
  quadruple: bytes(16, 16),
  bool: fc.boolean(),
}

/** As what is read: in Buffers. */
function bytes(minLength: number, maxLength: number): fc.Arbitrary<Buffer> {
  return fc.uint8Array({ minLength, maxLength, size: 'max' }).map(one => Buffer.from(one))
}

/** Of at most `max` bytes, whatever its characters take. */
function text(max: number): fc.Arbitrary<string> {
  return fc.string({ unit: 'binary', maxLength: Math.min(max, BYTES_MAX) }).map(one => {
    const characters = [...one]
    while (Buffer.byteLength(characters.join('')) > max) characters.pop()
    return characters.join('')
  })
}
