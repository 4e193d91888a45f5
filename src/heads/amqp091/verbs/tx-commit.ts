// tx.commit: stores what was published, then settles what was acknowledged, and answers when the messages are durable.

import { deferred } from '../../../flow/index.ts'
import type { Channel } from '../channel.ts'
import type { Message } from '../content.ts'
import { AmqpError } from '../errors.ts'
import { checkPublish, publish } from '../publishing.ts'
import { verb } from '../verb.ts'
import { TxCommit, TxCommitOk } from '../wire/index.ts'

export const txCommit = verb(TxCommit, async (_, channel) => {
  const { mode } = channel
  if (mode.at !== 'tx') throw new AmqpError('PRECONDITION_FAILED', 'channel is not transactional')
  const { published, settlements } = mode.transaction.commit()
  await store(channel, published)
  for (const { entries, how } of settlements) channel.settle(entries, how)
  channel.send(TxCommitOk, {})
})

/** Errors: what the first refused message was refused for. */
async function store(channel: Channel, messages: readonly Message[]): Promise<void> {
  if (messages.length === 0) return
  const stored = deferred()
  let left = messages.length
  let refused: unknown
  const done = (error?: unknown): void => {
    refused ??= error
    if (--left === 0) stored.resolve()
  }
  for (const message of messages) publish(channel, message, checkPublish(channel, message), { done })
  await stored.promise
  if (refused !== undefined) throw refused
}
