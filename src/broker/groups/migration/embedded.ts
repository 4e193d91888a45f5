// What classic members of protocol type `consumer` say of themselves, and are told, in bytes that the classic protocol
// does not look into (Kafka: ConsumerProtocolSubscription and ConsumerProtocolAssignment). A broker must read and write
// them to have members of both protocols in one group.
//
//   subscription: version i16 | topics [string] | user data bytes | v1 owned [topic string, partitions [i32]]
//                 v2 generation i32 | v3 rack nullable string
//   assignment:   version i16 | assigned [topic string, partitions [i32]] | user data nullable bytes

import { Reader, Writer } from '../../../bytes/index.ts'
import { type Assignment, assignmentOf } from '../consumer/assignment.ts'
import { groupLimits } from '../limits.ts'
import type { TopicsView } from '../topics-view.ts'

export interface EmbeddedSubscription {
  readonly topicNames: readonly string[]
  /** What the member has not given up, by name; empty for clients that give up everything before they join. */
  readonly owned: readonly (readonly [topic: string, partitions: readonly number[]])[]
  readonly rackId: string | null
}

/** Since this version a member says what it has. */
const OWNED_VERSION = 1
const GENERATION_VERSION = 2
const RACK_VERSION = 3

/** Undefined when the bytes are no subscription. */
export function readSubscription(bytes: Buffer): EmbeddedSubscription | undefined {
  return unlessTorn(() => {
    const reader = new Reader(bytes)
    const version = reader.int16()
    if (version < 0) return undefined
    const topicNames = listOf(reader, () => textOf(reader))
    skipBytes(reader)
    const owned = version >= OWNED_VERSION ? partitionsByTopic(reader) : []
    if (version >= GENERATION_VERSION) reader.int32()
    const rackId = version >= RACK_VERSION ? nullableText(reader) : null
    return { topicNames, owned, rackId }
  })
}

/** Topics that are not there any more are left out. Undefined when the bytes are no assignment. */
export function readAssignment(bytes: Buffer, topics: TopicsView): Assignment | undefined {
  if (bytes.length === 0) return {}
  return unlessTorn(() => {
    const reader = new Reader(bytes)
    return reader.int16() < 0 ? undefined : byId(partitionsByTopic(reader), topics)
  })
}

/** Topics that are not there any more are left out: they have no name. */
export function writeAssignment(assignment: Assignment, topics: TopicsView): Buffer {
  const writer = new Writer()
  const named = Object.entries(assignment).flatMap(([topicId, partitions]) => {
    const name = topics.byId(topicId)?.name
    return name === undefined ? [] : [{ name, partitions }]
  })
  writer.int16(0)
  writer.int32(named.length)
  for (const { name, partitions } of named) {
    const length = Buffer.byteLength(name)
    writer.int16(length)
    writer.text(name, length)
    writer.int32(partitions.length)
    for (const partition of partitions) writer.int32(partition)
  }
  writer.int32(-1)
  return Buffer.concat(writer.finish())
}

export function byId(owned: EmbeddedSubscription['owned'], topics: TopicsView): Assignment {
  return assignmentOf(
    owned.flatMap(([topic, partitions]) => {
      const id = topics.get(topic)?.id
      return id === undefined ? [] : [[id, partitions] as const]
    }),
  )
}

function partitionsByTopic(reader: Reader): [string, number[]][] {
  return listOf(reader, () => [textOf(reader), listOf(reader, () => reader.int32())])
}

function listOf<Item>(reader: Reader, item: () => Item): Item[] {
  const count = reader.int32()
  if (count > groupLimits.subscribedTopicsMax) throw new RangeError(`${count} elements`)
  return Array.from({ length: Math.max(0, count) }, item)
}

function textOf(reader: Reader): string {
  return reader.text(reader.int16())
}

function nullableText(reader: Reader): string | null {
  const length = reader.int16()
  return length < 0 ? null : reader.text(length)
}

function skipBytes(reader: Reader): void {
  const length = reader.int32()
  if (length > 0) reader.skip(length)
}

/** What members write is a stranger's: whatever is wrong with it, it is not readable. */
function unlessTorn<Value>(read: () => Value): Value | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}
