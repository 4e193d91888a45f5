// Streams: every consumer has its own place, nothing is taken away, and credit is given back by settling.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Credit } from '../../flow/index.ts'
import { buildBatch } from '../../log/record/builder.ts'
import type { Settleable } from './delivery.ts'
import type { Message } from './message.ts'
import { Scene, settled, textOf } from './scene.contract.ts'
import { Stream, type StreamConsumerOptions, type StreamOffset } from './stream.ts'

let scene: Scene
beforeEach(async () => {
  scene = await Scene.open()
})
afterEach(async () => {
  await scene.close()
  expect(scene.faults).toEqual([])
})

async function read(stream: Stream, from: StreamOffset, more: Partial<StreamConsumerOptions> = {}) {
  const got: string[] = []
  const deliveries: (Settleable | undefined)[] = []
  const deliver = (message: Message, delivery: Settleable | undefined): void => {
    got.push(textOf(message))
    deliveries.push(delivery)
  }
  const cancelled: string[] = []
  const consumer = await stream.subscribe({
    ...{ tag: 'c', from, deliver },
    cancelled: reason => cancelled.push(reason.code),
    ...more,
  })
  await settled()
  return { consumer, got, deliveries, cancelled }
}

describe('a stream', () => {
  const starts: readonly [StreamOffset, string[]][] = [
    [{ at: 'first' }, ['0', '1', '2', '3', 'new']],
    [{ at: 'last' }, ['3', 'new']],
    [{ at: 'next' }, ['new']],
    [{ at: 'offset', offset: 2 }, ['2', '3', 'new']],
    [{ at: 'offset', offset: 1000 }, ['new']],
    [{ at: 'time', timeMs: Date.UTC(2026, 0, 1) + 2000 }, ['2', '3', 'new']],
    [{ at: 'time', timeMs: Date.UTC(2027, 0, 1) }, ['new']],
  ]
  it.each(starts)('is read from %j', async (from, expected) => {
    const stream = await scene.stream('s')
    for (let n = 0; n < 4; n++) {
      await scene.put('s', `${n}`)
      await scene.pass('1s')
    }
    const one = await read(stream, from)
    await scene.put('s', 'new')
    expect(one.got).toEqual(expected)
  })

  it('gives as much as there is credit for, and gives it to everybody', async () => {
    const stream = await scene.stream('s')
    await scene.put('s', 'a', 'b', 'c')
    const [slow, quick] = [
      await read(stream, { at: 'first' }, { credits: [new Credit(2)] }),
      await read(stream, { at: 'first' }),
    ]
    expect([slow.got, quick.got]).toEqual([
      ['a', 'b'],
      ['a', 'b', 'c'],
    ])
    slow.deliveries[0]?.settle('accepted')
    slow.deliveries[0]?.settle('accepted') // twice is once
    await settled()
    expect(slow.got).toEqual(['a', 'b', 'c'])
  })

  it('passes over what a consumer does not want', async () => {
    const stream = await scene.stream('s')
    await scene.put('s', ...Array.from({ length: 10_000 }, (_, n) => `${n}`))
    const one = await read(stream, { at: 'first' }, { filter: message => textOf(message).endsWith('9999') })
    for (let turns = 0; turns < 5; turns++) await scene.pass('10ms') // it lets others have their turn
    expect(one.got).toEqual(['9999'])
  })

  it('is a topic, and every topic is one, in all its partitions', async () => {
    const topic = await scene.broker.topics.create({ name: 'orders', partitions: 2 })
    const stream = scene.queues.get('/', 'orders')
    if (!(stream instanceof Stream)) throw new TypeError('the topic is no stream')
    const one = await read(stream, { at: 'next' })
    for (const [n, partition] of topic.partitions.entries())
      await partition.append(buildBatch([{ timestamp: 1, value: Buffer.from(`kafka ${n}`) }]))
    await scene.put('orders', 'amqp')
    expect([...one.got].sort()).toEqual(['amqp', 'kafka 0', 'kafka 1'])
    await scene.broker.deleteTopic('orders')
    expect(one.cancelled).toEqual(['QUEUE_UNKNOWN'])
    expect(scene.queues.get('/', 'orders')).toBeUndefined()
  })

  it('keeps as long and as much as it says, as a topic does', async () => {
    const stream = await scene.stream('s', { 'x-max-age': '2D', 'x-max-length-bytes': 5000 })
    expect(stream.topic.settings).toMatchObject({ retentionMs: 2 * 86_400_000, retentionBytes: 5000 })
  })

  it('follows a policy', async () => {
    const stream = await scene.stream('s')
    const policy = { vhost: '/', name: 'p', pattern: '^s$', applyTo: 'streams', priority: 0 } as const
    await scene.broker.policies.set({ ...policy, definition: { 'max-age': '1h' } })
    await settled()
    expect(stream.topic.settings.retentionMs).toBe(3_600_000)
  })

  it('cannot be transient, exclusive or auto-delete', async () => {
    for (const wrong of [{ durable: false }, { owner: {} }, { autoDelete: true }])
      await expect(scene.queue('s', { 'x-queue-type': 'stream' }, wrong)).rejects.toMatchObject({
        code: 'ARGUMENT_INVALID',
      })
  })

  it('is there after a restart', async () => {
    await scene.stream('s')
    await scene.put('s', 'a')
    await scene.restart()
    expect(await scene.browse(await scene.stream('s'))).toEqual(['a'])
  })
})
