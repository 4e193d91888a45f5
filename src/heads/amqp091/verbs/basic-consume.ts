// basic.consume: messages of a queue are sent as they come, as far as there is credit.

import type { Channel } from '../channel.ts'
import { type ConsumeOptions, Subscriber } from '../consuming.ts'
import { REPLY_QUEUE } from '../direct-replies.ts'
import { AmqpError } from '../errors.ts'
import { generatedTag, queueName, queueOf } from '../names.ts'
import { demand } from '../permission.ts'
import { verb } from '../verb.ts'
import { BasicConsume, BasicConsumeOk, BasicDeliver } from '../wire/index.ts'
import type { ArgsOf } from '../wire/method.ts'

type Args = ArgsOf<typeof BasicConsume>

export const basicConsume = verb(BasicConsume, async (args, channel) => {
  const tag = args.consumerTag === '' ? generatedTag(channel.serving.world) : args.consumerTag
  if (channel.consumers.has(tag) || channel.replyTag === tag)
    throw new AmqpError('NOT_ALLOWED', `attempt to reuse consumer tag '${tag}'`)
  if (args.queue === REPLY_QUEUE) {
    consumeReplies(args, tag, channel)
    return
  }
  const most = channel.serving.limits.consumersPerChannelMax
  if (channel.consumers.size >= most)
    throw new AmqpError('NOT_ALLOWED', `a channel has at most ${most} consumers`)
  demand(channel.host, 'read', 'queue', queueName(channel, args.queue))
  const options: ConsumeOptions = {
    ...{ tag, noAck: args.noAck, exclusive: args.exclusive },
    arguments: args.arguments,
  }
  const subscriber = new Subscriber(channel, queueOf(channel, args.queue), options)
  channel.consumers.set(tag, subscriber)
  try {
    await subscriber.begin(() => answer(args, tag, channel))
  } catch (error) {
    channel.consumers.delete(tag)
    throw error
  }
})

function answer({ noWait }: Args, consumerTag: string, channel: Channel): void {
  if (!noWait) channel.send(BasicConsumeOk, { consumerTag })
}

/** Answers come straight from whoever sends them. */
function consumeReplies(args: Args, tag: string, channel: Channel): void {
  if (!args.noAck) throw new AmqpError('PRECONDITION_FAILED', 'reply consumer cannot acknowledge')
  if (channel.replyName !== undefined)
    throw new AmqpError('PRECONDITION_FAILED', 'reply consumer already set')
  channel.replyTag = tag
  channel.replyName = channel.serving.replies.open(({ exchange, routingKey, properties, body }) =>
    channel.isOpen
      ? channel.sendContent(
          BasicDeliver,
          {
            consumerTag: tag,
            deliveryTag: channel.unacked.nextTag(),
            redelivered: false,
            exchange,
            routingKey,
          },
          { properties: properties.raw, body },
        )
      : false,
  )
  answer(args, tag, channel)
}
