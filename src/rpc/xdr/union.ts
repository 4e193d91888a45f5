// Discriminated unions (RFC 4506, 4.15): a discriminant, and the arm that it selects. The value is one object: the
// discriminant under its name, and beside it the arm under its own.

import {
  type Codec,
  code,
  type Form,
  named,
  oncePerForm,
  type Reader,
  readOf,
  writeOf,
} from '../../bytes/index.ts'
import { broken, refuse, type Xdr, xdrType } from './type.ts'

/** What selects an arm: int, unsigned and enum are numbers, hyper is a bigint. */
export type Discriminant = number | bigint | boolean

/** An arm: the cases that select it ('default' for all others), and what it holds, nothing for void. */
export interface Arm<C extends Discriminant | 'default', Body> {
  readonly cases: readonly C[] | 'default'
  readonly name: string | undefined
  readonly type: Xdr<unknown> | undefined
  // Phantoms: carry the types for UnionValue.
  readonly selects?: C
  readonly body?: Body
}

type AnyArm = Arm<Discriminant | 'default', unknown>
type Empty = Record<never, never>
type Holding<N extends string, T> = undefined extends T ? { readonly [K in N]?: T } : { readonly [K in N]: T }

type CasesOf<A> = A extends Arm<infer C, unknown> ? Exclude<C, 'default'> : never

/** The value of a union: one variant for each arm. `All` is for the default, which takes what the others leave. */
export type UnionValue<N extends string, D, A, All = A> =
  A extends Arm<infer C, infer Body>
    ? { readonly [K in N]: C extends 'default' ? Exclude<D, CasesOf<All>> : C } & Body
    : never

/** case a: case b: T name; without name and type it is void. */
export function arm<const C extends Discriminant>(cases: readonly C[]): Arm<C, Empty>
export function arm<const C extends Discriminant, const N extends string, T>(
  cases: readonly C[],
  name: N,
  type: Xdr<T>,
): Arm<C, Holding<N, T>>
export function arm(cases: readonly Discriminant[], name?: string, type?: Xdr<unknown>): AnyArm {
  return { cases, name, type }
}

/** default: T name; without name and type it is void. */
export function otherwise(): Arm<'default', Empty>
export function otherwise<const N extends string, T>(name: N, type: Xdr<T>): Arm<'default', Holding<N, T>>
export function otherwise(name?: string, type?: Xdr<unknown>): Arm<'default', unknown> {
  return { cases: 'default', name, type }
}

/** union switch (D name) { arms }. At most one arm is the default; without it other discriminants are errors. */
export function union<const N extends string, D extends Discriminant, const A extends readonly AnyArm[]>(
  name: N,
  discriminant: Xdr<D>,
  arms: A,
): Xdr<UnionValue<N, D, A[number]>> {
  const codec = oncePerForm(form => {
    const parts: Parts = {
      name,
      discriminant: discriminant.kind.codec(form),
      arms: arms.map(({ cases, name: armName, type }) => ({
        cases,
        name: armName,
        codec: type?.kind.codec(form),
      })),
    }
    return (form.way === 'compiled' ? compiled(parts) : undefined) ?? walked(parts)
  })
  return xdrType({ name: 'union', zero: undefined as never, codec: codec as (form: Form) => Codec<never> })
}

interface Parts {
  readonly name: string
  readonly discriminant: Codec<unknown>
  readonly arms: readonly ArmCodec[]
}

interface ArmCodec {
  readonly cases: readonly (Discriminant | 'default')[] | 'default'
  readonly name: string | undefined
  readonly codec: Codec<unknown> | undefined
}

function compiled({ name, discriminant, arms }: Parts): Codec<unknown> | undefined {
  const key = JSON.stringify(name)
  const isDefaulted = arms.some(({ cases }) => cases === 'default')
  const reads = arms.map((one, n) => {
    const body = one.codec ? `, ${JSON.stringify(one.name)}: ${readOf(one.codec, `c${n}`)}` : ''
    return `${labels(one)} return { ${key}: d${body} }`
  })
  const writes = arms.map((one, n) => {
    const body = one.codec
      ? `{ const v = o[${JSON.stringify(one.name)}]; ${writeOf(one.codec, `c${n}`, 'v')} } `
      : ''
    return `${labels(one)} ${body}return`
  })
  const source = `
    return {
      read(r) {
        const d = ${readOf(discriminant, 'd0')};
        switch (d) {
          ${reads.join('\n          ')}
          ${isDefaulted ? '' : 'default: x.unknown(r, d)'}
        }
      },
      write(w, o) {
        if (typeof o !== 'object' || o === null) x.refuse(w, o, 'an object');
        const d = o[${key}];
        ${writeOf(discriminant, 'd0', 'd')};
        switch (d) {
          ${writes.join('\n          ')}
          ${isDefaulted ? '' : "default: x.refuse(w, d, 'a case of this union')"}
        }
      },
    }`
  const codecs = Object.fromEntries(arms.map((one, n) => [`c${n}`, one.codec]))
  return code(source, { ...codecs, d0: discriminant, x: { unknown, refuse } })
}

function labels({ cases }: ArmCodec): string {
  if (cases === 'default') return 'default:'
  return cases.map(one => `case ${typeof one === 'bigint' ? `${one}n` : String(one)}:`).join(' ')
}

function walked({ name, discriminant, arms }: Parts): Codec<unknown> {
  const byCase = new Map(arms.flatMap(one => (one.cases === 'default' ? [] : one.cases.map(c => [c, one]))))
  const fallback = arms.find(({ cases }) => cases === 'default')
  const chosen = (value: unknown): ArmCodec | undefined => byCase.get(value as Discriminant) ?? fallback
  return {
    read(from) {
      const value = named(name, () => discriminant.read(from))
      const one = chosen(value) ?? named(name, () => unknown(from, value))
      const { name: armName = '', codec } = one
      if (codec === undefined) return { [name]: value }
      return { [name]: value, [armName]: named(armName, () => codec.read(from)) }
    },
    write(to, value) {
      if (typeof value !== 'object' || value === null) refuse(to, value, 'an object')
      const given = value as Readonly<Record<string, unknown>>
      named(name, () => discriminant.write(to, given[name]))
      const one = chosen(given[name]) ?? named(name, () => refuse(to, given[name], 'a case of this union'))
      const { name: armName = '', codec } = one
      if (codec !== undefined) named(armName, () => codec.write(to, given[armName]))
    },
  }
}

function unknown(from: Reader, value: unknown): never {
  broken(from.at - 4, `${String(value)} is no case of this union`)
}
