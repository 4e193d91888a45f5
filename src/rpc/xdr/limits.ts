// What one XDR message may cost its reader. The lengths inside a message are never believed: each is checked against the
// bytes that are there and against these, before memory is asked for.

import { DEPTH_MAX, ELEMENTS_MAX } from '../../bytes/index.ts'

/** Bytes of one message that is decoded by itself. */
export const MESSAGE_BYTES_MAX = 16 * 1024 * 1024

export interface XdrLimits {
  /** Bytes of the whole message. */
  readonly bytesMax: number
  /** Elements of all arrays and lists of the message together. */
  readonly elementsMax: number
  /** How deep a value may be nested in values of its own type. Lists do not count: they are read in a loop. */
  readonly depthMax: number
}

export const xdrLimits: XdrLimits = {
  bytesMax: MESSAGE_BYTES_MAX,
  elementsMax: ELEMENTS_MAX,
  depthMax: DEPTH_MAX,
}

/** The longest that the format can say (RFC 4506, 4.10): what `<>` without a bound means. */
export const LENGTH_MAX = 0xffff_ffff
