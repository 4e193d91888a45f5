// exchange.bind (RabbitMQ's extension): messages of one exchange go to another.

import { demand, demandTopic } from '../permission.ts'
import { verb } from '../verb.ts'
import { ExchangeBind, ExchangeBindOk } from '../wire/index.ts'

export const exchangeBind = verb(ExchangeBind, async (args, channel) => {
  const { host, broker } = channel
  const { source, destination, routingKey: key, noWait, arguments: bindingArguments } = args
  demand(host, 'write', 'exchange', destination)
  demand(host, 'read', 'exchange', source)
  if (source !== '' && broker.exchanges.require(host.vhost, source).type === 'topic')
    demandTopic(host, 'read', source, key)
  await broker.exchanges.bind({
    ...{ vhost: host.vhost, source, kind: 'exchange', destination, key },
    arguments: bindingArguments,
  })
  if (!noWait) channel.send(ExchangeBindOk, {})
})
