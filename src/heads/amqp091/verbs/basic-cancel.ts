// basic.cancel: the consumer gets no more. What it has and did not acknowledge stays with the channel.

import type { Channel } from '../channel.ts'
import { arrivalsOf } from '../names.ts'
import { verb } from '../verb.ts'
import { BasicCancel, BasicCancelOk } from '../wire/index.ts'
import type { ArgsOf } from '../wire/method.ts'

type Args = ArgsOf<typeof BasicCancel>

export const basicCancel = verb(BasicCancel, (args, channel) => {
  // What this channel published before is the consumer's, if it is its turn: as with RabbitMQ, where it has it by now.
  const arrivals = arrivalsOf(channel.consumers.get(args.consumerTag)?.entity)
  if (arrivals !== undefined) return arrivals.then(() => cancel(args, channel))
  cancel(args, channel)
  return undefined
})

function cancel({ consumerTag, noWait }: Args, channel: Channel): void {
  channel.consumers.get(consumerTag)?.cancel()
  channel.consumers.delete(consumerTag)
  if (channel.replyTag === consumerTag) channel.closeReplies()
  if (!noWait) channel.send(BasicCancelOk, { consumerTag })
}

/** The client's answer to a cancel of ours; nothing is waited for. */
export const basicCancelOk = verb(BasicCancelOk, () => {})
