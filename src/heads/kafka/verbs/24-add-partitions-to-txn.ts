// AddPartitionsToTxn: the partitions that a transaction is about to write to. All or nothing: when one is refused, the
// others are not attempted. Versions 4 and above are for brokers among themselves and are not served.

import type { Partition } from '../../../broker/index.ts'
import { kafkaErrors } from '../errors.ts'
import { outcomeCode, refusedId } from '../transaction.ts'
import { type Call, verb } from '../verb.ts'
import type { RequestOf } from '../wire/api.ts'
import { AddPartitionsToTxn } from '../wire/index.ts'

const FENCED_SINCE = 2

type Topics = RequestOf<typeof AddPartitionsToTxn>['v3AndBelowTopics']

export const addPartitionsToTxn = verb(AddPartitionsToTxn, {
  async handle(request, call) {
    const { v3AndBelowTransactionalId: id, v3AndBelowTopics: topics } = request
    const refused = refusedId(id, call)
    if (refused !== undefined) return answer(topics, () => refused)
    const found = topics.flatMap(({ name, partitions }) =>
      partitions.map(index => [name, index, placeOf(name, index, call)] as const),
    )
    if (found.some(([, , place]) => typeof place === 'number')) {
      const codes = new Map(found.map(([name, index, place]) => [keyOf(name, index), place]))
      return answer(topics, (name, index) => {
        const place = codes.get(keyOf(name, index))
        return typeof place === 'number' ? place : kafkaErrors.OPERATION_NOT_ATTEMPTED
      })
    }
    const places = found.flatMap(([, , place]) => (typeof place === 'number' ? [] : [place]))
    const who = { producerId: request.v3AndBelowProducerId, epoch: request.v3AndBelowProducerEpoch }
    const work = call.kafka.broker.transactions.addPartitions(id, who, places)
    const code = await outcomeCode(work, call, FENCED_SINCE)
    return answer(topics, () => code)
  },
  refuse: ({ v3AndBelowTopics }, code) => answer(v3AndBelowTopics, () => code),
})

function placeOf(name: string, index: number, { kafka, allows }: Call): Partition | number {
  const topic = kafka.broker.topics.get(name)
  if (!allows('write', 'topic', name) || topic?.isInternal) return kafkaErrors.TOPIC_AUTHORIZATION_FAILED
  return topic?.partitions[index] ?? kafkaErrors.UNKNOWN_TOPIC_OR_PARTITION
}

function keyOf(name: string, index: number): string {
  return `${name}/${index}`
}

function answer(topics: Topics, codeOf: (name: string, index: number) => number) {
  return {
    resultsByTopicV3AndBelow: topics.map(({ name, partitions }) => ({
      name,
      resultsByPartition: partitions.map(partitionIndex => ({
        partitionIndex,
        partitionErrorCode: codeOf(name, partitionIndex),
      })),
    })),
  }
}
