// Things that do not travel: a function, an object with a home, a stream. In their place goes a reference, which the
// engine gives and takes.

/** What goes over the wire for a thing: `kind` 0..255, what sort of thing; `id` 0..2^32 - 1, which one. */
export interface Reference {
  readonly kind: number
  readonly id: number
}

export interface OutgoingReferences {
  /** The reference under which `value`, a function or an object, goes; undefined: by value. Asked for each occurrence. */
  referenceOf(value: object): Reference | undefined
}

export interface IncomingReferences {
  /** The thing that a reference stands for here; throws what the engine wants to throw for an unknown one. */
  valueOf(reference: Reference): unknown
}
