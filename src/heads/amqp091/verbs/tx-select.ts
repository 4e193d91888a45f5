// tx.select: from now on publishes and acknowledgements wait for tx.commit.

import { verb } from '../verb.ts'
import { TxSelect, TxSelectOk } from '../wire/index.ts'

export const txSelect = verb(TxSelect, (_, channel) => {
  channel.selectTransactions()
  channel.send(TxSelectOk, {})
})
