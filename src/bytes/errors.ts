// What a decoder says when bytes do not fit the format, and an encoder when a value does not.

export type WireErrorCode =
  /** The message ends before the field does. */
  | 'WIRE_TRUNCATED'
  /** A length, count or value is outside what the format or a limit allows. */
  | 'WIRE_OUT_OF_RANGE'
  /** Bytes are left after the last field. */
  | 'WIRE_TRAILING_BYTES'
  /** A value that was given to be written does not fit its field. */
  | 'WIRE_VALUE_INVALID'

/**
 * Bytes of a peer that break the format, or a value that cannot be written in it. `offset` counts from the start of the
 * message, `path` names the field.
 */
export class WireError extends Error {
  override readonly name = 'WireError'
  readonly code: WireErrorCode
  readonly offset: number
  readonly path: string

  constructor(code: WireErrorCode, offset: number, message: string, path = '') {
    super(`${path === '' ? '' : `${path}: `}${message}, at byte ${offset}`)
    this.code = code
    this.offset = offset
    this.path = path
  }
}
