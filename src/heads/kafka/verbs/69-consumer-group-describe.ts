// ConsumerGroupDescribe (KIP-848): groups of the new protocol, with what each member has and is to have. Whoever may not
// see all topics of a group does not see its members.

import type { Assignment } from '../../../broker/index.ts'
import { kafkaErrors } from '../errors.ts'
import { inGroup, notFound } from '../group.ts'
import { groupOperations } from '../operations.ts'
import { demand, failed } from '../outcome.ts'
import { type Call, verb } from '../verb.ts'
import { ConsumerGroupDescribe } from '../wire/index.ts'

/** Whether a member speaks the classic protocol or this one. */
const memberTypes = { classic: 0, consumer: 1 } as const

const nothing = { groupState: '', groupEpoch: 0, assignmentEpoch: 0, assignorName: '', members: [] }

export const consumerGroupDescribe = verb(ConsumerGroupDescribe, {
  async handle({ groupIds, includeAuthorizedOperations }, call) {
    const groups = await Promise.all(groupIds.map(groupId => describe(groupId, call)))
    if (!includeAuthorizedOperations) return { groups }
    return {
      groups: groups.map(one =>
        one.errorCode === kafkaErrors.NONE
          ? { ...one, authorizedOperations: groupOperations(one.groupId, call) }
          : one,
      ),
    }
  },
  refuse: ({ groupIds }, errorCode, errorMessage) => ({
    groups: groupIds.map(groupId => ({ errorCode, errorMessage, groupId, ...nothing })),
  }),
})

async function describe(groupId: string, call: Call) {
  try {
    return await inGroup(call, 'describe', groupId, () => consumer(groupId, call))
  } catch (error) {
    return { ...failed(call, error), groupId, ...nothing }
  }
}

function consumer(groupId: string, call: Call) {
  const found = call.kafka.broker.groups.describeConsumer(groupId)
  if (found === undefined) throw notFound(groupId, 'consumer', call)
  const { state, epoch, assignmentEpoch, assignor } = found
  return {
    errorCode: kafkaErrors.NONE,
    errorMessage: null,
    groupId,
    groupState: state,
    groupEpoch: epoch,
    assignmentEpoch,
    assignorName: assignor,
    members: found.members.map(member => ({
      memberId: member.memberId,
      instanceId: member.instanceId,
      rackId: member.rackId,
      memberEpoch: member.epoch,
      clientId: member.clientId,
      clientHost: member.clientHost,
      subscribedTopicNames: member.topicNames,
      subscribedTopicRegex: member.pattern,
      assignment: { topicPartitions: named(member.assignment, call) },
      targetAssignment: { topicPartitions: named(member.target, call) },
      memberType: member.isClassic ? memberTypes.classic : memberTypes.consumer,
    })),
  }
}

/** Topics that were deleted meanwhile are left out: they have no name. */
function named(assignment: Assignment, call: Call) {
  return Object.entries(assignment).flatMap(([topicId, partitions]) => {
    const topicName = call.kafka.broker.topics.byId(topicId)?.name
    if (topicName === undefined) return []
    demand(call, 'describe', 'topic', topicName)
    return [{ topicId, topicName, partitions }]
  })
}
