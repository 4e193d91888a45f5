// Who of a share group reads what (the place of Kafka's SimpleAssignor). Partitions are not owned: every member may read
// every partition that it subscribes to, so that a slow member holds up only the records that it has. Only when that would
// be more pairs than shareLimits allows, they are dealt out: each member then has at least one partition of each topic,
// and each partition at least one member.

import type { Assignment } from '../groups/consumer/assignment.ts'

/** Shown to administrators. */
export const ASSIGNOR = 'simple'

export interface ShareSubscriber {
  readonly memberId: string
  /** Partitions of each topic that it reads, by the topic's id. */
  readonly topics: ReadonlyMap<string, number>
}

/** By member id. */
export function assign(
  subscribers: readonly ShareSubscriber[],
  assignmentsMax: number,
): Map<string, Assignment> {
  const pairs = subscribers.reduce((sum, { topics }) => sum + total(topics), 0)
  if (pairs <= assignmentsMax)
    return new Map(subscribers.map(({ memberId, topics }) => [memberId, whole(topics)]))
  return dealt(subscribers)
}

function total(topics: ReadonlyMap<string, number>): number {
  let sum = 0
  for (const partitions of topics.values()) sum += partitions
  return sum
}

function whole(topics: ReadonlyMap<string, number>): Assignment {
  return Object.fromEntries(
    [...topics].map(([id, partitions]) => [id, Array.from({ length: partitions }, (_, n) => n)]),
  )
}

/** The same for the same members, whatever their order. */
function dealt(subscribers: readonly ShareSubscriber[]): Map<string, Assignment> {
  const made = new Map(subscribers.map(({ memberId }) => [memberId, {} as Record<string, number[]>]))
  const readers = new Map<string, { readonly partitions: number; readonly members: string[] }>()
  for (const { memberId, topics } of subscribers)
    for (const [id, partitions] of topics) {
      const known = readers.get(id)
      if (known === undefined) readers.set(id, { partitions, members: [memberId] })
      else known.members.push(memberId)
    }
  for (const [id, { partitions, members }] of readers) {
    members.sort()
    for (let n = 0; n < Math.max(partitions, members.length); n++) {
      const all = made.get(members[n % members.length] as string) as Record<string, number[]>
      all[id] = [...(all[id] ?? []), n % partitions]
    }
  }
  return made
}
