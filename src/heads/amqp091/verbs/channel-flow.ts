// channel.flow: RabbitMQ's clients ask only whether it is on, which it always is.

import { AmqpError } from '../errors.ts'
import { verb } from '../verb.ts'
import { ChannelFlow, ChannelFlowOk } from '../wire/index.ts'

export const channelFlow = verb(ChannelFlow, ({ active }, channel) => {
  if (!active) throw new AmqpError('NOT_IMPLEMENTED', 'active=false')
  channel.send(ChannelFlowOk, { active })
})

/** The answer to a flow of ours, which is never sent: nothing waits for it. */
export const channelFlowOk = verb(ChannelFlowOk, () => {})
