// The offsets that a group has committed, in the two forms that OffsetFetch has had (one group up to version 7, several
// from version 8 on), made one.

import { OffsetCommit, OffsetFetch } from '../../../heads/kafka/wire/index.ts'
import type { Client } from '../client.ts'
import { check } from '../faults.ts'

/** Committed offsets: by topic, by partition. Partitions without a commit are left out. */
export type Committed = ReadonlyMap<string, ReadonlyMap<number, number>>

/** Who commits; outside of a group's membership generation -1 and no member. */
export interface Committer {
  readonly generationId: number
  readonly memberId: string
}

const NOBODY: Committer = { generationId: -1, memberId: '' }

/** Asks for the offsets of these partitions, or of everything that the group has committed. Errors: BrokerFault. */
export async function committedOffsets(
  client: Client,
  group: string,
  wanted?: { readonly topic: string; readonly partitions: readonly number[] },
): Promise<Committed> {
  const topics = wanted === undefined ? null : [{ name: wanted.topic, partitionIndexes: wanted.partitions }]
  const request = { groupId: group, topics, groups: [{ groupId: group, topics }], requireStable: true }
  const answer = await client.askCoordinator(group, OffsetFetch, request, ({ groups, errorCode }) =>
    check(groups[0]?.errorCode ?? errorCode, `group ${group}`),
  )
  const found = new Map<string, Map<number, number>>()
  for (const { name, partitions } of answer.groups[0]?.topics ?? answer.topics) {
    const offsets = new Map<number, number>()
    for (const { partitionIndex, committedOffset, errorCode } of partitions) {
      check(errorCode, `group ${group}, partition ${partitionIndex} of ${name}`)
      if (committedOffset >= 0) offsets.set(partitionIndex, committedOffset)
    }
    if (offsets.size > 0) found.set(name, offsets)
  }
  return found
}

/** Commits offsets of one topic. Errors: BrokerFault. */
export async function commitOffsets(
  client: Client,
  group: string,
  topic: string,
  offsets: ReadonlyMap<number, number>,
  { generationId, memberId }: Committer = NOBODY,
): Promise<void> {
  const partitions = [...offsets].map(([partitionIndex, committedOffset]) => ({
    partitionIndex,
    committedOffset,
    committedMetadata: '',
  }))
  const request = {
    groupId: group,
    generationIdOrMemberEpoch: generationId,
    memberId,
    topics: [{ name: topic, partitions }],
  }
  await client.askCoordinator(group, OffsetCommit, request, answer => {
    for (const row of answer.topics)
      for (const { partitionIndex, errorCode } of row.partitions)
        check(errorCode, `group ${group}, partition ${partitionIndex} of ${topic}`)
  })
}
