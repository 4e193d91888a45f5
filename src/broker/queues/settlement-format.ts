// A settlement as bytes: varints only, offsets as differences, so that an acknowledgement in order takes about ten bytes.
//
//   version u8 = 1 | cursor | acquiredUpTo | ranges: count, each (from - end of the one before), length
//   failures: count, each (offset - the one before), count

import { Reader, Writer } from '../../bytes/index.ts'
import type { OffsetRange } from './offset-ranges.ts'
import type { SettlementChange } from './settlements.ts'

const VERSION = 1
/** Offsets go up to 2^53: split where a 32-bit varint ends. */
const HIGH = 0x1_0000_0000

export function packSettlement(change: SettlementChange): Buffer {
  const to = new Writer(32 + change.settled.length * 4)
  to.uint8(VERSION)
  number(to, change.cursor)
  number(to, change.acquiredUpTo)
  const settled = ascending(change.settled)
  to.uvarint(settled.length)
  let before = 0
  for (const { from, to: end } of settled) {
    number(to, from - before)
    number(to, end - from)
    before = end
  }
  to.uvarint(change.failures.length)
  before = 0
  for (const [offset, count] of [...change.failures].sort(([a], [b]) => a - b)) {
    number(to, offset - before)
    to.uvarint(count)
    before = offset
  }
  return Buffer.concat(to.finish())
}

/** Errors: TypeError for a version that is not known, WireError for what is cut off. */
export function unpackSettlement(bytes: Buffer): SettlementChange {
  const from = new Reader(bytes, 0, bytes.length, Number.POSITIVE_INFINITY) // our own bytes: as many as were written
  const version = from.uint8()
  if (version !== VERSION)
    throw new TypeError(`a settlement of version ${version} was written by a newer Posthorn`)
  const cursor = readNumber(from)
  const acquiredUpTo = readNumber(from)
  const settled: OffsetRange[] = []
  let before = 0
  for (let left = from.elements(from.uvarint()); left > 0; left--) {
    const start = before + readNumber(from)
    before = start + readNumber(from)
    settled.push({ from: start, to: before })
  }
  const failures: [number, number][] = []
  before = 0
  for (let left = from.elements(from.uvarint()); left > 0; left--) {
    before += readNumber(from)
    failures.push([before, from.uvarint()])
  }
  return { cursor, acquiredUpTo, settled, failures }
}

/** In the order of their offsets and joined: consumers settle in any order, and some ranges more than once. */
function ascending(ranges: readonly OffsetRange[]): OffsetRange[] {
  const joined: OffsetRange[] = []
  for (const range of [...ranges].sort((a, b) => a.from - b.from)) {
    const last = joined.at(-1)
    if (last === undefined || range.from > last.to) joined.push(range)
    else if (range.to > last.to) joined[joined.length - 1] = { from: last.from, to: range.to }
  }
  return joined
}

function number(to: Writer, value: number): void {
  to.uvarint(value % HIGH)
  to.uvarint(Math.floor(value / HIGH))
}

function readNumber(from: Reader): number {
  const low = from.uvarint()
  return from.uvarint() * HIGH + low
}
