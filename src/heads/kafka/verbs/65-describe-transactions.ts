// DescribeTransactions: the state of transactional ids (KIP-664). Topics that the client may not describe are left out.

import type { Transaction } from '../../../broker/index.ts'
import { kafkaErrors, refusalOf } from '../errors.ts'
import { coordinates } from '../place.ts'
import { stateNames } from '../transaction.ts'
import { type Call, verb } from '../verb.ts'
import { DescribeTransactions } from '../wire/index.ts'

const NEVER = -1

export const describeTransactions = verb(DescribeTransactions, {
  handle: ({ transactionalIds }, call) => ({
    transactionStates: transactionalIds.map(id => describe(id, call)),
  }),
  refuse: ({ transactionalIds }, code) => ({
    transactionStates: transactionalIds.map(id => failure(id, code)),
  }),
})

function describe(id: string, call: Call) {
  if (!call.allows('describe', 'transactional_id', id))
    return failure(id, kafkaErrors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED)
  if (!coordinates(id, call)) return failure(id, kafkaErrors.NOT_COORDINATOR)
  try {
    const found = call.kafka.broker.transactions.describe(id)
    return {
      errorCode: kafkaErrors.NONE,
      transactionalId: id,
      transactionState: stateNames[found.at],
      transactionTimeoutMs: found.timeoutMs,
      transactionStartTimeMs: 'startedAt' in found ? found.startedAt : NEVER,
      producerId: found.producer.producerId,
      producerEpoch: found.producer.epoch,
      topics: topicsOf(found, call),
    }
  } catch (error) {
    return failure(id, refusalOf(error).code)
  }
}

function topicsOf(transaction: Transaction, { allows }: Call): { topic: string; partitions: number[] }[] {
  if (!('partitions' in transaction)) return []
  const indexes = new Map<string, number[]>()
  for (const { topic, index } of transaction.partitions.values())
    indexes.set(topic, [...(indexes.get(topic) ?? []), index])
  return [...indexes]
    .filter(([topic]) => allows('describe', 'topic', topic))
    .map(([topic, partitions]) => ({ topic, partitions }))
}

function failure(transactionalId: string, errorCode: number) {
  return {
    errorCode,
    transactionalId,
    transactionState: '',
    transactionTimeoutMs: 0,
    transactionStartTimeMs: 0,
    producerId: 0,
    producerEpoch: 0,
    topics: [],
  }
}
