// The "consumer" protocol that classic group members speak among themselves through the broker (Kafka's
// ConsumerProtocolSubscription and ConsumerProtocolAssignment, versions 0 and 1): int16 version, then the fields.
// Newer members only append fields, which are left unread.

import { Reader, WireError, Writer } from '../../../bytes/index.ts'

/** Partitions by topic. */
export type Assignment = ReadonlyMap<string, readonly number[]>

const VERSION = 1

/** What a member sends when it joins: the topics that it wants. */
export function encodeSubscription(topics: readonly string[]): Buffer {
  const to = new Writer(64)
  to.int16(VERSION)
  to.int32(topics.length)
  for (const topic of topics) writeText(to, topic)
  to.int32(-1) // no user data
  to.int32(0) // owned partitions matter to cooperative assignors only
  return Buffer.concat(to.finish())
}

/** The topics of a subscription. Errors: WireError. */
export function decodeSubscription(bytes: Buffer): string[] {
  const from = new Reader(bytes)
  readVersion(from)
  return readList(from, readText)
}

/** What the leader sends to a member. */
export function encodeAssignment(assignment: Assignment): Buffer {
  const to = new Writer(128)
  to.int16(VERSION)
  to.int32(assignment.size)
  for (const [topic, partitions] of assignment) {
    writeText(to, topic)
    to.int32(partitions.length)
    for (const partition of partitions) to.int32(partition)
  }
  to.int32(-1)
  return Buffer.concat(to.finish())
}

/** The partitions of an assignment; none of an empty one. Errors: WireError. */
export function decodeAssignment(bytes: Buffer): Assignment {
  if (bytes.length === 0) return new Map()
  const from = new Reader(bytes)
  readVersion(from)
  return new Map(readList(from, row => [readText(row), readList(row, one => one.int32())] as const))
}

function readVersion(from: Reader): void {
  const version = from.int16()
  if (version < 0)
    throw new WireError('WIRE_OUT_OF_RANGE', 0, `consumer protocol version ${version} is negative`)
}

function readList<T>(from: Reader, read: (from: Reader) => T): T[] {
  const list: T[] = []
  for (let left = from.elements(from.int32()); left > 0; left--) list.push(read(from))
  return list
}

function readText(from: Reader): string {
  return from.text(from.int16())
}

function writeText(to: Writer, text: string): void {
  const length = Buffer.byteLength(text)
  to.int16(length)
  to.text(text, length)
}
