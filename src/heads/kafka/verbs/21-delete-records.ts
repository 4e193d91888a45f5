// DeleteRecords (KIP-107): forgets everything below an offset, -1 meaning all that is there. A topic that is only
// compacted promises to keep each key's last record, so there it is refused.

import { BrokerError, type Partition } from '../../../broker/index.ts'
import { KafkaRefusal, kafkaErrors } from '../errors.ts'
import { failed } from '../outcome.ts'
import { leadPartition } from '../place.ts'
import { type Call, verb } from '../verb.ts'
import type { RequestOf } from '../wire/api.ts'
import { DeleteRecords } from '../wire/index.ts'

type Entry = RequestOf<typeof DeleteRecords>['topics'][number]['partitions'][number]

const HIGH_WATERMARK = -1

export const deleteRecords = verb(DeleteRecords, {
  async handle(request, call) {
    const topics = request.topics.map(async ({ name, partitions }) => {
      const allowed = call.allows('delete', 'topic', name)
      const rows = partitions.map(entry =>
        allowed ? cut(name, entry, call) : failure(entry, kafkaErrors.TOPIC_AUTHORIZATION_FAILED),
      )
      return { name, partitions: await Promise.all(rows) }
    })
    return { topics: await Promise.all(topics) }
  },
  refuse: ({ topics }, code) => ({
    topics: topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(entry => failure(entry, code)),
    })),
  }),
})

async function cut(name: string, entry: Entry, call: Call) {
  const topic = call.kafka.broker.topics.get(name)
  const partition = leadPartition(topic, entry.partitionIndex, call)
  if (typeof partition === 'number') return failure(entry, partition)
  try {
    if (topic?.settings.deletes === false)
      throw new KafkaRefusal('POLICY_VIOLATION', `cleanup.policy of '${name}' does not allow deleting`)
    await partition.trim(cutOffset(entry, partition))
    return {
      partitionIndex: entry.partitionIndex,
      lowWatermark: partition.start,
      errorCode: kafkaErrors.NONE,
    }
  } catch (error) {
    return failure(entry, failed(call, error).errorCode)
  }
}

function cutOffset({ offset }: Entry, partition: Partition): number {
  const before = offset === HIGH_WATERMARK ? partition.highWatermark : offset
  if (before < 0 || before > partition.highWatermark)
    throw new BrokerError('OFFSET_OUT_OF_RANGE', `offset ${before} is beyond ${partition.highWatermark}`)
  return before
}

function failure({ partitionIndex }: Entry, errorCode: number) {
  return { partitionIndex, lowWatermark: -1, errorCode }
}
