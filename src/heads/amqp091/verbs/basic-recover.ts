// basic.recover: every delivery that is not acknowledged comes back to its queue, and may come again to anybody.

import type { Channel } from '../channel.ts'
import { AmqpError } from '../errors.ts'
import { verb } from '../verb.ts'
import { BasicRecover, BasicRecoverAsync, BasicRecoverOk } from '../wire/index.ts'

export const basicRecover = verb(BasicRecover, ({ requeue }, channel) => {
  recover(channel, requeue)
  channel.send(BasicRecoverOk, {})
})

export const basicRecoverAsync = verb(BasicRecoverAsync, ({ requeue }, channel) => recover(channel, requeue))

function recover(channel: Channel, requeue: boolean): void {
  if (!requeue) throw new AmqpError('NOT_IMPLEMENTED', 'requeue=false')
  channel.settle(channel.unacked.takeAll(), 'requeue')
}
