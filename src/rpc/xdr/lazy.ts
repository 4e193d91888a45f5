// A type that is declared further down, or that leads back to itself: a tree, say. The engine compiles such a codec once;
// each level of nesting counts against the depth of the message.

import { type Xdr, xdrType } from './type.ts'

/** The type that `target` gives; it is asked when the codec is made. */
export function lazy<T>(target: () => Xdr<T>): Xdr<T> {
  return xdrType({ name: 'lazy', zero: undefined as T, codec: form => target().kind.codec(form) })
}
