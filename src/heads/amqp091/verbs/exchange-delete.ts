// exchange.delete: the exchange goes with its bindings. One that is not there is deleted too.

import { demand } from '../permission.ts'
import { verb } from '../verb.ts'
import { ExchangeDelete, ExchangeDeleteOk } from '../wire/index.ts'

export const exchangeDelete = verb(ExchangeDelete, async ({ exchange, ifUnused, noWait }, channel) => {
  const { host, broker } = channel
  demand(host, 'configure', 'exchange', exchange)
  await broker.exchanges.delete(host.vhost, exchange, { ifUnused })
  if (!noWait) channel.send(ExchangeDeleteOk, {})
})
