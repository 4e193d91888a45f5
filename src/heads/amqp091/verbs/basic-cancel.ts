// basic.cancel: the consumer gets no more. What it has and did not acknowledge stays with the channel.

import { verb } from '../verb.ts'
import { BasicCancel, BasicCancelOk } from '../wire/index.ts'

export const basicCancel = verb(BasicCancel, ({ consumerTag, noWait }, channel) => {
  channel.consumers.get(consumerTag)?.cancel()
  channel.consumers.delete(consumerTag)
  if (channel.replyTag === consumerTag) channel.closeReplies()
  if (!noWait) channel.send(BasicCancelOk, { consumerTag })
})

/** The client's answer to a cancel of ours; nothing is waited for. */
export const basicCancelOk = verb(BasicCancelOk, () => {})
