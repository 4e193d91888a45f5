// The reply-code table of AMQP 0-9-1 as RabbitMQ reads it: what closes the channel, what the connection, and that one goes
// on after the other.

import { freshName, hardRefusalOf, Inbox, refusalOf, type Scene, send } from '../../clients/amqplib.ts'
import { has, same } from '../../report.ts'

type Case = (scene: Scene) => Promise<void>

/** What closes a channel: the code, the text, and the act. */
const soft: readonly [
  title: string,
  code: number,
  text: RegExp,
  act: (channel: Awaited<ReturnType<Scene['open']>>, scene: Scene) => unknown,
][] = [
  [
    ...(['publishing to a missing exchange', 404, /no exchange 'nowhere' in vhost '\/'/] as const),
    channel => channel.publish('nowhere', 'k', Buffer.from('x')),
  ],
  [
    ...(['consuming from a missing queue', 404, /no queue 'nowhere' in vhost '\/'/] as const),
    channel => channel.consume('nowhere', () => {}),
  ],
  [
    ...(['binding to a missing exchange', 404, /no exchange 'nowhere'/] as const),
    async (channel, { queue }) => channel.bindQueue(await queue(), 'nowhere', ''),
  ],
  [
    ...(['a queue name of the server', 403, /reserved prefix 'amq\.\*'/] as const),
    channel => channel.assertQueue('amq.mine'),
  ],
  [
    ...(['an exchange name of the server', 403, /reserved prefix 'amq\.\*'/] as const),
    channel => channel.assertExchange('amq.mine', 'direct'),
  ],
  [...(['deleting amq.direct', 403, /./] as const), channel => channel.deleteExchange('amq.direct')],
  [
    ...(['deleting the default exchange', 403, /default exchange/] as const),
    channel => channel.deleteExchange(''),
  ],
  [
    ...(['binding to the default exchange', 403, /default exchange/] as const),
    async (channel, { queue }) => channel.bindQueue(await queue(), '', 'k'),
  ],
  [
    ...(['an unknown type of exchange', 406, /./] as const),
    channel => channel.assertExchange(freshName('x'), 'x-unheard-of'),
  ],
  [
    ...(['an unknown delivery tag', 406, /unknown delivery tag 99/] as const),
    channel => channel.ack({ fields: { deliveryTag: 99 } } as never),
  ],
  [
    ...(['acknowledging twice', 406, /unknown delivery tag 1/] as const),
    async (channel, { queue, channel: confirmed }) => {
      const name = await queue()
      await send(confirmed, name, ['x'])
      const message = await channel.get(name)
      if (message === false) throw new Error('there is no message')
      channel.ack(message)
      channel.ack(message)
    },
  ],
  [
    ...(['a user-id that is not the user', 406, /user_id property set to 'other'/] as const),
    async (channel, { queue }) => channel.sendToQueue(await queue(), Buffer.from('x'), { userId: 'other' }),
  ],
  [
    ...(['a body above the limit', 406, /larger than configured max size|message size/] as const),
    async (channel, { queue }) => channel.sendToQueue(await queue(), Buffer.alloc(16_777_217)),
  ],
]

/** What closes the connection. */
const hard: readonly [
  title: string,
  code: number,
  act: (channel: Awaited<ReturnType<Scene['open']>>, scene: Scene) => unknown,
][] = [
  [
    ...(['a consumer tag that is in use', 530] as const),
    async (channel, { queue }) => {
      const name = await queue()
      await channel.consume(name, () => {}, { consumerTag: 'mine' })
      await channel.consume(name, () => {}, { consumerTag: 'mine' })
    },
  ],
  [
    ...(['purging a stream', 540] as const),
    async (channel, { channel: other }) => {
      const name = freshName('stream')
      await other.assertQueue(name, { arguments: { 'x-queue-type': 'stream' } })
      await channel.purgeQueue(name)
    },
  ],
]

export const errors: Readonly<Record<string, Case>> = {
  ...Object.fromEntries(
    soft.map(([title, code, text, act]) => [
      `${title}: ${code} closes the channel`,
      async (scene: Scene) => {
        const channel = await scene.open()
        const refused = await refusalOf(channel, () => act(channel, scene))
        same(refused.code, code, `the code (${refused.message})`)
        has(refused.message, text, 'the text')
        await scene.channel.checkExchange('amq.direct')
      },
    ]),
  ),
  ...Object.fromEntries(
    hard.map(([title, code, act]) => [
      `${title}: ${code} closes the connection`,
      async (scene: Scene) => {
        const channel = await scene.open()
        const refused = await hardRefusalOf(scene.connection, () => act(channel, scene))
        same(refused.code, code, `the code (${refused.message})`)
      },
    ]),
  ),
  async 'a channel closed by an error gives back what it had; its number is used again'({
    channel,
    queue,
    open,
  }) {
    const name = await queue()
    await send(channel, name, ['1', '2'])
    for (let n = 0; n < 20; n++) {
      const other = await open()
      const inbox = await Inbox.open(other, name)
      await inbox.next(2)
      await refusalOf(other, () => other.checkQueue('nowhere'))
    }
    same((await channel.checkQueue(name)).messageCount, 2, 'messages')
  },
}
