// ShareAcknowledge (KIP-932): says what became of records that a member of a share group has, without fetching more. With
// the session's last epoch it also gives back what the member still has.

import { KafkaRefusal, kafkaErrors } from '../errors.ts'
import { acknowledge } from '../share-acknowledging.ts'
import { askerOf, leadersIn, rowsByTopic, sharePlace } from '../share-places.ts'
import { verb } from '../verb.ts'
import { ShareAcknowledge } from '../wire/index.ts'

const OPEN_EPOCH = 0

export const shareAcknowledge = verb(ShareAcknowledge, {
  async handle(request, call) {
    const asker = askerOf(request, call)
    const { shareSessionEpoch, topics, isRenewAck } = request
    const { shareGroups } = call.kafka.broker
    if (shareSessionEpoch === OPEN_EPOCH)
      throw new KafkaRefusal('INVALID_SHARE_SESSION_EPOCH', 'Only ShareFetch opens a session.')
    const { session, isLast } = call.kafka.shareSessions.step(asker, shareSessionEpoch, call)
    const mayRenew = isRenewAck && shareGroups.mayRenew(asker.groupId)
    const done = await Promise.all(
      topics.flatMap(({ topicId, partitions }) =>
        partitions.map(async ({ partitionIndex, acknowledgementBatches }) => {
          const place = await sharePlace(asker, topicId, partitionIndex, call)
          const outcome = await acknowledge(asker, place, acknowledgementBatches, mayRenew, call)
          return { place, outcome }
        }),
      ),
    )
    if (isLast) session.end('closed')
    return {
      errorCode: kafkaErrors.NONE,
      acquisitionLockTimeoutMs: shareGroups.lockMs(asker.groupId),
      responses: rowsByTopic(
        done.map(
          ({ place: { topicId, index, currentLeader }, outcome }) =>
            [topicId, { partitionIndex: index, currentLeader, ...outcome }] as const,
        ),
      ),
      nodeEndpoints: leadersIn(
        done.map(({ place }) => place),
        call,
      ),
    }
  },
  refuse: (_request, errorCode, errorMessage) => ({
    errorCode,
    errorMessage,
    acquisitionLockTimeoutMs: 0,
    responses: [],
    nodeEndpoints: [],
  }),
})
