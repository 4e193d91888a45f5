// What goes by reference: functions, objects that are marked, streams, and open files. The other side gets something that
// calls back. Everything else goes by value.

/** On a class or an object: it goes by reference. */
export const passedByReference: unique symbol = Symbol.for('posthorn.rpc.by-reference')

/** Base of classes whose objects go by reference. */
export abstract class ByReference {
  get [passedByReference](): true {
    return true
  }
}

const marked = new WeakSet<object>()

/** Marks this one object: it goes by reference from now on. Gives it back. */
export function byReference<T extends object>(object: T): T & ByReference {
  marked.add(object)
  return object as T & ByReference
}

/** How a reference is to be taken up at the other side; the numbers are on the wire. */
export const referenceKinds = {
  /** A reference of the receiver comes home: it is its own thing. */
  home: 0,
  function: 1,
  object: 2,
  /** Async iterables. */
  iterable: 3,
  /** A ReadableStream. */
  readable: 4,
  /** A WritableStream. */
  writable: 5,
} as const

export type ReferenceKind = (typeof referenceKinds)[keyof typeof referenceKinds]

/** By far the most of what is sent, and never by reference: asked first it spares all other questions. */
export function isPlainMemory(thing: object): boolean {
  return ArrayBuffer.isView(thing)
}

/** How the thing goes by reference, or undefined: by value. */
export function kindOf(thing: object): ReferenceKind | undefined {
  if (typeof thing === 'function') return referenceKinds.function
  if (isPlainMemory(thing)) return undefined
  if (marked.has(thing) || (passedByReference in thing && thing[passedByReference] === true))
    return referenceKinds.object
  if (thing instanceof ReadableStream) return referenceKinds.readable
  if (thing instanceof WritableStream) return referenceKinds.writable
  if (Symbol.asyncIterator in thing) return referenceKinds.iterable
  return isFileHandle(thing) ? referenceKinds.object : undefined
}

/** An open file of node:fs/promises: its descriptor means something in its own process only. */
function isFileHandle(thing: object): boolean {
  return thing.constructor?.name === 'FileHandle' && 'fd' in thing && typeof thing.fd === 'number'
}
