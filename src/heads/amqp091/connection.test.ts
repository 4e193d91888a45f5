// Connections over a broker: how they end, and that what is under way when they do is answered or given back.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { deferred } from '../../flow/index.ts'
import { AmqpError } from './errors.ts'
import { AmqpScene, type Client, settled } from './scene.contract.ts'
import {
  BasicAck,
  BasicConsume,
  BasicGet,
  BasicPublish,
  ChannelClose,
  ChannelCloseOk,
  ChannelOpen,
  ConfirmSelect,
  ConnectionClose,
  QueueDeclare,
  QueuePurge,
} from './wire/index.ts'

let scene: AmqpScene
let client: Client

beforeEach(async () => {
  scene = await AmqpScene.open()
  client = await scene.client()
})
afterEach(() => scene.close())

/** Type, channel, length 0, end. */
const HEARTBEAT_BYTES = 8
/** Limits handshakeMsMax and closeMsMax. */
const HANDSHAKE_MS = 10_000
const CLOSE_MS = 30_000

const closing = { replyCode: 200, replyText: '', classId: 0, methodId: 0 }
const queue = {
  ...{ queue: 'q', passive: false, durable: true, exclusive: false, autoDelete: false, noWait: false },
  arguments: new Map(),
}
const consume = {
  ...{ queue: 'q', consumerTag: 'c', noLocal: false, noAck: false, exclusive: false, noWait: false },
  arguments: new Map(),
}
const publish = (routingKey: string, text: string, channel = 1): void =>
  client.content(
    channel,
    BasicPublish,
    { exchange: '', routingKey, mandatory: false, immediate: false },
    Buffer.from(text),
  )

describe('a connection', () => {
  it('is closed although a channel of it waits for its close-ok', async () => {
    client.method(1, BasicAck, { deliveryTag: 42, multiple: false })
    expect(await client.names()).toEqual(['1 channel.close'])
    client.method(0, ConnectionClose, closing)
    expect(await client.names()).toEqual(['0 connection.close-ok'])
    await client.served
  })

  it('answers a close of both sides, and uses the number again', async () => {
    client.method(1, BasicAck, { deliveryTag: 42, multiple: false })
    client.method(1, ChannelClose, closing)
    client.method(1, ChannelCloseOk, {})
    client.method(1, ChannelOpen, {})
    expect(await client.names()).toEqual(['1 channel.close', '1 channel.close-ok', '1 channel.open-ok'])
  })

  it('drops whatever comes on a channel that it has closed, also a method frame that names no method', async () => {
    client.method(1, BasicAck, { deliveryTag: 42, multiple: false })
    client.bytes(Buffer.from([1, 0, 1, 0, 0, 0, 0, 0xce]), Buffer.from([1, 0, 1, 0, 0, 0, 1, 0, 0xce]))
    client.method(1, ChannelCloseOk, {})
    client.method(1, ChannelOpen, {})
    expect(await client.names()).toEqual(['1 channel.close', '1 channel.open-ok'])
  })

  it('sends its first heartbeat half an interval after tune-ok, and gives a silent client up after two', async () => {
    const beating = await scene.client(new Map(), undefined, 1)
    const before = beating.connection.counts.sent
    await scene.world.advance(500)
    await settled()
    expect(beating.connection.counts.sent - before).toBe(HEARTBEAT_BYTES)
    await scene.world.advance(1500)
    await beating.served
    expect(beating.connection.at).toBe('closed')
  })

  it('does not wait for ever for a close-ok from a client without heartbeats', async () => {
    await scene.world.advance(HANDSHAKE_MS)
    client.connection.fail(0, new AmqpError('INTERNAL_ERROR', 'test'))
    await settled()
    expect(client.connection.at).toBe('closing')
    await scene.world.advance(CLOSE_MS)
    await client.served
  })

  it('holds no bytes once it is over, whatever still arrives', async () => {
    client.bytes(Buffer.from([1, 0, 1, 0, 0]))
    await settled()
    expect(scene.heldBytes).toBe(5)
    client.connection.abort('test')
    client.bytes(Buffer.alloc(100))
    await client.served
    client.bytes(Buffer.alloc(100))
    await settled()
    expect(scene.heldBytes).toBe(0)
  })

  it('gives back what it had when it breaks', async () => {
    client.method(1, QueueDeclare, queue)
    client.method(1, BasicConsume, consume)
    publish('q', 'a')
    expect(await client.names()).toEqual([
      ...['1 queue.declare-ok', '1 basic.consume-ok', '1 basic.deliver', '1 header', '1 body'],
    ])
    client.stream.end()
    await client.served
    client = await scene.client()
    client.method(1, BasicGet, { queue: 'q', noAck: true })
    const [got] = await client.take()
    expect([got?.name, got?.args.redelivered]).toEqual(['basic.get-ok', true])
  })

  it('sends no more to a client that does not read, and goes on when it does', async () => {
    client.method(1, QueueDeclare, queue)
    client.method(1, BasicConsume, consume)
    await client.names()
    const reads = deferred<void>()
    client.stream.slow = reads.promise
    publish('q', 'a')
    await client.names()
    const other = await scene.client()
    for (let n = 0; n < 50; n++)
      other.content(
        1,
        BasicPublish,
        { exchange: '', routingKey: 'q', mandatory: false, immediate: false },
        Buffer.from('b'),
      )
    expect((await client.names()).length).toBeLessThan(50 * 3)
    client.stream.slow = undefined
    reads.resolve()
    await settled()
    other.method(1, QueueDeclare, { ...queue, passive: true })
    expect((await other.take()).at(-1)?.args.messageCount).toBe(0)
  })
})

describe('what was published before', () => {
  it('is there for the next method of the channel', async () => {
    client.method(1, QueueDeclare, queue)
    publish('q', 'a')
    client.method(1, BasicGet, { queue: 'q', noAck: true })
    publish('q', 'b')
    client.method(1, QueueDeclare, { ...queue, passive: true })
    publish('q', 'c')
    client.method(1, QueuePurge, { queue: 'q', noWait: false })
    const seen = (await client.take()).filter(({ name }) => name !== 'header' && name !== 'body')
    expect(seen.map(({ name, args }) => [name, args.messageCount])).toEqual([
      ['queue.declare-ok', 0],
      ['basic.get-ok', 0],
      ['queue.declare-ok', 1],
      ['queue.purge-ok', 2],
    ])
  })

  it('is confirmed once, in runs', async () => {
    client.method(1, QueueDeclare, queue)
    client.method(1, ConfirmSelect, { noWait: false })
    for (const text of ['a', 'b', 'c']) publish('q', text)
    const acks = (await client.take()).filter(({ name }) => name === 'basic.ack')
    expect(acks.at(-1)?.args.deliveryTag).toBe(3)
    expect(acks.length).toBeLessThanOrEqual(3)
  })
})
