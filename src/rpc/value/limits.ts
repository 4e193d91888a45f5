// What one message may hold. A peer can write a value in a byte or two that costs a hundred in memory: these bound it.

/** Limits of a ValueReader; of a ValueWriter only `depthMax`. */
export interface ValueLimits {
  /** How deep values may be nested: an array in an array is 2 deep. A linked list longer than this is refused. */
  readonly depthMax: number
  /** Objects of all kinds in one message, `write`s taken together. */
  readonly nodesMax: number
  /** Lengths of arrays with holes, summed over one message: their elements take no bytes. */
  readonly sparseElementsMax: number
  /** Bytes of zero that stand for parameters which only come back, summed over one message: they take no bytes either. */
  readonly zeroBytesMax: number
  /** Bytes of one bigint: arithmetic and printing of a longer one takes noticeable time. */
  readonly bigintBytesMax: number
  /** Characters of the source of one regular expression. */
  readonly patternLengthMax: number
}

export const valueLimits: ValueLimits = {
  depthMax: 500,
  nodesMax: 250_000,
  sparseElementsMax: 1_000_000,
  zeroBytesMax: 16 * 1024 * 1024,
  bigintBytesMax: 8_192,
  patternLengthMax: 10_000,
}

/** Shapes of objects that one message numbers; objects of further ones carry their keys with them each. */
export const SHAPES_MAX = 64
