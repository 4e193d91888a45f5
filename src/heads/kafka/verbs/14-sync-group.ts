// SyncGroup: the leader hands out assignments, and everybody gets his own when it has.

import { KafkaRefusal, kafkaErrors } from '../errors.ts'
import { inGroup, unlessEnded } from '../group.ts'
import { verb } from '../verb.ts'
import { SyncGroup } from '../wire/index.ts'

/** Since this version a member must say what it takes the protocol to be (KIP-559). */
const NAMED_VERSION = 5

const NOTHING = Buffer.alloc(0)

export const syncGroup = verb(SyncGroup, {
  async handle(request, call) {
    const { groupId, memberId, groupInstanceId, generationId, protocolType, protocolName, assignments } =
      request
    const synced = await inGroup(call, 'read', groupId, () => {
      if (call.version >= NAMED_VERSION && (protocolType === null || protocolName === null))
        throw new KafkaRefusal('INCONSISTENT_GROUP_PROTOCOL', 'The protocol is not named.')
      return unlessEnded(
        call.kafka.broker.groups.sync({
          groupId,
          memberId,
          instanceId: groupInstanceId,
          generation: generationId,
          protocolType,
          protocol: protocolName,
          assignments,
        }),
        call,
      )
    })
    return {
      errorCode: kafkaErrors.NONE,
      protocolType: synced.protocolType,
      protocolName: synced.protocol,
      assignment: synced.assignment,
    }
  },
  refuse: (_, errorCode) => ({ errorCode, assignment: NOTHING }),
})
