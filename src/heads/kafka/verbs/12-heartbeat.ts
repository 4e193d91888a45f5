// Heartbeat: a classic member is alive, and learns whether it has to join again.

import { kafkaErrors } from '../errors.ts'
import { inGroup } from '../group.ts'
import { verb } from '../verb.ts'
import { Heartbeat } from '../wire/index.ts'

export const heartbeat = verb(Heartbeat, {
  async handle({ groupId, memberId, groupInstanceId, generationId }, call) {
    const request = { groupId, memberId, instanceId: groupInstanceId, generation: generationId }
    await inGroup(call, 'read', groupId, () => call.kafka.broker.groups.heartbeat(request))
    return { errorCode: kafkaErrors.NONE }
  },
  refuse: (_, errorCode) => ({ errorCode }),
})
