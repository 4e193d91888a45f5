// ElectLeaders (KIP-183, KIP-460): leaders never leave their first replica here, so there is never anything to elect.

import { BrokerError } from '../../../broker/index.ts'
import { kafkaErrors } from '../errors.ts'
import { demandOfCluster, type Outcome, refused } from '../outcome.ts'
import { type Call, verb } from '../verb.ts'
import type { RequestOf } from '../wire/api.ts'
import { ElectLeaders } from '../wire/index.ts'

type Request = RequestOf<typeof ElectLeaders>

const PREFERRED = 0
const UNCLEAN = 1

export const electLeaders = verb(ElectLeaders, {
  handle(request, call) {
    demandOfCluster(call, 'alter')
    if (request.electionType !== PREFERRED && request.electionType !== UNCLEAN)
      throw new BrokerError('REQUEST_INVALID', `Unknown election type ${request.electionType}`)
    // Of all partitions, only those that needed an election would be listed.
    return rows(request, (topic, partition) => unneeded(topic, partition, call))
  },
  refuse: (request, errorCode, errorMessage) => ({
    ...rows(request, () => ({ errorCode, errorMessage })),
    errorCode,
  }),
})

function rows({ topicPartitions }: Request, outcome: (topic: string, partition: number) => Outcome) {
  return {
    errorCode: kafkaErrors.NONE,
    replicaElectionResults: (topicPartitions ?? []).map(({ topic, partitions }) => ({
      topic,
      partitionResult: partitions.map(partitionId => ({ partitionId, ...outcome(topic, partitionId) })),
    })),
  }
}

function unneeded(name: string, partition: number, { kafka }: Call): Outcome {
  const topic = kafka.broker.topics.get(name)
  if (topic === undefined) return refused('UNKNOWN_TOPIC_OR_PARTITION', `No such topic as ${name}`)
  if (topic.partitions[partition] === undefined)
    return refused('UNKNOWN_TOPIC_OR_PARTITION', `No such partition as ${name}-${partition}`)
  return refused('ELECTION_NOT_NEEDED', 'Leader election not needed for topic partition.')
}
