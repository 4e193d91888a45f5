// ConsumerGroupHeartbeat (KIP-848): the whole of the new protocol in one request: join, subscribe, say what is owned,
// learn what to own, leave.

import { assignmentOf } from '../../../broker/index.ts'
import { kafkaErrors } from '../errors.ts'
import { checkPresent, clientOf, inGroup } from '../group.ts'
import { demand } from '../outcome.ts'
import { type Call, verb } from '../verb.ts'
import type { RequestOf } from '../wire/api.ts'
import { ConsumerGroupHeartbeat } from '../wire/index.ts'

/** Since this version members make their ids (KIP-1082). */
const OWN_ID_VERSION = 1

export const consumerGroupHeartbeat = verb(ConsumerGroupHeartbeat, {
  async handle(request, call) {
    const { memberId, memberEpoch, heartbeatIntervalMs, assignment } = await inGroup(
      call,
      'read',
      request.groupId,
      () => {
        checkPresent(request.groupId, 'GroupId')
        if (call.version >= OWN_ID_VERSION) checkPresent(request.memberId, 'MemberId')
        for (const name of request.subscribedTopicNames ?? []) demand(call, 'describe', 'topic', name)
        return beat(request, call)
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

function beat(request: RequestOf<typeof ConsumerGroupHeartbeat>, call: Call) {
  const { groupId, memberId, memberEpoch, instanceId, rackId, rebalanceTimeoutMs, topicPartitions } = request
  return call.kafka.broker.groups.consumerHeartbeat({
    groupId,
    memberId,
    memberEpoch,
    instanceId,
    rackId,
    rebalanceTimeoutMs,
    topicNames: request.subscribedTopicNames,
    pattern: request.subscribedTopicRegex,
    assignor: request.serverAssignor,
    owned:
      topicPartitions && assignmentOf(topicPartitions.map(one => [one.topicId, one.partitions] as const)),
    ...clientOf(call),
  })
}
