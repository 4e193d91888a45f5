// JoinGroup: a classic member asks to be in the next generation; the answer may take as long as a rebalance. Since
// version 4 a new member must come back with the id that it is given (KIP-394), since 5 there are static members
// (KIP-345), since 9 a static leader can be told to hand out nothing (KIP-814).

import { kafkaErrors } from '../errors.ts'
import { clientOf, inGroup, unlessEnded } from '../group.ts'
import { type Call, verb } from '../verb.ts'
import type { RequestOf } from '../wire/api.ts'
import { JoinGroup } from '../wire/index.ts'

const KNOWN_ID_VERSION = 4
const SKIP_VERSION = 9

const nobody = { generationId: -1, protocolName: null, leader: '', members: [] }

export const joinGroup = verb(JoinGroup, {
  async handle(request, call) {
    const result = await inGroup(call, 'read', request.groupId, () => unlessEnded(join(request, call), call))
    if (result.at === 'member-id-required')
      return { errorCode: kafkaErrors.MEMBER_ID_REQUIRED, memberId: result.memberId, ...nobody }
    return {
      errorCode: kafkaErrors.NONE,
      generationId: result.generation,
      protocolType: result.protocolType,
      protocolName: result.protocol,
      leader: result.leader,
      skipAssignment: result.skipAssignment,
      memberId: result.memberId,
      members: result.members.map(({ memberId, instanceId, metadata }) => ({
        memberId,
        groupInstanceId: instanceId,
        metadata,
      })),
    }
  },
  refuse: ({ memberId }, errorCode) => ({ errorCode, memberId, ...nobody }),
})

function join(request: RequestOf<typeof JoinGroup>, call: Call) {
  const {
    groupId,
    memberId,
    groupInstanceId,
    sessionTimeoutMs,
    rebalanceTimeoutMs,
    protocolType,
    protocols,
  } = request
  return call.kafka.broker.groups.join({
    groupId,
    memberId,
    instanceId: groupInstanceId,
    ...clientOf(call),
    sessionTimeoutMs,
    rebalanceTimeoutMs,
    protocolType,
    protocols,
    requireKnownMemberId: call.version >= KNOWN_ID_VERSION,
    supportsSkippingAssignment: call.version >= SKIP_VERSION,
  })
}
