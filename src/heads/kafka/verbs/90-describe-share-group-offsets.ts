// DescribeShareGroupOffsets (KIP-932; the lag is KIP-1226): how far share groups have come. Of all topics a client gets
// those that it may see; a partition that the group never read has the start -1.

import { KafkaRefusal, kafkaErrors } from '../errors.ts'
import { inGroup } from '../group.ts'
import { failed } from '../outcome.ts'
import { type Call, verb } from '../verb.ts'
import type { RequestOf } from '../wire/api.ts'
import { DescribeShareGroupOffsets } from '../wire/index.ts'
import { ZERO_UUID } from '../wire/kinds.ts'

type Wanted = RequestOf<typeof DescribeShareGroupOffsets>['groups'][number]

const UNKNOWN = -1
export const describeShareGroupOffsets = verb(DescribeShareGroupOffsets, {
  handle: async ({ groups }, call) => ({ groups: await Promise.all(groups.map(one => ofGroup(one, call))) }),
  refuse: ({ groups }, errorCode, errorMessage) => ({
    groups: groups.map(({ groupId }) => ({ groupId, topics: [], errorCode, errorMessage })),
  }),
})

async function ofGroup(wanted: Wanted, call: Call) {
  const { groupId } = wanted
  try {
    const topics = await inGroup(call, 'describe', groupId, () => topicsOf(wanted, call))
    return { groupId, topics, errorCode: kafkaErrors.NONE, errorMessage: null }
  } catch (error) {
    return { groupId, topics: [], ...failed(call, error) }
  }
}

async function topicsOf({ groupId, topics: asked }: Wanted, call: Call) {
  const { shareGroups, topics } = call.kafka.broker
  if (!shareGroups.has(groupId))
    throw new KafkaRefusal('GROUP_ID_NOT_FOUND', `Group ${groupId} is not a share group.`)
  const known = new Map(
    (await shareGroups.offsets(groupId)).map(one => [`${one.topicId}/${one.partition}`, one] as const),
  )
  const wanted = asked ?? everythingIn(known.values(), call)
  return wanted.map(({ topicName, partitions }) => {
    const topic = topics.get(topicName)
    const error = !call.allows('describe', 'topic', topicName)
      ? kafkaErrors.TOPIC_AUTHORIZATION_FAILED
      : topic === undefined
        ? kafkaErrors.UNKNOWN_TOPIC_OR_PARTITION
        : kafkaErrors.NONE
    return {
      topicName,
      topicId: error === kafkaErrors.NONE ? (topic?.id ?? ZERO_UUID) : ZERO_UUID,
      partitions: partitions.map(partitionIndex => {
        const found = error === kafkaErrors.NONE ? known.get(`${topic?.id}/${partitionIndex}`) : undefined
        return {
          partitionIndex,
          startOffset: found?.start ?? UNKNOWN,
          leaderEpoch: topic?.partitions[partitionIndex]?.log.epoch ?? 0,
          lag: found?.lag ?? UNKNOWN,
          errorCode: error,
          errorMessage: null,
        }
      }),
    }
  })
}

function everythingIn(
  offsets: Iterable<{ readonly topicId: string; readonly partition: number }>,
  { kafka, allows }: Call,
) {
  const topics = new Map<string, number[]>()
  for (const { topicId, partition } of offsets) {
    const name = kafka.broker.topics.byId(topicId)?.name
    if (name === undefined || !allows('describe', 'topic', name)) continue
    topics.set(name, [...(topics.get(name) ?? []), partition])
  }
  return Array.from(topics, ([topicName, partitions]) => ({ topicName, partitions }))
}
