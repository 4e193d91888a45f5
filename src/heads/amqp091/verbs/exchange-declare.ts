// exchange.declare: makes an exchange, or finds it as it is wanted; with `passive` only finds it.

import { ALTERNATE } from '../../../broker/routing/exchange.ts'
import { demand } from '../permission.ts'
import { verb } from '../verb.ts'
import { ExchangeDeclare, ExchangeDeclareOk } from '../wire/index.ts'

export const exchangeDeclare = verb(ExchangeDeclare, (args, channel) => {
  const { host, broker } = channel
  const { type, durable, autoDelete, internal, noWait, arguments: exchangeArguments } = args
  const name = args.exchange.replace(/[\r\n]/g, '')
  const answer = (): void => {
    if (!noWait) channel.send(ExchangeDeclareOk, {})
  }
  if (args.passive) {
    broker.exchanges.passive(host.vhost, name)
    answer()
    return undefined
  }
  demand(host, 'configure', 'exchange', name)
  const alternate = exchangeArguments.get(ALTERNATE)
  if (typeof alternate === 'string') {
    demand(host, 'read', 'exchange', name)
    demand(host, 'write', 'exchange', alternate)
  }
  const wanted = { name, type, durable, autoDelete, internal, arguments: exchangeArguments }
  return broker.exchanges.declare(host.vhost, wanted).then(answer)
})
