// Sets of partitions by topic id: what a member is to have, has, or must give up. Plain JSON, never changed in place.

/** Partitions in ascending order, by topic id; no topic without partitions. */
export type Assignment = { readonly [topicId: string]: readonly number[] }

export const NOTHING: Assignment = {}

/** As anybody sends it, made into what this file promises. */
export function assignmentOf(entries: Iterable<readonly [string, Iterable<number>]>): Assignment {
  const made: Record<string, number[]> = {}
  for (const [topicId, partitions] of entries) {
    const all = [...new Set([...(made[topicId] ?? []), ...partitions])].sort((a, b) => a - b)
    if (all.length > 0) made[topicId] = all
  }
  return made
}

export function* partitionsOf(assignment: Assignment): Generator<readonly [string, number]> {
  for (const [topicId, partitions] of Object.entries(assignment))
    for (const partition of partitions) yield [topicId, partition]
}

export function isEmpty(assignment: Assignment): boolean {
  return Object.keys(assignment).length === 0
}
export function has(assignment: Assignment, topicId: string, partition: number): boolean {
  return assignment[topicId]?.includes(partition) === true
}
export function countOf(assignment: Assignment): number {
  return Object.values(assignment).reduce((sum, partitions) => sum + partitions.length, 0)
}

/** Of `all`, what `isKept` says. */
export function filter(all: Assignment, isKept: (topicId: string, partition: number) => boolean): Assignment {
  const kept: Record<string, readonly number[]> = {}
  for (const [topicId, partitions] of Object.entries(all)) {
    const some = partitions.filter(partition => isKept(topicId, partition))
    if (some.length > 0) kept[topicId] = some
  }
  return kept
}

export function intersection(a: Assignment, b: Assignment): Assignment {
  const ofB = membership(b)
  return filter(a, ofB)
}
export function difference(a: Assignment, b: Assignment): Assignment {
  const ofB = membership(b)
  return filter(a, (topicId, partition) => !ofB(topicId, partition))
}
export function union(a: Assignment, b: Assignment): Assignment {
  return assignmentOf([...Object.entries(a), ...Object.entries(b)])
}
export function isSubset(a: Assignment, b: Assignment): boolean {
  return isEmpty(difference(a, b))
}
export function isSame(a: Assignment, b: Assignment): boolean {
  return a === b || (countOf(a) === countOf(b) && isSubset(a, b))
}

function membership(of: Assignment): (topicId: string, partition: number) => boolean {
  const sets = new Map(Object.entries(of).map(([topicId, partitions]) => [topicId, new Set(partitions)]))
  return (topicId, partition) => sets.get(topicId)?.has(partition) === true
}
