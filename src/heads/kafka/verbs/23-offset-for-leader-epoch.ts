// OffsetForLeaderEpoch (KIP-101, KIP-320): where the batches written under a leader epoch end, so that a consumer can
// tell that what it read was taken back. Nothing is ever taken back here: what was read was durable.

import type { Partition } from '../../../broker/index.ts'
import { kafkaErrors } from '../errors.ts'
import { failed } from '../outcome.ts'
import { checkLeaderEpoch, leadPartition } from '../place.ts'
import { type Call, verb } from '../verb.ts'
import type { RequestOf } from '../wire/api.ts'
import { OffsetForLeaderEpoch } from '../wire/index.ts'

type Entry = RequestOf<typeof OffsetForLeaderEpoch>['topics'][number]['partitions'][number]

export const offsetForLeaderEpoch = verb(OffsetForLeaderEpoch, {
  handle: (request, call) => ({
    topics: request.topics.map(({ topic, partitions }) => ({
      topic,
      partitions: partitions.map(entry =>
        call.allows('describe', 'topic', topic)
          ? locate(topic, entry, call)
          : failure(entry, kafkaErrors.TOPIC_AUTHORIZATION_FAILED),
      ),
    })),
  }),
  refuse: ({ topics }, code) => ({
    topics: topics.map(({ topic, partitions }) => ({
      topic,
      partitions: partitions.map(entry => failure(entry, code)),
    })),
  }),
})

function locate(topic: string, entry: Entry, call: Call) {
  const partition = leadPartition(call.kafka.broker.topics.get(topic), entry.partition, call)
  if (typeof partition === 'number') return failure(entry, partition)
  try {
    checkLeaderEpoch(partition, entry.currentLeaderEpoch)
    return {
      errorCode: kafkaErrors.NONE,
      partition: entry.partition,
      ...endOfEpoch(partition, entry.leaderEpoch),
    }
  } catch (error) {
    return failure(entry, failed(call, error).errorCode)
  }
}

/** The last epoch up to the one asked for, and the offset at which the next one begins; -1 where it is not known. */
function endOfEpoch({ log, highWatermark }: Partition, asked: number) {
  if (asked === log.epoch) return { leaderEpoch: asked, endOffset: highWatermark }
  // The leader's own epoch counts also while nothing is written under it yet.
  const current = { epoch: log.epoch, start: highWatermark }
  const epochs = log.epochs.at(-1)?.epoch === log.epoch ? log.epochs : [...log.epochs, current]
  const next = epochs.find(one => one.epoch > asked)
  if (asked < 0 || next === undefined) return { leaderEpoch: -1, endOffset: -1 }
  const floor = epochs.findLast(one => one.epoch <= asked)
  return { leaderEpoch: floor?.epoch ?? asked, endOffset: next.start }
}

function failure({ partition }: Entry, errorCode: number) {
  return { errorCode, partition, leaderEpoch: -1, endOffset: -1 }
}
