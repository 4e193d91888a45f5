// Numbers and bigints. A whole number of 32 bits takes one to six bytes, every other number nine; -0, NaN and the infinities
// are doubles.

import { type Reader, WireError, type Writer } from '../../bytes/index.ts'
import { Unwritable } from './errors.ts'
import { BIGINT, DOUBLE, INT, NEGATIVE_BIGINT, NEGATIVE_INT, SMALL_INT_MAX } from './tags.ts'

const UINT32_MAX = 0xffff_ffff

export function writeNumber(to: Writer, value: number): void {
  if (value > 0 && value <= SMALL_INT_MAX && value === (value | 0)) to.byte(value)
  else if (value > 0 && value <= UINT32_MAX && value === value >>> 0) {
    to.byte(INT)
    to.uvarint(value)
  } else if (value < 0 && value === (value | 0)) {
    to.byte(NEGATIVE_INT)
    to.uvarint(-1 - value)
  } else if (Object.is(value, 0)) to.byte(0)
  else {
    to.byte(DOUBLE)
    to.float64(value)
  }
}

export function writeBigint(to: Writer, value: bigint, bytesMax: number): void {
  to.byte(value < 0n ? NEGATIVE_BIGINT : BIGINT)
  const hex = (value < 0n ? -1n - value : value).toString(16)
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex')
  if (bytes.length > bytesMax)
    throw new Unwritable(
      'VALUE_TOO_LARGE',
      `a bigint of ${bytes.length} bytes; ${bytesMax} may be sent`,
      value,
    )
  to.uvarint(bytes.length)
  to.copy(bytes)
}

/** The magnitude of a bigint whose tag was read. */
export function readBigint(from: Reader, bytesMax: number): bigint {
  const length = from.uvarint()
  if (length > bytesMax)
    throw new WireError('WIRE_OUT_OF_RANGE', from.at, `a bigint of ${length} bytes; ${bytesMax} are allowed`)
  return length === 0 ? 0n : BigInt(`0x${from.take(length).toString('hex')}`)
}
