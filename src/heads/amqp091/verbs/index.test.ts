// Every request that a client may send without waiting for its answer: with no-wait nothing comes back, without it exactly
// the answer, and both do the same. What fails is told in any case (specification, section 1: "no-wait").

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AmqpScene, type Client } from '../scene.contract.ts'
import {
  BasicCancel,
  BasicConsume,
  BasicGet,
  BasicPublish,
  BasicRecover,
  BasicRecoverAsync,
  ChannelFlow,
  ChannelFlowOk,
  ConfirmSelect,
  ExchangeBind,
  ExchangeDeclare,
  ExchangeDelete,
  ExchangeUnbind,
  QueueBind,
  QueueDeclare,
  QueueDelete,
  QueuePurge,
  QueueUnbind,
} from '../wire/index.ts'

let scene: AmqpScene
let client: Client

const none = new Map()
const queueFlags = { passive: false, durable: true, exclusive: false, autoDelete: false, arguments: none }
const exchangeFlags = { passive: false, durable: true, autoDelete: false, internal: false, arguments: none }
const consumeFlags = { noLocal: false, noAck: false, exclusive: false, arguments: none }

beforeEach(async () => {
  scene = await AmqpScene.open()
  client = await scene.client()
  client.method(1, QueueDeclare, { queue: 'q', ...queueFlags, noWait: true })
  client.method(1, ExchangeDeclare, { exchange: 'x', type: 'fanout', ...exchangeFlags, noWait: true })
  const to = { exchange: '', routingKey: 'q', mandatory: false, immediate: false }
  client.content(1, BasicPublish, to, Buffer.from('m'))
  await client.take()
})
afterEach(() => scene.close())

const bindings = () => [...scene.broker.exchanges.bindings('/')].filter(({ source }) => source !== '').length
const queue = (name: string) => scene.broker.queues.get('/', name)
const exchange = (name: string) => scene.broker.exchanges.get('/', name)

interface Request {
  readonly answer: string
  readonly before?: () => void
  readonly send: (noWait: boolean) => void
  /** What it did. */
  readonly effect: () => unknown
}

const bound = { queue: 'q', exchange: 'x', routingKey: 'k', arguments: none }
const between = { destination: 'x', source: 'amq.fanout', routingKey: 'k', arguments: none }

const requests: Readonly<Record<string, Request>> = {
  'queue.declare': {
    answer: 'queue.declare-ok',
    send: noWait => client.method(1, QueueDeclare, { queue: 'new', ...queueFlags, noWait }),
    effect: () => queue('new') !== undefined,
  },
  'queue.bind': {
    answer: 'queue.bind-ok',
    send: noWait => client.method(1, QueueBind, { ...bound, noWait }),
    effect: () => bindings() === 1,
  },
  'queue.purge': {
    answer: 'queue.purge-ok',
    send: noWait => client.method(1, QueuePurge, { queue: 'q', noWait }),
    effect: () => queue('q')?.readyCount === 0,
  },
  'queue.delete': {
    answer: 'queue.delete-ok',
    send: noWait => client.method(1, QueueDelete, { queue: 'q', ifUnused: false, ifEmpty: false, noWait }),
    effect: () => queue('q') === undefined,
  },
  'exchange.declare': {
    answer: 'exchange.declare-ok',
    send: noWait =>
      client.method(1, ExchangeDeclare, { exchange: 'new', type: 'topic', ...exchangeFlags, noWait }),
    effect: () => exchange('new')?.type === 'topic',
  },
  'exchange.bind': {
    answer: 'exchange.bind-ok',
    send: noWait => client.method(1, ExchangeBind, { ...between, noWait }),
    effect: () => bindings() === 1,
  },
  'exchange.unbind': {
    answer: 'exchange.unbind-ok',
    before: () => client.method(1, ExchangeBind, { ...between, noWait: true }),
    send: noWait => client.method(1, ExchangeUnbind, { ...between, noWait }),
    effect: () => bindings() === 0,
  },
  'exchange.delete': {
    answer: 'exchange.delete-ok',
    send: noWait => client.method(1, ExchangeDelete, { exchange: 'x', ifUnused: false, noWait }),
    effect: () => exchange('x') === undefined,
  },
  'basic.cancel': {
    answer: 'basic.cancel-ok',
    before: () =>
      client.method(1, BasicConsume, { queue: 'x-q', consumerTag: 'c', ...consumeFlags, noWait: true }),
    send: noWait => client.method(1, BasicCancel, { consumerTag: 'c', noWait }),
    effect: () => scene.broker.queues.require('/', 'x-q').readyCount === 0,
  },
  'confirm.select': {
    answer: 'confirm.select-ok',
    send: noWait => client.method(1, ConfirmSelect, { noWait }),
    effect: () => client.connection.channels.get(1)?.mode.at === 'confirm',
  },
}

describe('without waiting', () => {
  it.each(Object.entries(requests))('%s', async (name, { answer, before, send, effect }) => {
    if (name === 'basic.cancel') client.method(1, QueueDeclare, { queue: 'x-q', ...queueFlags, noWait: true })
    before?.()
    await client.take()
    send(true)
    expect(await client.names()).toEqual([])
    expect(effect()).toBe(true)
    send(false)
    // A queue or an exchange that is gone already is deleted, and unbound, all the same; purging or binding it is not.
    const [told] = await client.names()
    expect(told).toBe(`1 ${answer}`)
    expect(effect()).toBe(true)
  })

  it('a consumer is told of nothing but its messages', async () => {
    client.method(1, BasicConsume, { queue: 'q', consumerTag: 'c', ...consumeFlags, noWait: true })
    expect(await client.names()).toEqual(['1 basic.deliver', '1 header', '1 body'])
  })

  it.each<[string, () => void, number]>([
    [
      'a passive declaration of what is not there',
      () => client.method(1, QueueDeclare, { queue: 'none', ...queueFlags, passive: true, noWait: true }),
      404,
    ],
    [
      'another declaration of what is there',
      () => client.method(1, QueueDeclare, { queue: 'q', ...queueFlags, durable: false, noWait: true }),
      406,
    ],
    [
      'a queue that is not empty',
      () => client.method(1, QueueDelete, { queue: 'q', ifUnused: false, ifEmpty: true, noWait: true }),
      406,
    ],
    ['purging what is not there', () => client.method(1, QueuePurge, { queue: 'none', noWait: true }), 404],
    [
      'binding to what is not there',
      () => client.method(1, ExchangeBind, { ...between, source: 'none', noWait: true }),
      404,
    ],
    [
      'a consumer of what is not there',
      () => client.method(1, BasicConsume, { queue: '?', consumerTag: 'c', ...consumeFlags, noWait: true }),
      404,
    ],
  ])('%s is told', async (_, send, code) => {
    send()
    const [closed, ...more] = await client.take()
    expect([closed?.name, closed?.args.replyCode, more.length]).toEqual(['channel.close', code, 0])
  })
})

describe('with an answer always', () => {
  it('queue.unbind, also of a binding or a queue that is not there', async () => {
    client.method(1, QueueBind, { ...bound, noWait: true })
    client.method(1, QueueUnbind, bound)
    client.method(1, QueueUnbind, bound)
    client.method(1, QueueUnbind, { ...bound, queue: 'none' })
    expect(await client.names()).toEqual(Array.from({ length: 3 }, () => '1 queue.unbind-ok'))
    expect(bindings()).toBe(0)
  })

  it('basic.get: the message with how many are left, or that there is none', async () => {
    client.method(1, BasicGet, { queue: 'q', noAck: true })
    client.method(1, BasicGet, { queue: 'q', noAck: true })
    const [found, , , empty] = await client.take()
    expect([found?.name, found?.args.messageCount, empty?.name]).toEqual([
      'basic.get-ok',
      0,
      'basic.get-empty',
    ])
  })

  it('basic.recover; recover-async never has one; both give back what is out', async () => {
    for (const [method, answers] of [
      [BasicRecover, ['1 basic.recover-ok']],
      [BasicRecoverAsync, []],
    ] as const) {
      client.method(1, BasicGet, { queue: 'q', noAck: false })
      await client.take()
      client.method(1, method, { requeue: true })
      expect(await client.names()).toEqual(answers)
      expect(queue('q')?.readyCount).toBe(1)
    }
  })

  it('channel.flow that is on; off is not there (540); an answer to it means nothing', async () => {
    client.method(1, ChannelFlow, { active: true })
    client.method(1, ChannelFlowOk, { active: true })
    expect(await client.names()).toEqual(['1 channel.flow-ok'])
    client.method(1, ChannelFlow, { active: false })
    const [closed] = await client.take()
    expect([closed?.name, closed?.args.replyCode]).toEqual(['connection.close', 540])
  })
})

describe('an empty name', () => {
  it('is the queue that the channel declared last; a key that is empty too is its name', async () => {
    client.method(1, QueueDeclare, { queue: 'last', ...queueFlags, noWait: true })
    client.method(1, QueueBind, { ...bound, queue: '', routingKey: '', noWait: true })
    await client.take()
    const [made] = [...scene.broker.exchanges.bindings('/')].filter(({ source }) => source === 'x')
    expect([made?.destination, made?.key]).toEqual(['last', 'last'])
    client.method(1, QueueUnbind, { ...bound, queue: '', routingKey: '' })
    expect(await client.names()).toEqual(['1 queue.unbind-ok'])
    expect(bindings()).toBe(0)
    client.method(1, QueueDelete, { queue: '', ifUnused: false, ifEmpty: false, noWait: true })
    await client.take()
    expect([queue('last'), queue('q') === undefined]).toEqual([undefined, false])
  })

  it('without a queue declared before is refused (404)', async () => {
    const other = await scene.client()
    other.method(1, BasicGet, { queue: '', noAck: true })
    const [closed] = await other.take()
    expect([closed?.name, closed?.args.replyCode]).toEqual(['channel.close', 404])
  })
})
