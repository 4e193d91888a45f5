// `range`: each topic's partitions in runs, one run a member, in the members' order. Topics with the same subscribers and
// as many partitions are cut alike, so that their partitions of one number meet at one member (joins need that).

import { type Assignment, assignmentOf } from '../assignment.ts'
import { type Assignor, byTopic, inOrder } from './assignor.ts'

export const range: Assignor = {
  name: 'range',
  assign({ subscribers, topics }) {
    const ordered = inOrder(subscribers)
    const given = new Map<string, (readonly [string, number[]])[]>(
      ordered.map(({ memberId }) => [memberId, []]),
    )
    for (const [topic, members] of byTopic(ordered))
      for (const [memberId, run] of runs(members, topics.get(topic) ?? 0))
        given.get(memberId)?.push([topic, run])
    return new Map<string, Assignment>(
      [...given].map(([memberId, entries]) => [memberId, assignmentOf(entries)]),
    )
  },
}

/** The first `partitions % members` members get one more. */
function runs(members: readonly string[], partitions: number): (readonly [string, number[]])[] {
  const size = Math.floor(partitions / members.length)
  const longer = partitions % members.length
  return members.map((memberId, at) => {
    const from = at * size + Math.min(at, longer)
    return [memberId, Array.from({ length: size + (at < longer ? 1 : 0) }, (_, n) => from + n)] as const
  })
}
