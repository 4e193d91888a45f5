// DescribeGroups: classic groups with their members. A group that is not there, or that is of another type, is described
// as dead; since version 6 it is an error (KIP-1043).

import { kafkaErrors } from '../errors.ts'
import { inGroup, notFoundText } from '../group.ts'
import { groupOperations } from '../operations.ts'
import { failed } from '../outcome.ts'
import { type Call, verb } from '../verb.ts'
import { DescribeGroups } from '../wire/index.ts'

const NOT_FOUND_VERSION = 6

const nothing = { groupState: '', protocolType: '', protocolData: '', members: [] }

export const describeGroups = verb(DescribeGroups, {
  async handle({ groups, includeAuthorizedOperations }, call) {
    const described = await Promise.all(groups.map(groupId => describe(groupId, call)))
    if (!includeAuthorizedOperations) return { groups: described }
    return {
      groups: described.map(one =>
        one.errorCode === kafkaErrors.NONE
          ? { ...one, authorizedOperations: groupOperations(one.groupId, call) }
          : one,
      ),
    }
  },
  refuse: ({ groups }, errorCode, errorMessage) => ({
    groups: groups.map(groupId => ({ errorCode, errorMessage, groupId, ...nothing })),
  }),
})

async function describe(groupId: string, call: Call) {
  try {
    return await inGroup(call, 'describe', groupId, () => classic(groupId, call))
  } catch (error) {
    return { ...failed(call, error), groupId, ...nothing }
  }
}

function classic(groupId: string, call: Call) {
  const { kafka, version } = call
  const found = kafka.broker.groups.describeClassic(groupId)
  if (found === undefined) {
    const isError = version >= NOT_FOUND_VERSION
    return {
      errorCode: isError ? kafkaErrors.GROUP_ID_NOT_FOUND : kafkaErrors.NONE,
      errorMessage: isError ? notFoundText(groupId, 'classic', call) : null,
      groupId,
      ...nothing,
      groupState: 'Dead',
    }
  }
  return {
    errorCode: kafkaErrors.NONE,
    errorMessage: null,
    groupId,
    groupState: found.state,
    protocolType: found.protocolType,
    protocolData: found.protocol,
    members: found.members.map(({ memberId, instanceId, clientId, clientHost, metadata, assignment }) => ({
      memberId,
      groupInstanceId: instanceId,
      clientId,
      clientHost,
      memberMetadata: metadata,
      memberAssignment: assignment,
    })),
  }
}
