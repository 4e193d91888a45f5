// TxnOffsetCommit: offsets that become the group's when the transaction commits. The transaction must have the group
// (AddOffsetsToTxn); from version 5 on it is put in (KIP-890). Since version 3 the member says its generation, so that one that was thrown out cannot commit
// (KIP-447).

import { BrokerError, type BrokerErrorCode } from '../../../broker/index.ts'
import { kafkaErrors, refusalOf } from '../errors.ts'
import { coordinates } from '../place.ts'
import { outcomeCode } from '../transaction.ts'
import { type Call, verb } from '../verb.ts'
import type { RequestOf } from '../wire/api.ts'
import { TxnOffsetCommit } from '../wire/index.ts'

/** No version of this request knows PRODUCER_FENCED. */
const FENCED_SINCE = Number.POSITIVE_INFINITY
/** Until then a group that is not in the transaction is INVALID_TXN_STATE, which ends the producer (KIP-890). */
const ABORTABLE_SINCE = 4
const ADDS_SINCE = 5

type Request = RequestOf<typeof TxnOffsetCommit>
type Topics = Request['topics']

export const txnOffsetCommit = verb(TxnOffsetCommit, {
  async handle(request, call) {
    const refused = refusedWhole(request, call)
    if (refused !== undefined) return answer(request.topics, () => refused)
    const codes = new Map<string, number>()
    const readable = request.topics.filter(({ name }) => call.allows('read', 'topic', name))
    const found = await outcomeCode(stage(request, readable, call, codes), call, FENCED_SINCE)
    const outcome = asProducersKnow(found, call)
    const denied = new Set(request.topics.filter(topic => !readable.includes(topic)).map(({ name }) => name))
    return answer(request.topics, (name, index) => {
      if (denied.has(name)) return kafkaErrors.TOPIC_AUTHORIZATION_FAILED
      return outcome === kafkaErrors.NONE ? (codes.get(keyOf(name, index)) ?? outcome) : outcome
    })
  },
  refuse: ({ topics }, code) => answer(topics, () => code),
})

function refusedWhole({ transactionalId, groupId }: Request, call: Call): number | undefined {
  if (!call.allows('write', 'transactional_id', transactionalId))
    return kafkaErrors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED
  if (!call.allows('read', 'group', groupId)) return kafkaErrors.GROUP_AUTHORIZATION_FAILED
  if (groupId === '') return kafkaErrors.INVALID_GROUP_ID
  return coordinates(groupId, call) ? undefined : kafkaErrors.NOT_COORDINATOR
}

/** Producers know generations only, also of members that have epochs (KIP-848), and later also what they may abort. */
function asProducersKnow(code: number, { version }: Call): number {
  if (code === kafkaErrors.STALE_MEMBER_EPOCH) return kafkaErrors.ILLEGAL_GENERATION
  if (code === kafkaErrors.INVALID_TXN_STATE && version >= ABORTABLE_SINCE)
    return kafkaErrors.TRANSACTION_ABORTABLE
  return code
}

/** Fills `codes` with what is wrong with single partitions. */
async function stage(
  request: Request,
  topics: Topics,
  call: Call,
  codes: Map<string, number>,
): Promise<void> {
  const { transactionalId, groupId, producerId, producerEpoch: epoch } = request
  const { transactions, groups } = call.kafka.broker
  const who = { producerId, epoch }
  if (call.version >= ADDS_SINCE) await transactions.addOffsets(transactionalId, who, groupId)
  transactions.checkGroup(transactionalId, who, groupId)
  const staged = await groups.stageOffsets(producerId, {
    groupId,
    memberId: request.memberId,
    instanceId: request.groupInstanceId,
    generation: request.generationId,
    offsets: topics.flatMap(({ name, partitions }) =>
      partitions.map(one => ({
        topic: name,
        partition: one.partitionIndex,
        offset: one.committedOffset,
        leaderEpoch: one.committedLeaderEpoch,
        metadata: one.committedMetadata ?? '',
      })),
    ),
  })
  for (const { topic, partition, error } of staged)
    if (error !== undefined) codes.set(keyOf(topic, partition), codeOf(error))
}

function codeOf(error: BrokerErrorCode): number {
  return refusalOf(new BrokerError(error, 'a partition was refused')).code
}

function keyOf(name: string, index: number): string {
  return `${name}/${index}`
}

function answer(topics: Topics, codeOf: (name: string, index: number) => number) {
  return {
    topics: topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex }) => ({
        partitionIndex,
        errorCode: codeOf(name, partitionIndex),
      })),
    })),
  }
}
