// Arrays (RFC 4506, 4.12 and 4.13): elements one after the other, a count before them where it varies.

import {
  type Codec,
  code,
  type Form,
  named,
  type Reader,
  readOf,
  type Writer,
  writeOf,
} from '../../bytes/index.ts'
import { LENGTH_MAX } from './limits.ts'
import { readLength } from './opaque.ts'
import { refuse, type Xdr, xdrType } from './type.ts'

/** T x[length]. */
export function array<T>(of: Xdr<T>, length: number): Xdr<readonly T[]> {
  const counting: Counting = {
    read: () => length,
    write(to, value) {
      if (!Array.isArray(value) || value.length !== length) refuse(to, value, `an array of ${length}`)
    },
  }
  return sequence(of, `${of.kind.name}[${length}]`, counting)
}

/** T x<max>. */
export function varArray<T>(of: Xdr<T>, max = LENGTH_MAX): Xdr<readonly T[]> {
  const counting: Counting = {
    read: from => readLength(from, max),
    write(to, value) {
      if (!Array.isArray(value) || value.length > max) refuse(to, value, `an array of at most ${max}`)
      to.word(value.length)
    },
  }
  return sequence(of, `${of.kind.name}<${max === LENGTH_MAX ? '' : max}>`, counting)
}

interface Counting {
  /** How many elements follow. */
  read(from: Reader): number
  /** Checks the value, and writes how many elements follow. */
  write(to: Writer, value: unknown): asserts value is readonly unknown[]
}

function sequence<T>(of: Xdr<T>, name: string, counting: Counting): Xdr<readonly T[]> {
  const codec = (form: Form): Codec<unknown> => {
    const element: Codec<unknown> = of.kind.codec(form)
    return (form.way === 'compiled' ? compiled(element, counting) : undefined) ?? walked(element, counting)
  }
  return xdrType({ name, zero: undefined as never, codec: codec as (form: Form) => Codec<readonly T[]> })
}

/** A loop of its own for each type: one that all shared would call a different codec each time, which V8 cannot inline. */
function compiled(element: Codec<unknown>, counting: Counting): Codec<unknown> | undefined {
  const source = `
    return {
      read(r) {
        const n = r.elements(l.read(r)), a = []
        for (let i = 0; i < n; i++) a.push(${readOf(element, 'c')})
        return a
      },
      write(w, a) {
        l.write(w, a)
        for (let i = 0; i < a.length; i++) { const v = a[i]; ${writeOf(element, 'c', 'v')} }
      },
    }`
  return code(source, { c: element, l: counting })
}

function walked(element: Codec<unknown>, counting: Counting): Codec<unknown> {
  return {
    read(from) {
      const count = from.elements(counting.read(from))
      const list: unknown[] = []
      for (let n = 0; n < count; n++) list.push(named(`[${n}]`, () => element.read(from)))
      return list
    },
    write(to, value) {
      counting.write(to, value)
      // By index: a hole is an element that is missing.
      for (let n = 0; n < value.length; n++) named(`[${n}]`, () => element.write(to, value[n]))
    },
  }
}
