// Which topics the members of a classic group read. To the broker a member's metadata is opaque, save for the protocol
// type `consumer`, where every client writes version (int16), then an array (int32 count) of topic names (int16
// length): the first fields of ConsumerProtocolSubscription. Only these are read, to keep offsets of topics in use.

import { Reader } from '../../../bytes/index.ts'
import { groupLimits } from '../limits.ts'
import type { Protocol } from './request.ts'

/** Topics of all members; undefined when it cannot be known. */
export function subscribedTopics(
  protocolType: string | null,
  protocol: string | null,
  members: Iterable<{ readonly protocols: readonly Protocol[] }>,
): ReadonlySet<string> | undefined {
  if (protocolType !== 'consumer' || protocol === null) return undefined
  const topics = new Set<string>()
  for (const { protocols } of members) {
    const metadata = protocols.find(one => one.name === protocol)?.metadata
    const named = metadata === undefined ? undefined : topicsOf(metadata)
    if (named === undefined) return undefined
    for (const topic of named) topics.add(topic)
  }
  return topics
}

function topicsOf(metadata: Buffer): string[] | undefined {
  try {
    const reader = new Reader(metadata)
    if (reader.int16() < 0) return undefined
    const count = reader.int32()
    if (count < 0 || count > groupLimits.subscribedTopicsMax) return undefined
    return Array.from({ length: count }, () => reader.text(reader.int16()))
  } catch {
    return undefined
  }
}
