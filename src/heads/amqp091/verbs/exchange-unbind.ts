// exchange.unbind (RabbitMQ's extension). A binding that is not there is taken away too.

import { demand } from '../permission.ts'
import { verb } from '../verb.ts'
import { ExchangeUnbind, ExchangeUnbindOk } from '../wire/index.ts'

export const exchangeUnbind = verb(ExchangeUnbind, async (args, channel) => {
  const { host, broker } = channel
  const { source, destination, routingKey: key, noWait, arguments: bindingArguments } = args
  demand(host, 'write', 'exchange', destination)
  demand(host, 'read', 'exchange', source)
  await broker.exchanges.unbind({
    ...{ vhost: host.vhost, source, kind: 'exchange', destination, key },
    arguments: bindingArguments,
  })
  if (!noWait) channel.send(ExchangeUnbindOk, {})
})
