// EndTxn: commits or aborts. Answered when every partition and group knows the outcome, so that the producer's next
// transaction never meets the last one. From version 5 on the producer speaks the second version of transactions
// (KIP-890), and is given the identity that it goes on with.

import { outcomeCode, refusedId } from '../transaction.ts'
import { verb } from '../verb.ts'
import { EndTxn } from '../wire/index.ts'

const FENCED_SINCE = 2
const RENEWS_SINCE = 5

export const endTxn = verb(EndTxn, {
  async handle({ transactionalId, producerId, producerEpoch: epoch, committed }, call) {
    const refused = refusedId(transactionalId, call)
    if (refused !== undefined) return { errorCode: refused }
    const outcome = committed ? 'commit' : 'abort'
    const { transactions } = call.kafka.broker
    const who = { producerId, epoch }
    if (call.version < RENEWS_SINCE) {
      const work = transactions.end(transactionalId, who, outcome)
      return { errorCode: await outcomeCode(work, call, FENCED_SINCE) }
    }
    let next = { producerId: -1, epoch: -1 }
    const work = transactions.endAndRenew(transactionalId, who, outcome).then(renewed => {
      next = renewed
    })
    const errorCode = await outcomeCode(work, call, FENCED_SINCE)
    return { errorCode, producerId: next.producerId, producerEpoch: next.epoch }
  },
  refuse: (_, errorCode) => ({ errorCode }),
})
