// basic.publish: in a transaction kept until its commit, else stored, and confirmed where the channel confirms.

import type { Message } from '../content.ts'
import { AmqpError } from '../errors.ts'
import { checkPublish, publish } from '../publishing.ts'
import type { Verb } from '../verb.ts'
import { BasicPublish } from '../wire/index.ts'

/** Its arguments are the whole message. */
export const basicPublish: Verb = {
  method: BasicPublish,
  handle(args, channel) {
    const message = args as Message
    const exchange = checkPublish(channel, message)
    const { mode } = channel
    if (mode.at === 'tx') {
      mode.transaction.publish(message)
      const most = channel.serving.limits.transactionBytesMax
      if (mode.transaction.bytes > most)
        throw new AmqpError(
          'PRECONDITION_FAILED',
          `a transaction holds more than ${most} bytes: commit earlier`,
        )
    } else
      publish(
        channel,
        message,
        exchange,
        mode.at === 'confirm' ? mode.confirms.receipt() : channel.unconfirmed,
      )
  },
}
