// Direct reply-to: answers go to whoever opened the name, and to nobody afterwards.

import { expect, it } from 'vitest'
import { ManualWorld } from '../../world/index.ts'
import { DirectReplies, REPLY_QUEUE } from './direct-replies.ts'
import { Properties } from './wire/properties.ts'

it('gives answers to the taker of a name as long as it is open', () => {
  const replies = new DirectReplies(new ManualWorld())
  const bodies: string[] = []
  const name = replies.open(({ body }) => {
    bodies.push(body.toString())
    return true
  })
  const answer = {
    ...{ exchange: '', routingKey: name, body: Buffer.from('!') },
    properties: Properties.read(Buffer.from([0, 0])),
  }
  expect([DirectReplies.isName(name), DirectReplies.isName(REPLY_QUEUE)]).toEqual([true, false])
  expect([replies.send(name, answer), replies.send(`${name}x`, answer)]).toEqual([true, false])
  replies.close(name)
  expect([replies.has(name), replies.send(name, answer)]).toEqual([false, false])
  expect(bodies).toEqual(['!'])
  expect(replies.open(() => true)).not.toBe(name)
})
