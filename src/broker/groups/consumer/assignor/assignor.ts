// What a server-side assignor is (KIP-848): from members with subscriptions and topics with partitions to who is to have
// what. Pure, and the same for the same input.

import type { Assignment } from '../assignment.ts'

export interface Subscriber {
  readonly memberId: string
  readonly instanceId: string | null
  /** Ids of existing topics, without duplicates. */
  readonly topics: readonly string[]
  /** What it was to have until now. */
  readonly target: Assignment
}

export interface AssignmentProblem {
  readonly subscribers: readonly Subscriber[]
  /** Partitions of each topic that somebody is subscribed to. */
  readonly topics: ReadonlyMap<string, number>
}

export interface Assignor {
  readonly name: string
  /** Every partition to exactly one subscriber of its topic; every member has an entry. */
  assign(problem: AssignmentProblem): Map<string, Assignment>
}

/** Static members first, by instance id, so that a member that comes back under another id keeps its place. */
export function inOrder(subscribers: readonly Subscriber[]): Subscriber[] {
  return [...subscribers].sort((a, b) => {
    if ((a.instanceId === null) !== (b.instanceId === null)) return a.instanceId === null ? 1 : -1
    return compare(a.instanceId ?? a.memberId, b.instanceId ?? b.memberId)
  })
}

/** Members of each topic, in the given order. */
export function byTopic(subscribers: readonly Subscriber[]): Map<string, string[]> {
  const members = new Map<string, string[]>()
  for (const { memberId, topics } of subscribers)
    for (const topic of topics) collect(members, topic, memberId)
  return members
}

/** Adds to the list that the key has. */
export function collect<T>(lists: Map<string, T[]>, key: string, one: T): void {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [one])
  else list.push(one)
}

export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
