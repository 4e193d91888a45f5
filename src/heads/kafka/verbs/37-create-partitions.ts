// CreatePartitions (KIP-195): gives topics more partitions. Never fewer: the records of one would be lost.

import { BrokerError, type Topic } from '../../../broker/index.ts'
import { checkReplicas, replicasFrom } from '../assignments.ts'
import { KafkaRefusal } from '../errors.ts'
import { demand, outcomeOf, refused, repeatedIn } from '../outcome.ts'
import { type Call, verb } from '../verb.ts'
import type { RequestOf } from '../wire/api.ts'
import { CreatePartitions } from '../wire/index.ts'

type Request = RequestOf<typeof CreatePartitions>
type Wanted = Request['topics'][number]

export const createPartitions = verb(CreatePartitions, {
  async handle({ topics, validateOnly }, call) {
    const repeated = repeatedIn(topics.map(({ name }) => name))
    const once = topics.filter(({ name }) => !repeated.has(name))
    const rows = once.map(async wanted => ({
      name: wanted.name,
      ...(await outcomeOf(call, () => grow(wanted, validateOnly, call))),
    }))
    const refusal = refused('INVALID_REQUEST', 'Duplicate topic name.')
    return { results: [...(await Promise.all(rows)), ...[...repeated].map(name => ({ name, ...refusal }))] }
  },
  refuse: ({ topics }, errorCode, errorMessage) => ({
    results: topics.map(({ name }) => ({ name, errorCode, errorMessage })),
  }),
})

async function grow(wanted: Wanted, validateOnly: boolean, call: Call): Promise<void> {
  const { name, count } = wanted
  const { topics } = call.kafka.broker
  demand(call, 'alter', 'topic', name)
  const topic = topics.require(name)
  if (count === topic.definition.partitions)
    throw new BrokerError('PARTITIONS_INVALID', `Topic already has ${count} partition(s).`)
  topics.checkGrowth(name, count)
  checkGiven(wanted, topic, call)
  const lists = (wanted.assignments ?? []).map(({ brokerIds }) => brokerIds)
  if (!validateOnly) await topics.grow(name, count, replicasFrom(topic.definition.partitions, lists))
}

function checkGiven({ count, assignments }: Wanted, { definition }: Topic, { kafka }: Call): void {
  if (assignments === null) return
  const added = count - definition.partitions
  if (assignments.length !== added)
    throw misassigned(
      `Attempted to add ${added} additional partition(s), but only ${assignments.length} assignment(s) were specified.`,
    )
  for (const { brokerIds } of assignments) {
    checkReplicas(brokerIds, kafka.cluster)
    if (brokerIds.length !== definition.replication)
      throw misassigned(
        `${brokerIds.length} replica(s) are assigned to a partition, the topic has ${definition.replication}.`,
      )
  }
}

function misassigned(message: string): KafkaRefusal {
  return new KafkaRefusal('INVALID_REPLICA_ASSIGNMENT', message)
}
