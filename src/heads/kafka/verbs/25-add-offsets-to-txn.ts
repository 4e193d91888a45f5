// AddOffsetsToTxn: the group whose offsets a transaction is about to carry.

import { kafkaErrors } from '../errors.ts'
import { outcomeCode, refusedId } from '../transaction.ts'
import { verb } from '../verb.ts'
import { AddOffsetsToTxn } from '../wire/index.ts'

const FENCED_SINCE = 2

export const addOffsetsToTxn = verb(AddOffsetsToTxn, {
  async handle({ transactionalId, producerId, producerEpoch: epoch, groupId }, call) {
    const refused = refusedId(transactionalId, call)
    if (refused !== undefined) return { errorCode: refused }
    if (!call.allows('read', 'group', groupId)) return { errorCode: kafkaErrors.GROUP_AUTHORIZATION_FAILED }
    const work = call.kafka.broker.transactions.addOffsets(transactionalId, { producerId, epoch }, groupId)
    return { errorCode: await outcomeCode(work, call, FENCED_SINCE) }
  },
  refuse: (_, errorCode) => ({ errorCode }),
})
