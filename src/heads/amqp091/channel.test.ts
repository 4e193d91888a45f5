// Channels over a broker: transactions, errors and what follows them, prefetch, returns, direct replies.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AmqpScene, type Client } from './scene.contract.ts'
import {
  BasicAck,
  BasicConsume,
  BasicGet,
  BasicPublish,
  BasicQos,
  BasicReject,
  ChannelCloseOk,
  ChannelOpen,
  ConfirmSelect,
  QueueDeclare,
  TxCommit,
  TxRollback,
  TxSelect,
} from './wire/index.ts'
import { encodeProperties } from './wire/properties.ts'

let scene: AmqpScene
let client: Client

const queue = {
  ...{ queue: 'q', passive: false, durable: true, exclusive: false, autoDelete: false, noWait: false },
  arguments: new Map(),
}
const consume = {
  ...{ queue: 'q', consumerTag: 'c', noLocal: false, noAck: false, exclusive: false, noWait: false },
  arguments: new Map(),
}

beforeEach(async () => {
  scene = await AmqpScene.open()
  client = await scene.client()
  client.method(1, QueueDeclare, queue)
  await client.take()
})
afterEach(() => scene.close())

function publish(text: string, more: { mandatory?: boolean; immediate?: boolean; key?: string } = {}): void {
  const { mandatory = false, immediate = false, key = 'q' } = more
  const to = { exchange: '', routingKey: key, mandatory, immediate }
  client.content(1, BasicPublish, to, Buffer.from(text))
}

async function ready(): Promise<unknown> {
  client.method(1, QueueDeclare, { ...queue, passive: true })
  return (await client.take()).at(-1)?.args.messageCount
}

describe('a transaction', () => {
  beforeEach(() => client.method(1, TxSelect, {}))

  it('stores what was published at its commit, and forgets it at its rollback', async () => {
    publish('dropped')
    client.method(1, TxRollback, {})
    publish('kept')
    expect(await ready()).toBe(0)
    client.method(1, TxCommit, {})
    expect(await client.names()).toEqual(['1 tx.commit-ok'])
    expect(await ready()).toBe(1)
  })

  it('settles at its commit; after a rollback the delivery waits again', async () => {
    publish('a')
    client.method(1, TxCommit, {})
    client.method(1, BasicGet, { queue: 'q', noAck: false })
    client.method(1, BasicAck, { deliveryTag: 1, multiple: false })
    client.method(1, TxRollback, {})
    client.method(1, BasicReject, { deliveryTag: 1, requeue: true })
    client.method(1, TxCommit, {})
    expect(await ready()).toBe(1)
  })

  it('and confirms exclude each other (406)', async () => {
    client.method(1, ConfirmSelect, { noWait: false })
    const [, closed] = await client.take()
    expect([closed?.name, closed?.args.replyCode]).toEqual(['channel.close', 406])
  })
})

describe('a publish', () => {
  it('that nobody takes comes back before it is confirmed', async () => {
    client.method(1, ConfirmSelect, { noWait: true })
    publish('x', { mandatory: true, key: 'nobody' })
    expect(await client.names()).toEqual(['1 basic.return', '1 header', '1 body', '1 basic.ack'])
  })

  it('with immediate ends the connection (540)', async () => {
    publish('x', { immediate: true })
    const [closed] = await client.take()
    expect([closed?.name, closed?.args.replyCode]).toEqual(['connection.close', 540])
  })

  it.each([
    ['an expiration that is no number', { expiration: 'soon' }],
    ['the user-id of another', { userId: 'somebody' }],
    ['a direct reply that nobody waits for', { replyTo: 'amq.rabbitmq.reply-to' }],
  ])('is refused with 406: %s', async (_, properties) => {
    const to = { exchange: '', routingKey: 'q', mandatory: false, immediate: false }
    client.content(1, BasicPublish, to, Buffer.from('x'), encodeProperties(properties))
    const [closed] = await client.take()
    expect([closed?.name, closed?.args.replyCode]).toEqual(['channel.close', 406])
    client.method(1, ChannelCloseOk, {})
    client.method(1, ChannelOpen, {})
    await client.take()
    expect(await ready()).toBe(0)
  })
})

describe('a get', () => {
  it('gives what a bounded queue keeps of what was published before it', async () => {
    client.method(1, QueueDeclare, { ...queue, queue: 'm', arguments: new Map([['x-max-length', 1]]) })
    publish('a', { key: 'm' })
    await client.names()
    client.together(() => {
      publish('b', { key: 'm' })
      for (let n = 0; n < 2; n++) client.method(1, BasicGet, { queue: 'm', noAck: true })
    })
    const names = (await client.names()).filter(name => name.includes('get'))
    expect(names).toEqual(['1 basic.get-ok', '1 basic.get-empty'])
  })
})

describe('a passive declare', () => {
  it('counts as use of a queue that expires unused', async () => {
    client.method(1, QueueDeclare, { ...queue, queue: 'e', arguments: new Map([['x-expires', 1000]]) })
    for (let n = 0; n < 2; n++) {
      await client.names()
      await scene.world.advance(750)
      client.method(1, QueueDeclare, { ...queue, queue: 'e', passive: true })
      expect(await client.names()).toEqual(['1 queue.declare-ok'])
    }
    await scene.world.advance(1000)
    client.method(1, QueueDeclare, { ...queue, queue: 'e', passive: true })
    expect(await client.names()).toEqual(['1 channel.close'])
  })
})

describe('prefetch', () => {
  const deliveries = async (): Promise<number> =>
    (await client.names()).filter(name => name === '1 basic.deliver').length

  it('of the channel changes for consumers that run', async () => {
    client.method(1, BasicQos, { prefetchSize: 0, prefetchCount: 1, global: true })
    client.method(1, BasicConsume, consume)
    for (const text of ['a', 'b', 'c', 'd']) publish(text)
    expect(await deliveries()).toBe(1)
    client.method(1, BasicQos, { prefetchSize: 0, prefetchCount: 3, global: true })
    expect(await deliveries()).toBe(2)
    client.method(1, BasicAck, { deliveryTag: 0, multiple: true })
    expect(await deliveries()).toBe(1)
  })

  it.each([
    ['RabbitMQ: of consumers that are yet to come', undefined, 0],
    ['py-amqp: of those that run, too', 'py-amqp', 2],
  ] as const)('without global is, as for %s', async (_, product, more) => {
    client = await scene.client(product === undefined ? new Map() : new Map([['product', product]]))
    client.method(1, BasicQos, { prefetchSize: 0, prefetchCount: 1, global: false })
    client.method(1, BasicConsume, consume)
    for (const text of ['a', 'b', 'c']) publish(text)
    expect(await deliveries()).toBe(1)
    client.method(1, BasicQos, { prefetchSize: 0, prefetchCount: 3, global: false })
    expect(await deliveries()).toBe(more)
  })
})
