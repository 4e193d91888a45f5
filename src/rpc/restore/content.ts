// What of an object can change, by its kind; both sides see the same kind in a node and its copy.

import { types } from 'node:util'
import { isIndex } from '../value/containers.ts'

/** `fixed`: patterns, boxed primitives and DOMExceptions, which have nothing that travels and can change. */
export type Kind = 'bytes' | 'elements' | 'map' | 'set' | 'time' | 'properties' | 'fixed'

export function kindOf(node: object): Kind {
  if (Array.isArray(node)) return 'elements'
  if (ArrayBuffer.isView(node) || types.isArrayBuffer(node)) return 'bytes'
  if (types.isMap(node)) return 'map'
  if (types.isSet(node)) return 'set'
  if (types.isDate(node)) return 'time'
  if (types.isRegExp(node) || types.isBoxedPrimitive(node) || node instanceof DOMException) return 'fixed'
  return 'properties'
}

/** The bytes of a view or buffer, sharing its memory. */
export function bytesOf(node: object): Uint8Array {
  return ArrayBuffer.isView(node)
    ? new Uint8Array(node.buffer, node.byteOffset, node.byteLength)
    : new Uint8Array(node as ArrayBuffer)
}

/** The properties that travel: own enumerable ones; of an array those that are no elements; of an error its own too. */
export function keysOf(node: object): string[] {
  const keys = Object.keys(node)
  if (Array.isArray(node)) return keys.filter(key => !isIndex(key))
  if (!(node instanceof Error)) return keys
  return [
    ...errorKeys.filter(key => Object.hasOwn(node, key)),
    ...keys.filter(key => !errorKeys.includes(key)),
  ]
}

const errorKeys: readonly string[] = ['message', 'name', 'cause', 'errors']

/** Whether a property that is new to a node shows up in its enumeration. */
export function isEnumerable(node: object, key: string): boolean {
  return !(node instanceof Error && errorKeys.includes(key))
}
