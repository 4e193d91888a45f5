// DescribeProducers: the idempotent producers that a partition remembers, and where their transactions begin (KIP-664).

import { kafkaErrors, refusalOf } from '../errors.ts'
import { leadPartition } from '../place.ts'
import { type Call, verb } from '../verb.ts'
import { DescribeProducers } from '../wire/index.ts'

const UNKNOWN = -1

export const describeProducers = verb(DescribeProducers, {
  async handle({ topics }, call) {
    const described = topics.map(async ({ name, partitionIndexes }) => ({
      name,
      partitions: await Promise.all(partitionIndexes.map(index => describe(name, index, call))),
    }))
    return { topics: await Promise.all(described) }
  },
  refuse: ({ topics }, code, message) => ({
    topics: topics.map(({ name, partitionIndexes }) => ({
      name,
      partitions: partitionIndexes.map(index => failure(index, code, message)),
    })),
  }),
})

async function describe(name: string, partitionIndex: number, call: Call) {
  if (!call.allows('read', 'topic', name))
    return failure(partitionIndex, kafkaErrors.TOPIC_AUTHORIZATION_FAILED)
  const partition = leadPartition(call.kafka.broker.topics.get(name), partitionIndex, call)
  if (typeof partition === 'number') return failure(partitionIndex, partition)
  try {
    await partition.warm()
  } catch (error) {
    const { code, message } = refusalOf(error)
    return failure(partitionIndex, code, message)
  }
  const activeProducers = [...partition.producers.list()].map(one => ({
    producerId: one.producerId,
    producerEpoch: one.epoch,
    lastSequence: one.batches.at(-1)?.lastSequence ?? UNKNOWN,
    lastTimestamp: one.lastTimestamp,
    coordinatorEpoch: one.coordinatorEpoch,
    currentTxnStartOffset: one.openSince ?? UNKNOWN,
  }))
  return { partitionIndex, errorCode: kafkaErrors.NONE, errorMessage: null, activeProducers }
}

function failure(partitionIndex: number, errorCode: number, errorMessage: string | null = null) {
  return { partitionIndex, errorCode, errorMessage, activeProducers: [] }
}
