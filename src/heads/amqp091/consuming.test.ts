// Messages on their way to a client: slow readers, what does not fit, streams, priorities, queues that go, and consumers
// that hold on to what they have.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { FieldTable } from '../../broker/field-value.ts'
import { deferred } from '../../flow/index.ts'
import { AmqpScene, type Client } from './scene.contract.ts'
import {
  BasicAck,
  BasicCancel,
  BasicConsume,
  BasicPublish,
  BasicQos,
  QueueDeclare,
  QueueDelete,
} from './wire/index.ts'
import { encodeProperties } from './wire/properties.ts'

let scene: AmqpScene
let client: Client

beforeEach(async () => {
  // What is not sent yet of one connection is bounded: here by little, so that few messages fill it.
  scene = await AmqpScene.open({ unsentBytesMax: 4096 })
  client = await scene.client()
})
afterEach(() => scene.close())

const table = (fields: Record<string, string | number | boolean>): FieldTable =>
  new Map(Object.entries(fields))

function declare(queue: string, fields: Record<string, string | number | boolean> = {}, on = client): void {
  const flags = { passive: false, durable: true, exclusive: false, autoDelete: false, noWait: true }
  on.method(1, QueueDeclare, { queue, ...flags, arguments: table(fields) })
}
function consume(queue: string, more: Partial<Parameters<typeof consumeArgs>[1]> = {}, on = client): void {
  on.method(1, BasicConsume, consumeArgs(queue, more))
}
function consumeArgs(
  queue: string,
  more: {
    readonly consumerTag?: string
    readonly noAck?: boolean
    readonly exclusive?: boolean
    readonly arguments?: FieldTable
  },
) {
  return {
    ...{ queue, consumerTag: 'c', noLocal: false, noAck: false, exclusive: false, noWait: false },
    ...{ arguments: new Map(), ...more },
  }
}
function publish(routingKey: string, body: Buffer | string, properties?: Buffer): void {
  const to = { exchange: '', routingKey, mandatory: false, immediate: false }
  client.content(1, BasicPublish, to, Buffer.from(body), properties)
}
const count = (names: readonly string[], wanted: string): number =>
  names.filter(name => name === wanted).length

describe('a consumer', () => {
  it('of a client that reads slowly gets no more until it reads again, and then all of it in order', async () => {
    declare('q')
    await client.take()
    const other = await scene.client()
    const reading = deferred<void>()
    other.stream.slow = reading.promise
    consume('q', { noAck: true }, other)
    await other.take()
    for (let n = 0; n < 40; n++) publish('q', Buffer.alloc(1024, n))
    await client.take()
    const before = count(await other.names(), '1 basic.deliver')
    expect(before).toBeGreaterThan(0)
    expect(before).toBeLessThan(12)
    expect(scene.broker.queues.require('/', 'q').readyCount).toBe(40 - before)
    other.stream.slow = undefined
    reading.resolve()
    const rest = (await other.take()).filter(({ name }) => name === 'basic.deliver')
    expect(rest.map(({ args }) => args.deliveryTag)).toEqual(
      Array.from({ length: 40 - before }, (_, n) => before + n + 1),
    )
  })

  it('does not hold others up that read the same queue', async () => {
    declare('q')
    const slow = await scene.client()
    slow.stream.slow = deferred<void>().promise
    consume('q', { noAck: true }, slow)
    consume('q', { noAck: true })
    await client.take()
    for (let n = 0; n < 40; n++) publish('q', Buffer.alloc(1024, n))
    const ours = count(await client.names(), '1 basic.deliver')
    expect(ours + count(await slow.names(), '1 basic.deliver')).toBe(40)
    expect(ours).toBeGreaterThan(28)
  })

  it('whose frames are too small for the properties of a message loses that one to the dead letters, and goes on', async () => {
    declare('dead')
    declare('q', { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': 'dead' })
    const headers = table({ long: 'x'.repeat(100_000) })
    publish('q', 'large', encodeProperties({ headers }))
    publish('q', 'small')
    await client.take()
    const narrow = await scene.narrow(4096)
    consume('q', {}, narrow)
    expect(await narrow.names()).toEqual(['1 basic.consume-ok', '1 basic.deliver', '1 header', '1 body'])
    expect(scene.broker.queues.require('/', 'dead').readyCount).toBe(1)
    narrow.method(1, BasicAck, { deliveryTag: 0, multiple: true })
    await narrow.take()
    expect(scene.broker.queues.require('/', 'q').readyCount).toBe(0)
  })

  it.each<[string, Record<string, string | number | boolean>, object, number]>([
    ['a priority that is no number', {}, { arguments: table({ 'x-priority': 'high' }) }, 406],
    ['a priority that is a fraction', {}, { arguments: table({ 'x-priority': 1.5 }) }, 406],
    ['a stream, without acknowledgements', { 'x-queue-type': 'stream' }, { noAck: true }, 540],
    ['a stream, exclusively', { 'x-queue-type': 'stream' }, { exclusive: true }, 540],
    ['a stream, without prefetch', { 'x-queue-type': 'stream' }, {}, 406],
  ])('is refused: %s', async (_, fields, more, code) => {
    declare('q', fields)
    consume('q', more)
    const [closed] = await client.take()
    expect(closed?.args.replyCode).toBe(code)
    const entity = scene.broker.queues.require('/', 'q')
    expect('consumerCount' in entity ? entity.consumerCount : entity.consumers.size).toBe(0)
  })

  it('of a higher priority is served first, as long as it has credit', async () => {
    declare('q')
    const low = await scene.client()
    for (const [one, priority] of [
      [low, -1],
      [client, 5],
    ] as const) {
      one.method(1, BasicQos, { prefetchSize: 0, prefetchCount: 2, global: false })
      consume('q', { arguments: table({ 'x-priority': priority }) }, one)
      await one.take()
    }
    for (const text of ['a', 'b', 'c']) publish('q', text)
    expect(count(await client.names(), '1 basic.deliver')).toBe(2)
    expect(count(await low.names(), '1 basic.deliver')).toBe(1)
  })

  it.each([
    ['is told', true, ['1 basic.cancel', '1 queue.delete-ok']],
    ['is not told when it did not ask to be', false, ['1 queue.delete-ok']],
  ])('whose queue goes %s', async (_, asks, expected) => {
    const capabilities: FieldTable = new Map([['consumer_cancel_notify', asks]])
    client = await scene.client(new Map([['capabilities', capabilities]]))
    declare('q')
    consume('q')
    await client.take()
    client.method(1, QueueDelete, { queue: 'q', ifUnused: false, ifEmpty: false, noWait: false })
    expect((await client.names()).sort()).toEqual([...expected].sort())
    client.method(1, BasicCancel, { consumerTag: 'c', noWait: false })
    expect(await client.names()).toEqual(['1 basic.cancel-ok'])
  })

  it.each([
    ['one queue', ['q', 'q', 'q']],
    ['several queues', ['q', 'r', 's']],
  ])('of %s takes turns with the others of its channel, where they share one prefetch', async (_, queues) => {
    for (const queue of new Set(queues)) {
      declare(queue)
      for (let n = 0; n < 6; n++) publish(queue, `${n}`)
    }
    client.method(1, BasicQos, { prefetchSize: 0, prefetchCount: 1, global: true })
    for (const [index, queue] of queues.entries()) consume(queue, { consumerTag: `c${index}` })
    const seen = await client.take()
    for (let tag = 1; tag < 6; tag++) {
      client.method(1, BasicAck, { deliveryTag: tag, multiple: false })
      seen.push(...(await client.take()))
    }
    const delivered = seen.filter(({ name }) => name === 'basic.deliver').map(({ args }) => args.consumerTag)
    expect(delivered).toEqual(['c0', 'c1', 'c2', 'c0', 'c1', 'c2'])
  })

  it('gets what its channel published before it was cancelled', async () => {
    declare('q')
    consume('q', { consumerTag: 'first', arguments: table({ 'x-priority': 1 }), noAck: true })
    consume('q', { consumerTag: 'second', noAck: true })
    await client.take()
    client.together(() => {
      publish('q', 'a')
      client.method(1, BasicCancel, { consumerTag: 'first', noWait: false })
      publish('q', 'b')
    })
    const seen = (await client.take()).filter(({ name }) => name.startsWith('basic.'))
    expect(seen.map(({ name, args }) => `${name} ${args.consumerTag}`)).toEqual([
      'basic.deliver first',
      'basic.cancel-ok first',
      'basic.deliver second',
    ])
  })

  it('that holds a message for too long loses its channel (406), and the message comes back', async () => {
    declare('q', { 'x-consumer-timeout': 5000 })
    consume('q')
    publish('q', 'm')
    await client.take()
    scene.world.advance('4s')
    expect(await client.names()).toEqual([])
    scene.world.advance('16s')
    const [closed] = await client.take()
    expect([closed?.name, closed?.args.replyCode]).toEqual(['channel.close', 406])
    expect(closed?.args.replyText).toContain('timed out. Timeout value used: 5000 ms')
    expect(scene.broker.queues.require('/', 'q').readyCount).toBe(1)
  })
})
