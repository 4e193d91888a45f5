// The `range` assignor of Java's clients: for each topic, its members in the order of their ids get runs of partitions,
// the first ones one more where it does not come out even. The leader of a classic group runs it for all members.

import type { Assignment } from './consumer-protocol.ts'

/** Topics by member id. */
export type Subscriptions = ReadonlyMap<string, readonly string[]>

/** The partitions of every member; `partitionCounts` lacks topics that do not exist. */
export function assignRange(
  subscriptions: Subscriptions,
  partitionCounts: ReadonlyMap<string, number>,
): Map<string, Assignment> {
  const assigned = new Map<string, Map<string, readonly number[]>>()
  for (const member of subscriptions.keys()) assigned.set(member, new Map())
  const topics = new Set([...subscriptions.values()].flat())
  for (const topic of [...topics].sort()) {
    const members = [...subscriptions]
      .filter(([, wanted]) => wanted.includes(topic))
      .map(([member]) => member)
    for (const [member, partitions] of ranges(members.sort(), partitionCounts.get(topic) ?? 0))
      if (partitions.length > 0) assigned.get(member)?.set(topic, partitions)
  }
  return assigned
}

function ranges(members: readonly string[], count: number): (readonly [string, readonly number[]])[] {
  const each = Math.floor(count / members.length)
  const extra = count % members.length
  return members.map((member, at) => {
    const first = at * each + Math.min(at, extra)
    const size = each + (at < extra ? 1 : 0)
    return [member, Array.from({ length: size }, (_, n) => first + n)]
  })
}
