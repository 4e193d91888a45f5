// tx.rollback: forgets what was published and acknowledged since the last commit.

import { AmqpError } from '../errors.ts'
import { verb } from '../verb.ts'
import { TxRollback, TxRollbackOk } from '../wire/index.ts'

export const txRollback = verb(TxRollback, (_, channel) => {
  const { mode } = channel
  if (mode.at !== 'tx') throw new AmqpError('PRECONDITION_FAILED', 'channel is not transactional')
  channel.unacked.restore(mode.transaction.rollback())
  channel.send(TxRollbackOk, {})
})
