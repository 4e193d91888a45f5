// The npm package rabbitmq-client, which declares, confirms, consumes and answers by itself.

import { Connection } from 'rabbitmq-client'
import { freshName } from '../../clients/amqplib.ts'
import { same, until } from '../../report.ts'
import type { Stage } from '../../stage.ts'

export async function rabbitmqClient({ report, amqp }: Stage): Promise<void> {
  const rabbit = new Connection(amqp.url)
  rabbit.on('error', () => {})
  try {
    await report.run('rabbitmq-client: a publisher with confirms, a consumer that requeues and drops', () =>
      consumes(rabbit),
    )
    await report.run('rabbitmq-client: an RPC client and its server', () => rpc(rabbit))
    await report.run('rabbitmq-client: what nobody takes comes back', async () => {
      const publisher = rabbit.createPublisher({ confirm: true })
      const codes: number[] = []
      publisher.on('basic.return', ({ replyCode }) => codes.push(replyCode))
      await publisher.send({ exchange: 'amq.direct', routingKey: 'nobody', mandatory: true }, 'x')
      await until('the return', () => (codes.length > 0 ? true : undefined))
      same(codes, [312], 'codes')
      await publisher.close()
    })
  } finally {
    await rabbit.close()
  }
}

async function consumes(rabbit: Connection): Promise<void> {
  const queue = freshName('rc')
  const seen: string[] = []
  const settings = { queue, queueOptions: { durable: true }, qos: { prefetchCount: 2 } }
  const consumer = rabbit.createConsumer(settings, async message => {
    seen.push(`${JSON.stringify(message.body)} ${message.redelivered}`)
    if (message.body.n === 1 && !message.redelivered) return 1 // again
    return message.body.n === 2 ? 2 : 0 // drop, or done
  })
  await new Promise<void>(resolve => consumer.on('ready', resolve))
  const publisher = rabbit.createPublisher({ confirm: true, maxAttempts: 2 })
  for (let n = 0; n < 4; n++) await publisher.send(queue, { n })
  await until('five deliveries', () => (seen.length >= 5 ? true : undefined))
  same(
    seen.filter(one => one.startsWith('{"n":1}')),
    ['{"n":1} false', '{"n":1} true'],
    'the requeued one',
  )
  await consumer.close()
  const left = await rabbit.queueDelete(queue)
  same(left.messageCount, 0, 'left')
  await publisher.close()
}

async function rpc(rabbit: Connection): Promise<void> {
  const queue = freshName('rc-rpc')
  const server = rabbit.createConsumer(
    { queue, queueOptions: { exclusive: true } },
    async (message, reply) => {
      await reply(`re: ${message.body}`)
    },
  )
  await new Promise<void>(resolve => server.on('ready', resolve))
  const client = rabbit.createRPCClient({ confirm: true })
  const { body } = await client.send(queue, '?')
  same(body, 're: ?', 'answer')
  await client.close()
  await server.close()
}
