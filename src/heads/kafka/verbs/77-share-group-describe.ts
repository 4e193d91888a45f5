// ShareGroupDescribe (KIP-932): share groups with their members and what each reads. Whoever may not see all topics of a
// group does not see its members.

import type { Assignment } from '../../../broker/index.ts'
import { kafkaErrors } from '../errors.ts'
import { inGroup, notFound } from '../group.ts'
import { groupOperations } from '../operations.ts'
import { demand, failed } from '../outcome.ts'
import { type Call, verb } from '../verb.ts'
import { ShareGroupDescribe } from '../wire/index.ts'

const nothing = { groupState: '', groupEpoch: 0, assignmentEpoch: 0, assignorName: '', members: [] }

export const shareGroupDescribe = verb(ShareGroupDescribe, {
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
    return await inGroup(call, 'describe', groupId, () => shareGroup(groupId, call))
  } catch (error) {
    return { ...failed(call, error), groupId, ...nothing }
  }
}

function shareGroup(groupId: string, call: Call) {
  const found = call.kafka.broker.shareGroups.describe(groupId)
  if (found === undefined) throw notFound(groupId, 'share', call)
  const { state, epoch, assignor } = found
  return {
    errorCode: kafkaErrors.NONE,
    errorMessage: null,
    groupId,
    groupState: state,
    groupEpoch: epoch,
    assignmentEpoch: epoch,
    assignorName: assignor,
    members: found.members.map(({ topicNames, epoch: memberEpoch, assignment, ...member }) => ({
      ...member,
      memberEpoch,
      subscribedTopicNames: topicNames,
      assignment: { topicPartitions: named(assignment, call) },
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
