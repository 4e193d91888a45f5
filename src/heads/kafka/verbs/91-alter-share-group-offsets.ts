// AlterShareGroupOffsets (KIP-932): lets a share group without members begin anew at given offsets, also earlier ones.

import type { Partition } from '../../../broker/index.ts'
import { inGroup } from '../group.ts'
import { type Outcome, refused, succeeded } from '../outcome.ts'
import { type Call, verb } from '../verb.ts'
import type { RequestOf } from '../wire/api.ts'
import { AlterShareGroupOffsets } from '../wire/index.ts'
import { ZERO_UUID } from '../wire/kinds.ts'

type Request = RequestOf<typeof AlterShareGroupOffsets>

export const alterShareGroupOffsets = verb(AlterShareGroupOffsets, {
  async handle({ groupId, topics }, call) {
    const rows = topics.flatMap(({ topicName, partitions }) =>
      partitions.map(({ partitionIndex, startOffset }) => ({
        topicName,
        partitionIndex,
        offset: startOffset,
        ...placeOf(topicName, partitionIndex, startOffset, call),
      })),
    )
    const resets = rows.flatMap(({ partition, offset }) =>
      partition === undefined ? [] : [{ partition, offset }],
    )
    await inGroup(call, 'read', groupId, () => call.kafka.broker.shareGroups.resetOffsets(groupId, resets))
    return {
      ...succeeded,
      responses: topics.map(({ topicName }) => ({
        topicName,
        topicId: call.kafka.broker.topics.get(topicName)?.id ?? ZERO_UUID,
        partitions: rows
          .filter(row => row.topicName === topicName)
          .map(({ partitionIndex, outcome }) => ({ partitionIndex, ...outcome })),
      })),
    }
  },
  refuse: (_: Request, errorCode, errorMessage) => ({ errorCode, errorMessage, responses: [] }),
})

function placeOf(
  topicName: string,
  index: number,
  offset: number,
  { kafka, allows }: Call,
): { readonly partition: Partition | undefined; readonly outcome: Outcome } {
  const nowhere = (outcome: Outcome) => ({ partition: undefined, outcome })
  if (!allows('read', 'topic', topicName))
    return nowhere(refused('TOPIC_AUTHORIZATION_FAILED', 'This client may not read the topic.'))
  const partition = kafka.broker.topics.partition(topicName, index)
  if (partition === undefined)
    return nowhere(refused('UNKNOWN_TOPIC_OR_PARTITION', `There is no partition ${topicName}-${index}.`))
  if (offset < 0 || !Number.isSafeInteger(offset))
    return nowhere(refused('INVALID_REQUEST', `The start offset ${offset} is not valid.`))
  return { partition, outcome: succeeded }
}
