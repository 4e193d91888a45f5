// struct (RFC 4506, 4.14): its fields in order. A tuple is the same with places instead of names: the arguments of a
// procedure that takes several, which travel one after the other.

import {
  type Codec,
  Field,
  type Form,
  type Kind,
  named,
  type StructDialect,
  structKind,
} from '../../bytes/index.ts'
import { refuse, type Xdr, xdrType } from './type.ts'

/** Fields by name, in the order of the wire. */
export type XdrFields = Readonly<Record<string, Xdr<unknown>>>

/** The value of a struct; what may be undefined may be left out. */
export type StructValue<F extends XdrFields> = {
  readonly [K in keyof F as undefined extends Value<F[K]> ? never : K]: Value<F[K]>
} & { readonly [K in keyof F as undefined extends Value<F[K]> ? K : never]?: Value<F[K]> }

type Value<X> = X extends Xdr<infer T> ? T : never

const dialect: StructDialect = {
  expectObject(value, to) {
    if (typeof value !== 'object' || value === null) refuse(to, value, 'an object')
  },
}

/** struct { ... }. */
export function struct<F extends XdrFields>(fields: F): Xdr<StructValue<F>> {
  const list = Object.entries(fields).map(([name, { kind }]) => [name, new Field(kind)] as const)
  return xdrType(structKind(Object.fromEntries(list), dialect) as Kind<unknown> as Kind<StructValue<F>>)
}

/** Values one after the other, as an array. */
export function tuple<const T extends readonly Xdr<unknown>[]>(
  ...types: T
): Xdr<{ readonly [N in keyof T]: Value<T[N]> }> {
  const codec = (form: Form): Codec<unknown> => {
    const parts: readonly Codec<unknown>[] = types.map(({ kind }) => kind.codec(form))
    return {
      read: from => parts.map((part, n) => named(`[${n}]`, () => part.read(from))),
      write(to, value) {
        if (!Array.isArray(value) || value.length !== parts.length)
          refuse(to, value, `an array of ${parts.length}`)
        for (const [n, part] of parts.entries()) named(`[${n}]`, () => part.write(to, value[n]))
      },
    }
  }
  return xdrType({ name: 'tuple', zero: undefined as never, codec: codec as never })
}
