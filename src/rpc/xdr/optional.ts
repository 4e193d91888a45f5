// Optional data (RFC 4506, 4.19): a bool, and a value when it is true. With it XDR spells linked lists, a struct that ends
// in an optional struct of its own type. They are arrays here, read and written in a loop, so that a list of a million
// costs memory and not stack, and so that they can be printed, compared and cloned.

import { type Codec, code, type Form, named, readOf, type Writer, writeOf } from '../../bytes/index.ts'
import { bool } from './enumeration.ts'
import { refuse, type Xdr, xdrType } from './type.ts'

const isFollowed: Codec<boolean> = bool.kind.codec({ version: 0, flexible: false, way: 'compiled' })

/** T *x: the value, or undefined. */
export function optional<T>(of: Xdr<T>): Xdr<T | undefined> {
  const codec = (form: Form): Codec<unknown> => {
    const inner: Codec<unknown> = of.kind.codec(form)
    const source = `
      return {
        read(r) { return f.read(r) ? ${readOf(inner, 'c')} : undefined },
        write(w, v) { if (v === undefined) w.word(0); else { w.word(1); ${writeOf(inner, 'c', 'v')} } },
      }`
    const walked: Codec<unknown> = {
      read: from => (isFollowed.read(from) ? inner.read(from) : undefined),
      write(to, value) {
        to.word(value === undefined ? 0 : 1)
        if (value !== undefined) inner.write(to, value)
      },
    }
    return (form.way === 'compiled' ? code(source, { c: inner, f: isFollowed }) : undefined) ?? walked
  }
  return typed(`${of.kind.name} *`, codec)
}

/** A linked list of `node`, the struct without its link: `struct node { ...; node *next; }`, and `node *list`. */
export function list<T>(node: Xdr<T>): Xdr<readonly T[]> {
  return typed(`list of ${node.kind.name}`, form => listCodec(node.kind.codec(form), form, false))
}

/** The same where the first node is there without a bool before it: `node list`. */
export function fullList<T>(node: Xdr<T>): Xdr<readonly [T, ...T[]]> {
  return typed(`list of ${node.kind.name}, not empty`, form => listCodec(node.kind.codec(form), form, true))
}

function listCodec(node: Codec<unknown>, form: Form, isFull: boolean): Codec<unknown> {
  return (form.way === 'compiled' ? compiledList(node, isFull) : undefined) ?? walkedList(node, isFull)
}

function compiledList(node: Codec<unknown>, isFull: boolean): Codec<unknown> | undefined {
  const source = `
    return {
      read(r) {
        const a = []
        if (${isFull} || f.read(r)) do { r.elements(1); a.push(${readOf(node, 'c')}) } while (f.read(r))
        return a
      },
      write(w, a) {
        x(w, a)
        for (let i = 0; i < a.length; i++) {
          if (i > 0 || ${!isFull}) w.word(1)
          const v = a[i]; ${writeOf(node, 'c', 'v')}
        }
        w.word(0)
      },
    }`
  return code(source, {
    c: node,
    f: isFollowed,
    x: (to: Writer, value: unknown) => expectList(to, value, isFull),
  })
}

function walkedList(node: Codec<unknown>, isFull: boolean): Codec<unknown> {
  return {
    read(from) {
      const nodes: unknown[] = []
      let isMore = isFull || isFollowed.read(from)
      while (isMore) {
        from.elements(1)
        nodes.push(named(`[${nodes.length}]`, () => node.read(from)))
        isMore = isFollowed.read(from)
      }
      return nodes
    },
    write(to, value) {
      expectList(to, value, isFull)
      for (let n = 0; n < value.length; n++) {
        if (n > 0 || !isFull) to.word(1)
        named(`[${n}]`, () => node.write(to, value[n]))
      }
      to.word(0)
    },
  }
}

function expectList(to: Writer, value: unknown, isFull: boolean): asserts value is readonly unknown[] {
  if (!Array.isArray(value)) refuse(to, value, 'an array')
  if (isFull && value.length === 0) refuse(to, value, 'an array with a first element')
}

function typed<T>(name: string, codec: (form: Form) => Codec<unknown>): Xdr<T> {
  return xdrType({ name, zero: undefined as T, codec: codec as (form: Form) => Codec<T> })
}
