// ShareGroupHeartbeat (KIP-932): join a share group, subscribe, learn what to read, leave.

import { kafkaErrors } from '../errors.ts'
import { checkPresent, clientOf, inGroup } from '../group.ts'
import { demand } from '../outcome.ts'
import { verb } from '../verb.ts'
import { ShareGroupHeartbeat } from '../wire/index.ts'

export const shareGroupHeartbeat = verb(ShareGroupHeartbeat, {
  async handle(request, call) {
    const { groupId, subscribedTopicNames: topicNames } = request
    const { memberId, memberEpoch, heartbeatIntervalMs, assignment } = await inGroup(
      call,
      'read',
      groupId,
      () => {
        checkPresent(groupId, 'GroupId')
        for (const name of topicNames ?? []) demand(call, 'describe', 'topic', name)
        return call.kafka.broker.shareGroups.heartbeat({
          groupId,
          memberId: request.memberId,
          memberEpoch: request.memberEpoch,
          rackId: request.rackId,
          topicNames,
          ...clientOf(call),
        })
      },
    )
    const topicPartitions =
      assignment && Object.entries(assignment).map(([topicId, partitions]) => ({ topicId, partitions }))
    return {
      errorCode: kafkaErrors.NONE,
      memberId,
      memberEpoch,
      heartbeatIntervalMs,
      assignment: topicPartitions && { topicPartitions },
    }
  },
  refuse: (_, errorCode, errorMessage) => ({
    errorCode,
    errorMessage,
    memberEpoch: 0,
    heartbeatIntervalMs: 0,
  }),
})
