// OffsetCommit: how far a group has come, partition by partition. Since version 9 the generation may be the member epoch
// of a consumer group (KIP-848).

import { BrokerError } from '../../../broker/index.ts'
import { KafkaRefusal, kafkaErrors } from '../errors.ts'
import { inGroup, rowCode } from '../group.ts'
import { type Call, verb } from '../verb.ts'
import type { RequestOf } from '../wire/api.ts'
import { OffsetCommit } from '../wire/index.ts'

type Request = RequestOf<typeof OffsetCommit>

const NEW_WORDS_VERSION = 9

export const offsetCommit = verb(OffsetCommit, {
  async handle(request, call) {
    const codes = await inGroup(call, 'read', request.groupId, () => commit(request, call)).catch(error => {
      throw inOldWords(error, call)
    })
    return answer(
      request,
      (topic, partition) => codes.get(keyOf(topic, partition)) ?? kafkaErrors.TOPIC_AUTHORIZATION_FAILED,
    )
  },
  refuse: (request, code) => answer(request, () => code),
})

/** Before version 9 clients know neither groups that are not there nor the epochs of members. */
function inOldWords(error: unknown, { version }: Call): unknown {
  if (version >= NEW_WORDS_VERSION || !(error instanceof BrokerError)) return error
  if (error.code === 'GROUP_UNKNOWN') return new KafkaRefusal('ILLEGAL_GENERATION', error.message)
  if (error.code === 'MEMBER_EPOCH_STALE') return new KafkaRefusal('UNSUPPORTED_VERSION', error.message)
  return error
}

/** The code of each partition that the client may commit. */
async function commit(request: Request, call: Call): Promise<Map<string, number>> {
  const { groupId, memberId, groupInstanceId, generationIdOrMemberEpoch, retentionTimeMs } = request
  const allowed = request.topics.filter(({ name }) => call.allows('read', 'topic', name))
  const results = await call.kafka.broker.groups.commitOffsets({
    groupId,
    memberId,
    instanceId: groupInstanceId,
    generation: generationIdOrMemberEpoch,
    retentionMs: retentionTimeMs,
    offsets: allowed.flatMap(({ name: topic, partitions }) =>
      partitions.map(one => ({
        topic,
        partition: one.partitionIndex,
        offset: one.committedOffset,
        leaderEpoch: one.committedLeaderEpoch,
        metadata: one.committedMetadata ?? '',
      })),
    ),
  })
  return new Map(results.map(({ topic, partition, error }) => [keyOf(topic, partition), rowCode(error)]))
}

function keyOf(topic: string, partition: number): string {
  return `${topic}/${partition}`
}

function answer({ topics }: Request, codeOf: (topic: string, partition: number) => number) {
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
