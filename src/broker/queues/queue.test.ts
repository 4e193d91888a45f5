// Queues over a whole broker in memory: who gets what, when it comes back, and what the rules of a queue do to it.

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Credit } from '../../flow/index.ts'
import { buildBatch } from '../../log/record/builder.ts'
import { noFields } from '../field-value.ts'
import { deathsOf } from './deaths.ts'
import { routeOf } from './routing.ts'
import { type Listener, Scene, settled, textOf } from './scene.contract.ts'

let scene: Scene
beforeEach(async () => {
  scene = await Scene.open()
})
afterEach(async () => {
  await scene.close()
  expect(scene.faults).toEqual([])
})

const texts = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, n) => `${from + n}`)
const settle = (
  listener: Listener,
  n: number,
  outcome: 'accepted' | 'released' | 'failed' | 'rejected',
): void => listener.deliveries[n]?.delivery?.settle(outcome)

describe('delivery', () => {
  it('gives messages in order, as many as there is credit for', async () => {
    const queue = await scene.queue('q')
    const credit = new Credit(2)
    const one = scene.listen(queue, { credits: [credit] })
    await scene.put('q', ...texts(0, 5))
    expect(one.got).toEqual(['0', '1'])
    expect([queue.readyCount, queue.outCount]).toEqual([3, 2])
    settle(one, 0, 'accepted')
    await settled()
    expect(one.got).toEqual(['0', '1', '2'])
    credit.limit = 10
    one.consumer.wake()
    await settled()
    expect(one.got).toEqual(texts(0, 5))
    for (const { delivery } of one.deliveries) delivery?.settle('accepted')
    expect([queue.readyCount, queue.outCount]).toEqual([0, 0])
  })

  it('takes turns among consumers, and prefers a higher priority while it has credit', async () => {
    const queue = await scene.queue('q')
    const high = scene.listen(queue, { priority: 5, credits: [new Credit(2)] })
    const [a, b] = [scene.listen(queue), scene.listen(queue)]
    await scene.put('q', ...texts(0, 8))
    expect(high.got).toEqual(['0', '1'])
    expect(a.got).toEqual(['2', '4', '6'])
    expect(b.got).toEqual(['3', '5', '7'])
  })

  it.each([
    ['released', [0, 0]],
    ['failed', [0, 1]],
  ] as const)('%s messages come back in their old place, marked', async (outcome, failures) => {
    const queue = await scene.queue('q')
    const one = scene.listen(queue, { credits: [new Credit(3)] })
    await scene.put('q', ...texts(0, 6))
    settle(one, 1, outcome)
    await settled()
    expect(one.got).toEqual(['0', '1', '2', '1'])
    expect(one.deliveries.map(({ delivery }) => delivery?.redelivered)).toEqual([false, false, false, true])
    expect([one.deliveries[1]?.delivery?.failures, one.deliveries[3]?.delivery?.failures]).toEqual(failures)
    settle(one, 0, 'accepted')
    await settled()
    expect(one.got.at(-1)).toBe('3')
  })

  it('keeps what a consumer has when it is cancelled, and gives it to others when it comes back', async () => {
    const queue = await scene.queue('q')
    const one = scene.listen(queue)
    await scene.put('q', ...texts(0, 3))
    one.consumer.cancel()
    const two = scene.listen(queue)
    await settled()
    expect(two.got).toEqual([])
    for (const { delivery } of one.deliveries) delivery?.settle('released')
    await settled()
    expect(two.got).toEqual(['0', '1', '2'])
  })

  it('does not wait for a settlement of presettled messages', async () => {
    const queue = await scene.queue('q')
    const one = scene.listen(queue, { presettled: true })
    await scene.put('q', ...texts(0, 3))
    expect(one.got).toEqual(texts(0, 3))
    expect(one.deliveries.every(({ delivery }) => delivery === undefined)).toBe(true)
    expect([queue.readyCount, queue.outCount]).toEqual([0, 0])
  })

  it('pauses a consumer whose connection is full', async () => {
    const queue = await scene.queue('q')
    const one = scene.listen(queue)
    one.consumer.pause()
    await scene.put('q', 'a')
    expect(one.got).toEqual([])
    one.consumer.resume()
    await settled()
    expect(one.got).toEqual(['a'])
  })

  it('excludes others from an exclusive consumer', async () => {
    const queue = await scene.queue('q')
    const one = scene.listen(queue, { exclusive: true })
    expect(() => scene.listen(queue)).toThrow('exclusive')
    one.consumer.cancel()
    scene.listen(queue)
    expect(() => scene.listen(queue, { exclusive: true })).toThrow('exclusive')
  })

  it('gives a single active consumer everything, until it goes', async () => {
    const queue = await scene.queue('q', { 'x-single-active-consumer': true })
    const [one, two] = [scene.listen(queue), scene.listen(queue)]
    await scene.put('q', 'a', 'b')
    expect([one.got, two.got]).toEqual([['a', 'b'], []])
    one.consumer.cancel()
    await scene.put('q', 'c')
    expect(two.got).toEqual(['c'])
  })

  it('reads a backlog larger than its window, in order and once', async () => {
    const queue = await scene.queue('q')
    await scene.put('q', ...texts(0, 5000))
    const one = scene.listen(queue)
    await settled()
    await scene.put('q', ...texts(5000, 5100))
    while (one.got.length < 5100) await scene.pass('1ms')
    expect(one.got).toEqual(texts(0, 5100))
    expect(queue.readyCount).toBe(0)
  })
})

describe('the interface of the textbook', () => {
  it('PUT, POLL: what is there, or nothing at once', async () => {
    const queue = await scene.queue('q')
    expect(await queue.poll()).toBeUndefined()
    await scene.put('q', 'a')
    const found = await queue.poll()
    expect(found && textOf(found.message)).toBe('a')
    expect(await queue.poll()).toBeUndefined()
    found?.delivery?.settle('released')
    expect(await scene.drain(queue)).toEqual(['a'])
  })

  it('GET waits for a message, or for its signal', async () => {
    const queue = await scene.queue('q')
    const waiting = queue.get()
    await scene.put('q', 'a')
    expect(textOf((await waiting).message)).toBe('a')
    const abort = new AbortController()
    const vain = queue.get({ signal: abort.signal })
    abort.abort(new Error('enough'))
    await expect(vain).rejects.toThrow('enough')
  })

  it('NOTIFY calls once when there is something', async () => {
    const queue = await scene.queue('q')
    let calls = 0
    queue.notify(() => calls++)
    await settled()
    expect(calls).toBe(0)
    await scene.put('q', 'a', 'b')
    expect(calls).toBe(1)
    queue.notify(() => calls++)
    await settled()
    expect(calls).toBe(2)
  })

  it('browses without touching, purges what is ready', async () => {
    const queue = await scene.queue('q')
    await scene.put('q', ...texts(0, 4))
    const out = await queue.poll()
    expect(await scene.browse(queue)).toEqual(texts(0, 4))
    expect(queue.purge()).toBe(3)
    expect(await scene.browse(queue)).toEqual(['0'])
    out?.delivery?.settle('released')
    await scene.put('q', 'new')
    expect(await scene.drain(queue)).toEqual(['0', 'new'])
  })
})

describe('time to live', () => {
  it('expires messages behind the head too', async () => {
    const queue = await scene.queue('q')
    await scene.put('q', 'stays', { text: 'goes', ttlMs: 100 }, 'stays too')
    await scene.pass('101ms')
    expect(queue.readyCount).toBe(2)
    expect(await scene.drain(queue)).toEqual(['stays', 'stays too'])
  })

  it("counts the queue's own limit, and the shorter of both", async () => {
    const queue = await scene.queue('q', { 'x-message-ttl': 1000 })
    await scene.put('q', { text: 'short', ttlMs: 10 }, { text: 'long', ttlMs: 5000 })
    await scene.pass('11ms')
    expect(await scene.browse(queue)).toEqual(['long'])
    await scene.pass('1s')
    expect(await scene.browse(queue)).toEqual([])
  })

  it('0 delivers now or never', async () => {
    const queue = await scene.queue('q', { 'x-message-ttl': 0 })
    await scene.put('q', 'never')
    await scene.pass('2ms')
    expect(queue.readyCount).toBe(0)
    const one = scene.listen(queue)
    await settled()
    await scene.put('q', 'now')
    expect(one.got).toEqual(['now'])
  })

  it('does not take a message from its consumer, and takes it when it comes back', async () => {
    const queue = await scene.queue('q')
    await scene.put('q', { text: 'a', ttlMs: 100 })
    const out = await queue.poll()
    await scene.pass('200ms')
    expect(queue.outCount).toBe(1)
    out?.delivery?.settle('released')
    await scene.pass('2s')
    expect([queue.outCount, queue.readyCount]).toEqual([0, 0])
  })

  it('goes on after a restart, also for messages of their own limit', async () => {
    await scene.queue('q')
    await scene.put('q', 'stays', { text: 'goes', ttlMs: 1000 })
    await scene.restart()
    const queue = await scene.queue('q')
    expect(queue.readyCount).toBe(2)
    await scene.pass('1001ms')
    expect(queue.readyCount).toBe(1)
  })

  it('holds for what a Kafka client writes', async () => {
    const queue = await scene.queue('q', { 'x-message-ttl': 100 })
    await scene.broker.topics
      .partition('q', 0)
      ?.append(buildBatch([{ timestamp: scene.world.now(), value: Buffer.from('kafka') }]))
    await settled()
    expect(queue.readyCount).toBe(1)
    await scene.pass('101ms')
    expect(queue.readyCount).toBe(0)
  })
})

describe('limits', () => {
  it('drop the head', async () => {
    const queue = await scene.queue('q', { 'x-max-length': 3 })
    await scene.put('q', ...texts(0, 5))
    expect(await scene.browse(queue)).toEqual(['2', '3', '4'])
  })

  it('drop the head of what came back, before the next one is fetched', async () => {
    const queue = await scene.queue('q', { 'x-max-length': 2 })
    await scene.put('q', 'a', 'b')
    const out = [await queue.get(), await queue.get()]
    await scene.put('q', 'c', 'd')
    for (const { delivery } of out) delivery?.settle('released')
    await queue.arrivals()
    expect(queue.readyCount).toBe(2)
    expect(await scene.browse(queue)).toEqual(['c', 'd'])
  })

  it('count bytes', async () => {
    const queue = await scene.queue('q', { 'x-max-length-bytes': 10 })
    await scene.put('q', 'aaaa', 'bbbb', 'cccc')
    expect(await scene.browse(queue)).toEqual(['bbbb', 'cccc'])
    expect(await scene.drain(queue)).toEqual(['bbbb', 'cccc'])
    await scene.put('q', 'dddd', 'eeee')
    await scene.restart()
    const again = await scene.queue('q', { 'x-max-length-bytes': 10 })
    await scene.put('q', 'ffff')
    expect(await scene.browse(again)).toEqual(['eeee', 'ffff'])
  })

  it('refuse', async () => {
    const queue = await scene.queue('q', { 'x-max-length': 2, 'x-overflow': 'reject-publish' })
    expect(await scene.put('q', 'a', 'b', 'c')).toEqual(['stored', 'stored', 'QUEUE_FULL'])
    expect(await scene.drain(queue)).toEqual(['a', 'b'])
    expect(await scene.put('q', 'd')).toEqual(['stored'])
  })

  it('refuse to the dead letters', async () => {
    const dead = await scene.queue('dead')
    await scene.queue('q', {
      'x-max-length': 1,
      'x-overflow': 'reject-publish-dlx',
      'x-dead-letter-exchange': '',
      'x-dead-letter-routing-key': 'dead',
    })
    expect(await scene.put('q', 'a', 'b')).toEqual(['stored', 'QUEUE_FULL'])
    expect(await scene.drain(dead)).toEqual(['b'])
  })
})

describe('what was just published', () => {
  it('is waited for by whoever asks after it', async () => {
    const queue = await scene.queue('q')
    expect(queue.arrivals()).toBeUndefined()
    const stored = scene.put('q', 'a', 'b')
    const arrivals = queue.arrivals()
    expect(arrivals).toBeInstanceOf(Promise)
    await arrivals
    expect(queue.readyCount).toBe(2)
    expect(queue.arrivals()).toBeUndefined()
    await stored
  })
})

describe('dead letters', () => {
  const toDead = { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': 'dead' }

  it('take what could not be read at first, when it can be read again', async () => {
    const dead = await scene.queue('dead')
    const queue = await scene.queue('q', toDead)
    await scene.put('q', 'a')
    const [lane] = queue.subscription.lanes
    if (lane === undefined) throw new Error('no lane')
    const failure = Object.assign(new Error('input/output error'), { code: 'EIO' })
    vi.spyOn(lane, 'find').mockRejectedValueOnce(failure)
    ;(await queue.poll())?.delivery?.settle('rejected')
    await settled()
    expect([dead.readyCount, lane.outCount, scene.faults.splice(0).length]).toEqual([0, 1, 1])
    await scene.pass('1001ms')
    expect(await scene.drain(dead)).toEqual(['a'])
    expect(lane.outCount).toBe(0)
  })

  it('take what is rejected, expired and dropped, with its history', async () => {
    const dead = await scene.queue('dead')
    const queue = await scene.queue('q', { ...toDead, 'x-max-length': 2 })
    await scene.put('q', 'dropped', 'rejected', { text: 'expired', ttlMs: 50 })
    ;(await queue.poll())?.delivery?.settle('rejected')
    await scene.pass('51ms')
    const found: [string, string][] = []
    for await (const message of dead.browse())
      found.push([textOf(message), deathsOf(message.headers)[0]?.reason ?? ''])
    expect(found).toEqual([
      ['dropped', 'maxlen'],
      ['rejected', 'rejected'],
      ['expired', 'expired'],
    ])
    expect([queue.readyCount, queue.outCount, queue.subscription.lanes[0]?.outCount]).toEqual([0, 0, 0])
  })

  it('count a message that goes round, and do not let it go round by itself', async () => {
    const queue = await scene.queue('q', { 'x-dead-letter-exchange': '', 'x-message-ttl': 10 })
    const waits = await scene.queue('waits', {
      'x-dead-letter-exchange': '',
      'x-dead-letter-routing-key': 'q',
      'x-message-ttl': 10,
    })
    await scene.put('waits', 'a')
    await scene.pass('11ms')
    expect(await scene.browse(queue)).toEqual(['a'])
    await scene.pass('11ms') // q's own dead letters go to q, by the key that the message came with: a cycle
    expect([queue.readyCount, waits.readyCount]).toEqual([0, 0])
  })

  it('come by the exchange and key of the rule, which their next death tells', async () => {
    const dead = await scene.queue('dead', {
      'x-dead-letter-exchange': '',
      'x-dead-letter-routing-key': 'end',
    })
    const end = await scene.queue('end')
    await scene.broker.exchanges.bind({
      ...{ vhost: '/', source: 'amq.direct', kind: 'queue', destination: 'dead', key: 'again' },
      arguments: noFields,
    })
    const queue = await scene.queue('q', {
      'x-dead-letter-exchange': 'amq.direct',
      'x-dead-letter-routing-key': 'again',
    })
    await scene.put('q', 'a')
    ;(await queue.poll())?.delivery?.settle('rejected')
    await settled()
    const found = await dead.poll()
    expect(routeOf(found?.message.headers ?? [])).toEqual({ exchange: 'amq.direct', routingKeys: ['again'] })
    found?.delivery?.settle('rejected')
    await settled()
    const [last, first] = deathsOf((await end.poll())?.message.headers ?? [])
    expect([last?.exchange, last?.['routing-keys']]).toEqual(['amq.direct', ['again']])
    expect([first?.exchange, first?.['routing-keys']]).toEqual(['', ['q']])
  })

  it('let a message that was rejected come round again', async () => {
    const queue = await scene.queue('q', { 'x-dead-letter-exchange': '' })
    await scene.put('q', 'a')
    for (let n = 1; n <= 3; n++) {
      const found = await queue.poll()
      expect(deathsOf(found?.message.headers ?? [])[0]?.count).toBe(n === 1 ? undefined : n - 1)
      found?.delivery?.settle('rejected')
      await settled()
    }
    expect(queue.readyCount).toBe(1)
  })

  it('take what failed too often', async () => {
    const dead = await scene.queue('dead')
    const queue = await scene.queue('q', { ...toDead, 'x-delivery-limit': 2 })
    await scene.put('q', 'a')
    for (let n = 0; n < 3; n++) (await queue.poll())?.delivery?.settle('failed')
    await settled()
    expect(await queue.poll()).toBeUndefined()
    expect(await scene.drain(dead)).toEqual(['a'])
  })

  it('keep the count of failures over a restart', async () => {
    const args = { ...toDead, 'x-delivery-limit': 2 }
    const dead = await scene.queue('dead')
    const before = await scene.queue('q', args)
    await scene.put('q', 'a')
    for (let n = 0; n < 2; n++) (await before.poll())?.delivery?.settle('failed')
    await settled()
    await scene.restart()
    const queue = await scene.queue('q', args)
    const found = await queue.poll()
    expect([found?.delivery?.failures, found?.delivery?.redelivered]).toEqual([2, true])
    found?.delivery?.settle('failed')
    await settled()
    expect(dead.name).toBe('dead')
    expect(await scene.drain(await scene.queue('dead'))).toEqual(['a'])
  })

  it('are dropped where nobody takes them', async () => {
    const queue = await scene.queue('q', { 'x-dead-letter-exchange': 'nowhere' })
    await scene.put('q', 'a')
    ;(await queue.poll())?.delivery?.settle('rejected')
    await settled()
    expect(queue.subscription.lanes[0]?.cursor).toBe(1)
  })
})

describe('order within a queue', () => {
  it('by priority, strictly', async () => {
    const queue = await scene.queue('q', { 'x-max-priority': 5 })
    await scene.put(
      'q',
      'low',
      { text: 'high', priority: 5 },
      { text: 'higher', priority: 99 },
      { text: 'mid', priority: 2 },
    )
    expect(await scene.drain(queue)).toEqual(['high', 'higher', 'mid', 'low'])
  })

  it('of a group one at a time', async () => {
    const queue = await scene.queue('q', { 'x-message-groups': true })
    await scene.put(
      'q',
      { text: 'a1', groupId: 'a' },
      { text: 'a2', groupId: 'a' },
      { text: 'b1', groupId: 'b' },
      { text: 'a3', groupId: 'a' },
      'free',
    )
    const one = scene.listen(queue)
    await settled()
    expect(one.got).toEqual(['a1', 'b1', 'free'])
    expect(queue.readyCount).toBe(2)
    settle(one, 0, 'released')
    await settled()
    expect(one.got.slice(3)).toEqual(['a1'])
    settle(one, 3, 'accepted')
    await settled()
    expect(one.got.slice(4)).toEqual(['a2'])
    expect(one.deliveries[4]?.delivery?.redelivered).toBe(false)
    settle(one, 4, 'rejected')
    await settled()
    expect(one.got.slice(5)).toEqual(['a3'])
  })

  it('drops a second message of one id within the window, also after a restart', async () => {
    const args = { 'x-deduplication-window': 1000 }
    await scene.queue('q', args)
    expect(await scene.put('q', { text: 'a', dedupId: '1' }, { text: 'b', dedupId: '1' })).toEqual([
      'stored',
      'stored',
    ])
    await scene.pass('500ms')
    await scene.restart()
    const queue = await scene.queue('q', args)
    await scene.put('q', { text: 'c', dedupId: '1' })
    expect(await scene.drain(queue)).toEqual(['a'])
    await scene.pass('501ms')
    await scene.put('q', { text: 'd', dedupId: '1' })
    expect(await scene.drain(queue)).toEqual(['d'])
  })
})

describe('later', () => {
  it('delivers at a time, in the order of the times, also after a restart', async () => {
    await scene.queue('q')
    const at = (ms: number): number => scene.world.now() + ms
    await scene.put(
      'q',
      { text: 'third', deliverAt: at(3000) },
      { text: 'second', deliverAt: at(2000) },
      'first',
    )
    await scene.pass('2001ms')
    await scene.restart()
    const queue = await scene.queue('q')
    expect(await scene.drain(queue)).toEqual(['first', 'second'])
    expect(scene.broker.schedule.count).toBe(1)
    await scene.pass('1s')
    expect(await scene.drain(queue)).toEqual(['third'])
    expect(scene.broker.schedule.count).toBe(0)
  })

  it('carries what is for much later forward, so that the log does not keep everything after it', async () => {
    const queue = await scene.queue('q')
    const at = (ms: number): number => scene.world.now() + ms
    await scene.put('q', { text: 'tonight', deliverAt: at(3_600_000) })
    for (let round = 0; round < 5; round++) {
      await scene.put('q', ...texts(0, 10_000).map(text => ({ text, deliverAt: at(10) })))
      await scene.pass('20ms')
      for (let turns = 0; turns < 12; turns++) await scene.pass('1ms')
      queue.purge()
    }
    await scene.broker.schedule.carry()
    expect(scene.broker.schedule.count).toBe(1)
    expect(scene.broker.schedule.oldest).toBeGreaterThan(40_000)
    await scene.restart()
    await scene.pass('1ms') // what is held is read in the background
    await scene.pass('2h')
    expect(await scene.drain(await scene.queue('q'))).toEqual(['tonight'])
  })

  it('routes what a delayed exchange held when it is due', async () => {
    const queue = await scene.queue('q')
    await scene.broker.exchanges.declare('/', {
      ...{ name: 'later', type: 'x-delayed-message', durable: true, autoDelete: false, internal: false },
      arguments: new Map([['x-delayed-type', 'direct']]),
    })
    await scene.broker.exchanges.bind({
      vhost: '/',
      source: 'later',
      kind: 'queue',
      destination: 'q',
      key: 'k',
    })
    await scene.publish('later', 'k', { text: 'a', deliverAt: scene.world.now() + 100 }, 'now')
    expect(await scene.drain(queue)).toEqual(['now'])
    await scene.pass('101ms')
    expect(await scene.drain(queue)).toEqual(['a'])
  })
})

describe('the life of a queue', () => {
  it('ends with its last consumer when it is auto-delete', async () => {
    const queue = await scene.queue('q', {}, { autoDelete: true })
    await settled()
    expect(scene.queues.get('/', 'q')).toBe(queue)
    scene.listen(queue).consumer.cancel()
    await settled()
    expect(scene.queues.get('/', 'q')).toBeUndefined()
  })

  it('ends when nobody uses it for as long as it says', async () => {
    const queue = await scene.queue('q', { 'x-expires': 1000 })
    const one = scene.listen(queue)
    await scene.pass('2s')
    expect(scene.queues.get('/', 'q')).toBe(queue)
    one.consumer.cancel()
    await scene.pass('900ms')
    await queue.poll()
    await scene.pass('900ms')
    expect(scene.queues.get('/', 'q')).toBe(queue)
    await scene.pass('200ms')
    expect(scene.queues.get('/', 'q')).toBeUndefined()
    expect(scene.broker.topics.get('q')).toBeUndefined()
  })

  it('counts from the policy on that says how long it may be unused', async () => {
    await scene.queue('q')
    await scene.pass('5s')
    const policy = { vhost: '/', name: 'p', pattern: '^q', applyTo: 'queues', priority: 0 } as const
    await scene.broker.policies.set({ ...policy, definition: { expires: 1000 } })
    await scene.pass('900ms')
    expect(scene.queues.get('/', 'q')).toBeDefined()
    await scene.pass('200ms')
    expect(scene.queues.get('/', 'q')).toBeUndefined()
  })

  it('belongs to its owner when it is exclusive, and goes with it', async () => {
    const [mine, yours] = [{}, {}]
    await scene.queue('q', {}, { owner: mine })
    await expect(scene.queue('q', {}, { owner: yours })).rejects.toMatchObject({ code: 'QUEUE_LOCKED' })
    await expect(scene.queue('q')).rejects.toMatchObject({ code: 'QUEUE_LOCKED' })
    await scene.queues.releaseOwner(mine)
    expect(scene.queues.get('/', 'q')).toBeUndefined()
  })

  it('is not taken for exclusive when it is not, whatever else differs', async () => {
    await scene.queue('q')
    await expect(scene.queue('q', {}, { owner: {}, durable: false })).rejects.toMatchObject({
      code: 'QUEUE_LOCKED',
    })
  })

  const differing: readonly [string, Parameters<Scene['queue']>[1], Parameters<Scene['queue']>[2]][] = [
    ['durable', {}, { durable: false }],
    ['auto_delete', {}, { autoDelete: true }],
    ['x-message-ttl', { 'x-message-ttl': 5 }, {}],
    ['x-queue-type', { 'x-queue-type': 'quorum' }, {}],
  ]
  it.each(differing)('is not declared again with another %s', async (name, args, more) => {
    await scene.queue('q')
    await scene.queue('q', { 'x-custom': 'counts for nothing' })
    await expect(scene.queue('q', args, more)).rejects.toMatchObject({
      code: 'QUEUE_DIFFERS',
      message: expect.stringContaining(`inequivalent arg '${name}' for queue 'q' in vhost '/'`),
    })
  })

  it.each([
    ['x-message-ttl', -1],
    ['x-message-ttl', 'soon'],
    ['x-max-priority', 256],
    ['x-overflow', 'explode'],
    ['x-dead-letter-routing-key', 'key-without-exchange'],
  ])('is not declared with %s = %s', async (name, value) => {
    await expect(scene.queue('q', { [name]: value })).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' })
    expect(scene.queues.get('/', 'q')).toBeUndefined()
  })

  it('deletes only what is unused and empty, where it is asked to', async () => {
    const queue = await scene.queue('q')
    await scene.put('q', 'a')
    await expect(scene.queues.delete('/', 'q', { ifEmpty: true })).rejects.toMatchObject({
      code: 'QUEUE_NOT_EMPTY',
    })
    const one = scene.listen(queue, { credits: [new Credit(0)] })
    await expect(scene.queues.delete('/', 'q', { ifUnused: true })).rejects.toMatchObject({
      code: 'QUEUE_IN_USE',
    })
    expect(await scene.queues.delete('/', 'q')).toBe(1)
    expect(one.cancelled).toEqual(['QUEUE_UNKNOWN'])
    expect(await scene.queues.delete('/', 'q')).toBeUndefined()
    expect(await scene.put('q', 'b')).toEqual(['stored']) // routed nowhere
  })

  it('survives a restart with its messages, but for what was settled; transient ones do not', async () => {
    const before = await scene.queue('q')
    await scene.queue('gone', {}, { durable: false })
    await scene.put('q', ...texts(0, 6))
    const found = [await before.poll(), await before.poll(), await before.poll()]
    found[0]?.delivery?.settle('accepted')
    found[2]?.delivery?.settle('accepted')
    await settled()
    await scene.restart()
    const queue = await scene.queue('q')
    expect(scene.queues.get('/', 'gone')).toBeUndefined()
    expect(queue.readyCount).toBe(4)
    const one = scene.listen(queue)
    await settled()
    expect(one.got).toEqual(['1', '3', '4', '5'])
    expect(one.deliveries.map(({ delivery }) => delivery?.redelivered)).toEqual([true, false, false, false])
  })

  it('goes with its virtual host', async () => {
    await scene.broker.vhosts.put('other')
    await scene.queues.declare({ vhost: 'other', name: 'q' })
    await scene.queue('q')
    await scene.broker.vhosts.delete('other')
    expect([...scene.queues.list()].map(one => one.vhost)).toEqual(['/'])
    expect(scene.broker.topics.list().map(one => one.name)).toEqual(['q'])
  })

  it('follows a policy, within what it says itself', async () => {
    const queue = await scene.queue('q', { 'x-max-length': 5 })
    const policy = { vhost: '/', name: 'p', pattern: '^q', applyTo: 'queues', priority: 0 } as const
    await scene.put('q', ...texts(0, 5))
    await scene.broker.policies.set({
      ...policy,
      definition: { 'max-length': 2, 'ha-params': { of: 'others' } },
    })
    await settled()
    expect(await scene.browse(queue)).toEqual(['3', '4'])
    await scene.broker.policies.clear('/', 'p')
    await scene.put('q', ...texts(5, 10))
    expect(queue.readyCount).toBe(5)
  })
})

describe('a queue and Kafka', () => {
  it('is a topic of one partition, and takes what is produced to it', async () => {
    const queue = await scene.queue('q')
    const one = scene.listen(queue)
    await scene.put('q', 'amqp')
    const partition = scene.broker.topics.partition('q', 0)
    await partition?.append(
      buildBatch([{ timestamp: 1, key: Buffer.from('k'), value: Buffer.from('kafka') }]),
    )
    await settled()
    await scene.put('q', 'again')
    expect(one.got).toEqual(['amqp', 'kafka', 'again'])
    expect(scene.broker.topics.get('q')?.partitions).toHaveLength(1)
  })

  it('goes when its topic is deleted', async () => {
    await scene.queue('q')
    await scene.broker.deleteTopic('q')
    expect(scene.queues.get('/', 'q')).toBeUndefined()
  })

  it('reads a topic by settlement, in all its partitions, and leaves it to others', async () => {
    const topic = await scene.broker.topics.create({ name: 'orders', partitions: 3 })
    const workers = await scene.queue('workers', { 'x-source-topic': 'orders' })
    for (const [n, partition] of topic.partitions.entries())
      await partition.append(
        buildBatch(texts(0, 2).map(text => ({ timestamp: 1, value: Buffer.from(`${n}-${text}`) }))),
      )
    await settled()
    const one = scene.listen(workers)
    await settled()
    expect([...one.got].sort()).toEqual(['0-0', '0-1', '1-0', '1-1', '2-0', '2-1'])
    for (const { delivery } of one.deliveries) delivery?.settle('accepted')
    await settled()
    await scene.restart()
    const again = await scene.queue('workers', { 'x-source-topic': 'orders' })
    expect(again.readyCount).toBe(0)
    expect(scene.broker.topics.get('orders')?.partitions.map(({ log }) => [log.start, log.end])).toEqual([
      [0, 2],
      [0, 2],
      [0, 2],
    ])
    expect(await scene.put('workers', 'x')).toEqual(['REQUEST_UNSUPPORTED'])
  })
})
