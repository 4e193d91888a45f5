// OffsetDelete (KIP-496): offsets of topics that no member of the group reads.

import { KafkaRefusal, kafkaErrors } from '../errors.ts'
import { inGroup, rowCode } from '../group.ts'
import { type Call, verb } from '../verb.ts'
import type { RequestOf } from '../wire/api.ts'
import { OffsetDelete } from '../wire/index.ts'

type Request = RequestOf<typeof OffsetDelete>

export const offsetDelete = verb(OffsetDelete, {
  async handle(request, call) {
    const refused = new Map(request.topics.map(({ name }) => [name, refusalOfTopic(name, call)]))
    const isThere = (name: string, index: number) =>
      call.kafka.broker.topics.partition(name, index) !== undefined
    const partitions = request.topics
      .filter(({ name }) => refused.get(name) === undefined)
      .flatMap(({ name, partitions: all }) =>
        all
          .filter(({ partitionIndex }) => isThere(name, partitionIndex))
          .map(one => ({ topic: name, partition: one.partitionIndex })),
      )
    const { groupId } = request
    const results = await inGroup(call, 'delete', groupId, () => {
      if (groupId === '') throw new KafkaRefusal('INVALID_GROUP_ID', 'The group id is empty.')
      return call.kafka.broker.groups.deleteOffsets(groupId, partitions)
    })
    const codes = new Map(
      results.map(({ topic, partition, error }) => [`${topic}/${partition}`, rowCode(error)]),
    )
    return {
      errorCode: kafkaErrors.NONE,
      topics: request.topics.map(({ name, partitions: all }) => ({
        name,
        partitions: all.map(({ partitionIndex }) => ({
          partitionIndex,
          errorCode:
            refused.get(name) ??
            codes.get(`${name}/${partitionIndex}`) ??
            kafkaErrors.UNKNOWN_TOPIC_OR_PARTITION,
        })),
      })),
    }
  },
  refuse: (_: Request, errorCode) => ({ errorCode, topics: [] }),
})

function refusalOfTopic(name: string, { allows, kafka }: Call): number | undefined {
  if (!allows('read', 'topic', name)) return kafkaErrors.TOPIC_AUTHORIZATION_FAILED
  return kafka.broker.topics.get(name) === undefined ? kafkaErrors.UNKNOWN_TOPIC_OR_PARTITION : undefined
}
