// EndTxn: commits or aborts. Answered when every partition and group knows the outcome, so that the producer's next
// transaction never meets the last one.

import { outcomeCode, refusedId } from '../transaction.ts'
import { verb } from '../verb.ts'
import { EndTxn } from '../wire/index.ts'

const FENCED_SINCE = 2

export const endTxn = verb(EndTxn, {
  async handle({ transactionalId, producerId, producerEpoch: epoch, committed }, call) {
    const refused = refusedId(transactionalId, call)
    if (refused !== undefined) return { errorCode: refused }
    const outcome = committed ? 'commit' : 'abort'
    const work = call.kafka.broker.transactions.end(transactionalId, { producerId, epoch }, outcome)
    return { errorCode: await outcomeCode(work, call, FENCED_SINCE) }
  },
  refuse: (_, errorCode) => ({ errorCode }),
})
