// LeaveGroup: members go; since version 3 several at once, each with its own outcome (KIP-345).

import { kafkaErrors, refusalOf } from '../errors.ts'
import { inGroup } from '../group.ts'
import { verb } from '../verb.ts'
import { LeaveGroup } from '../wire/index.ts'

const SEVERAL_VERSION = 3

export const leaveGroup = verb(LeaveGroup, {
  async handle({ groupId, memberId, members }, call) {
    const several = call.version >= SEVERAL_VERSION
    const leavers = several
      ? members.map(one => ({ memberId: one.memberId, instanceId: one.groupInstanceId }))
      : [{ memberId, instanceId: null }]
    const left = await inGroup(call, 'read', groupId, () => call.kafka.broker.groups.leave(groupId, leavers))
    const rows = left.map(one => ({
      memberId: one.memberId,
      groupInstanceId: one.instanceId,
      errorCode: one.error === undefined ? kafkaErrors.NONE : refusalOf(one.error).code,
    }))
    if (several) return { errorCode: kafkaErrors.NONE, members: rows }
    return { errorCode: rows[0]?.errorCode ?? kafkaErrors.NONE, members: [] }
  },
  refuse: (_, errorCode) => ({ errorCode, members: [] }),
})
