// The coordinator over a broker in memory: what a committed reader sees, who is fenced, what a failing disk and a crash
// leave behind (KIP-98, KIP-360, KIP-588, KIP-890 part 1).

import { describe, expect, it } from 'vitest'
import { TRANSACTIONAL_ID_LENGTH_MAX } from './coordinator.ts'
import { codeOf, committedIn, openScene, type Scene, Writer } from './scene.ts'

const isTopic = (name: string) => name.startsWith('topic/')
const isMetadata = (name: string) => name === '__metadata'

describe('Transactions: outcome', () => {
  it('shows a committed transaction as a whole, in every partition', async () => {
    const scene = await openScene()
    const writer = await Writer.init(scene, 't')
    await writer.send(scene, 0, 'a')
    await writer.send(scene, 1, 'b')
    expect(await committedIn(scene, 0)).toEqual([])
    expect(scene.partition(0).lastStableOffset).toBe(0)
    await writer.end(scene, 'commit')
    expect(await committedIn(scene, 0)).toEqual(['a'])
    expect(await committedIn(scene, 1)).toEqual(['b'])
    expect(scene.partition(0).lastStableOffset).toBe(2)
    expect(scene.broker.transactions.describe('t')).toMatchObject({ at: 'complete-commit' })
  })

  it('tells readers which batches were aborted', async () => {
    const scene = await openScene()
    const writer = await Writer.init(scene, 't')
    await writer.send(scene, 0, 'a')
    await writer.end(scene, 'abort')
    await writer.send(scene, 0, 'b')
    await writer.end(scene, 'commit')
    const { producerId } = writer.identity
    expect(scene.partition(0).abortedWithin(0, 4)).toMatchObject([
      { producerId, firstOffset: 0, lastOffset: 1 },
    ])
    expect(scene.partition(0).abortedWithin(2, 4)).toEqual([])
    expect(await committedIn(scene, 0)).toEqual(['b'])
  })

  it('holds readers back at the first open transaction of several', async () => {
    const scene = await openScene()
    const [one, two] = [await Writer.init(scene, 'one'), await Writer.init(scene, 'two')]
    await one.send(scene, 0, 'a')
    await two.send(scene, 0, 'b')
    await two.end(scene, 'commit')
    expect(await committedIn(scene, 0)).toEqual([])
    await one.end(scene, 'abort')
    expect(await committedIn(scene, 0)).toEqual(['b'])
  })

  it('answers an end that is asked again as Kafka does', async () => {
    const scene = await openScene()
    const writer = await Writer.init(scene, 't')
    expect(await codeOf(writer.end(scene, 'commit'))).toBe('TRANSACTION_STATE_INVALID')
    await writer.send(scene, 0, 'a')
    await writer.end(scene, 'commit')
    expect(await codeOf(writer.end(scene, 'commit'))).toBe('accepted')
    expect(await codeOf(writer.end(scene, 'abort'))).toBe('TRANSACTION_STATE_INVALID')
    expect(scene.partition(0).highWatermark).toBe(2) // one marker
  })

  it('leaves out topics that were deleted meanwhile', async () => {
    const scene = await openScene()
    const writer = await Writer.init(scene, 't')
    await writer.send(scene, 0, 'a')
    await scene.broker.topics.remove('orders')
    expect(await codeOf(writer.end(scene, 'commit'))).toBe('accepted')
  })
})

describe('Transactions: who may', () => {
  it('refuses a transactional write before its partition was added, and after the end (KIP-890)', async () => {
    const scene = await openScene()
    const writer = await Writer.init(scene, 't')
    expect(await codeOf(writer.write(scene, 0, 'a'))).toBe('TRANSACTION_STATE_INVALID')
    await writer.send(scene, 0, 'a')
    expect(await codeOf(writer.write(scene, 1, 'a'))).toBe('TRANSACTION_STATE_INVALID')
    await writer.end(scene, 'commit')
    expect(await codeOf(writer.write(scene, 0, 'b'))).toBe('TRANSACTION_STATE_INVALID')
    const stranger = new Writer('t', { producerId: 999, epoch: 0 })
    expect(await codeOf(stranger.write(scene, 0, 'c'))).toBe('PRODUCER_ID_MISMATCH')
  })

  it('does not let a write in before its permission is durable', async () => {
    const scene = await openScene()
    const writer = await Writer.init(scene, 't')
    const adding = scene.broker.transactions.addPartitions('t', writer.identity, [scene.partition(0)])
    await Promise.resolve()
    expect(await codeOf(writer.write(scene, 0, 'early'))).toBe('TRANSACTION_STATE_INVALID')
    await adding
    expect(await codeOf(writer.write(scene, 0, 'late'))).toBe('accepted')
  })

  it('fences the producer before when another takes the id, and aborts what it had open', async () => {
    const scene = await openScene()
    const old = await Writer.init(scene, 't')
    await old.send(scene, 0, 'old')
    const young = await Writer.init(scene, 't')
    expect(young.identity).toEqual({ producerId: old.identity.producerId, epoch: 2 })
    expect(scene.partition(0).lastStableOffset).toBe(2)
    expect(await codeOf(old.write(scene, 0, 'more'))).toBe('PRODUCER_FENCED')
    expect(await codeOf(old.send(scene, 1, 'more'))).toBe('PRODUCER_FENCED')
    expect(await codeOf(old.end(scene, 'commit'))).toBe('PRODUCER_FENCED')
    await young.send(scene, 0, 'young')
    await young.end(scene, 'commit')
    expect(await committedIn(scene, 0)).toEqual(['young'])
  })

  it('lets a producer go on after an error with its own identity, once or again (KIP-360)', async () => {
    const scene = await openScene()
    const writer = await Writer.init(scene, 't')
    await writer.send(scene, 0, 'a')
    const ask = { transactionalId: 't', timeoutMs: 1000, expected: writer.identity }
    const next = await scene.broker.transactions.initProducer(ask)
    expect(next.epoch).toBe(2)
    expect(await scene.broker.transactions.initProducer(ask)).toEqual(next)
    writer.become(next)
    await writer.send(scene, 0, 'b')
    await writer.end(scene, 'commit')
    expect(await committedIn(scene, 0)).toEqual(['b'])
    expect(
      await codeOf(scene.broker.transactions.initProducer({ ...ask, expected: { ...next, epoch: 1 } })),
    ).toBe('PRODUCER_FENCED')
  })

  it('refuses ids, timeouts and producers that cannot be', async () => {
    const { broker } = await openScene()
    const init = (transactionalId: string, timeoutMs: number) =>
      codeOf(broker.transactions.initProducer({ transactionalId, timeoutMs }))
    expect(await init('', 1)).toBe('REQUEST_INVALID')
    expect(await init('x'.repeat(TRANSACTIONAL_ID_LENGTH_MAX + 1), 1)).toBe('REQUEST_INVALID')
    expect(await init('t', 0)).toBe('TRANSACTION_TIMEOUT_INVALID')
    expect(await init('t', 900_001)).toBe('TRANSACTION_TIMEOUT_INVALID')
    expect(await init('t', 900_000)).toBe('accepted')
    const who = { producerId: 0, epoch: 0 }
    expect(await codeOf(broker.transactions.addOffsets('nobody', who, 'g'))).toBe('PRODUCER_ID_MISMATCH')
    expect(() => broker.transactions.describe('nobody')).toThrow(/there is no transactional id/)
  })

  it('gives each idempotent producer a fresh id', async () => {
    const { broker } = await openScene()
    const init = () => broker.transactions.initProducer({ transactionalId: null, timeoutMs: 0 })
    const [one, two] = [await init(), await init()]
    expect(two).toEqual({ producerId: one.producerId + 1, epoch: 0 })
  })

  it('serves requests for one id one after the other', async () => {
    const scene = await openScene()
    const writer = await Writer.init(scene, 't')
    await Promise.all([writer.send(scene, 0, 'a'), writer.send(scene, 1, 'b')])
    const ends = [writer.end(scene, 'commit'), writer.end(scene, 'commit'), writer.end(scene, 'abort')]
    expect(await Promise.all(ends.map(codeOf))).toEqual(['accepted', 'accepted', 'TRANSACTION_STATE_INVALID'])
  })
})

describe('Transactions: time', () => {
  it('aborts a transaction that is open too long and fences its producer, who may go on (KIP-588)', async () => {
    const scene = await openScene()
    const { broker } = scene
    const writer = await Writer.init(scene, 't', 5_000)
    await writer.send(scene, 0, 'a')
    scene.world.advance(4_999)
    expect(broker.transactions.describe('t').at).toBe('ongoing')
    scene.world.advance(1)
    await settle()
    expect(broker.transactions.describe('t').at).toBe('complete-abort')
    expect(await codeOf(writer.end(scene, 'commit'))).toBe('PRODUCER_FENCED')
    const ask = { transactionalId: 't', timeoutMs: 5_000, expected: writer.identity }
    writer.become(await broker.transactions.initProducer(ask))
    await writer.send(scene, 0, 'b')
    await writer.end(scene, 'commit')
    expect(await committedIn(scene, 0)).toEqual(['b'])
  })

  it('counts the time of a transaction through a restart', async () => {
    const before = await openScene()
    const writer = await Writer.init(before, 't', 5_000)
    await writer.send(before, 0, 'a')
    before.world.advance(3_000)
    const scene = await before.crash()
    scene.world.advance(1_999)
    await settle()
    expect(scene.broker.transactions.describe('t').at).toBe('ongoing')
    scene.world.advance(1)
    await settle()
    expect(scene.broker.transactions.describe('t').at).toBe('complete-abort')
  })

  it('forgets an id that was idle for transactional.id.expiration.ms, but none that is in use', async () => {
    const scene = await openScene()
    await scene.broker.settings.change({ 'transactional.id.expiration.ms': '7200000' })
    await Writer.init(scene, 'idle')
    const busy = await Writer.init(scene, 'busy', 900_000)
    await advance(scene.world, 7_190_000)
    await busy.send(scene, 0, 'a')
    await advance(scene.world, 20_000)
    expect(scene.broker.transactions.list().map(one => one.transactionalId)).toEqual(['busy'])
    expect(() => scene.broker.transactions.describe('idle')).toThrow(/there is no transactional id/)
  })

  it('leaves no timer behind when it is closed', async () => {
    const scene = await openScene()
    const writer = await Writer.init(scene, 't')
    await writer.send(scene, 0, 'a')
    await scene.broker.transactions.close()
    scene.world.advance(60_000)
    await settle()
    expect(scene.broker.transactions.describe('t').at).toBe('ongoing')
  })
})

describe('Transactions: failure', () => {
  it('has changed nothing when the decision cannot be written', async () => {
    const scene = await openScene()
    const writer = await Writer.init(scene, 't')
    await writer.send(scene, 0, 'a')
    scene.refuse = isMetadata
    expect(await codeOf(writer.end(scene, 'commit'))).toBe('STORAGE_FULL')
    expect(await codeOf(writer.send(scene, 1, 'b'))).toBe('STORAGE_FULL')
    expect(await codeOf(Writer.init(scene, 't'))).toBe('STORAGE_FULL')
    scene.refuse = () => false
    expect(await codeOf(writer.write(scene, 1, 'b'))).toBe('TRANSACTION_STATE_INVALID')
    await writer.end(scene, 'abort')
    expect(await committedIn(scene, 0)).toEqual([])
  })

  it.each([
    ['the producer asks again', 'ask'],
    ['time passes', 'wait'],
    ['another takes the id', 'init'],
    ['the broker restarts', 'crash'],
  ] as const)('ends a decided transaction whose markers were refused when %s', async (_, how) => {
    const before = await openScene()
    const writer = await Writer.init(before, 't')
    await writer.send(before, 0, 'a')
    await writer.send(before, 1, 'b')
    const second = before.partition(1).log.name
    before.refuse = name => name === second
    expect(await codeOf(writer.end(before, 'commit'))).toBe('TRANSACTION_BUSY')
    expect(await codeOf(writer.end(before, 'abort'))).toBe('TRANSACTION_STATE_INVALID')
    expect(await codeOf(writer.send(before, 0, 'c'))).toBe('TRANSACTION_BUSY')
    before.refuse = () => false
    const scene = how === 'crash' ? await before.crash() : before
    if (how === 'ask') await writer.end(scene, 'commit')
    if (how === 'init') await Writer.init(scene, 't')
    if (how === 'wait') {
      scene.world.advance(1_000)
      await settle()
    }
    expect(scene.broker.transactions.describe('t').at).toBe(how === 'init' ? 'empty' : 'complete-commit')
    expect(await committedIn(scene, 0)).toEqual(['a'])
    expect(await committedIn(scene, 1)).toEqual(['b'])
  })

  it('ends an aborted one whose completion was refused, and keeps trying after a timeout', async () => {
    const scene = await openScene()
    const writer = await Writer.init(scene, 't', 5_000)
    await writer.send(scene, 0, 'a')
    scene.refuse = name => isMetadata(name) || isTopic(name)
    scene.world.advance(5_000)
    await settle()
    expect(scene.broker.transactions.describe('t').at).toBe('ongoing')
    scene.refuse = () => false
    scene.world.advance(1_000)
    await settle()
    expect(scene.broker.transactions.describe('t').at).toBe('complete-abort')
    expect(await committedIn(scene, 0)).toEqual([])
  })
})

describe('Transactions: offsets', () => {
  const where = { groupId: 'g', memberId: null, memberEpoch: -1, requireStable: true }
  const committed = ({ broker }: Scene) =>
    broker.groups.fetchOffsets({ ...where, topics: [{ topic: 'orders', partitions: [0] }] })[0]
  const stage = async (scene: Scene, { id, identity }: Writer, offset: number) => {
    await scene.broker.transactions.addOffsets(id, identity, 'g')
    scene.broker.transactions.checkGroup(id, identity, 'g')
    const offsets = [{ topic: 'orders', partition: 0, offset, leaderEpoch: -1, metadata: '' }]
    const member = { groupId: 'g', memberId: '', instanceId: null, generation: -1 }
    await scene.broker.groups.stageOffsets(identity.producerId, { ...member, offsets })
  }

  it('are committed together with the completion, or not yet', async () => {
    const before = await openScene()
    const writer = await Writer.init(before, 't')
    await writer.send(before, 0, 'a')
    await stage(before, writer, 7)
    const { name } = before.partition(0).log
    before.refuse = one => one === name
    expect(await codeOf(writer.end(before, 'commit'))).toBe('TRANSACTION_BUSY')
    expect(committed(before)).toMatchObject({ error: 'OFFSET_UNSTABLE' })
    const scene = await before.crash()
    expect(scene.broker.transactions.describe('t').at).toBe('complete-commit')
    expect(committed(scene)).toMatchObject({ offset: 7 })
  })

  it('are dropped with an abort, and refused for a group that was not added', async () => {
    const scene = await openScene()
    const writer = await Writer.init(scene, 't')
    expect(() => scene.broker.transactions.checkGroup('t', writer.identity, 'g')).toThrow(
      /is not in the transaction/,
    )
    await stage(scene, writer, 7)
    await writer.end(scene, 'abort')
    expect(committed(scene)).toMatchObject({ offset: -1 })
  })
})

describe('Transactions: restart', () => {
  it('goes on in every state', async () => {
    const before = await openScene()
    const writers = await Promise.all(
      ['empty', 'ongoing', 'commit', 'abort'].map(id => Writer.init(before, id)),
    )
    for (const writer of writers.slice(1)) await writer.send(before, 0, writer.id)
    await writers[2]?.end(before, 'commit')
    await writers[3]?.end(before, 'abort')
    const scene = await before.crash()
    const states = scene.broker.transactions.list().map(one => [one.transactionalId, one.at])
    expect(Object.fromEntries(states)).toEqual({
      empty: 'empty',
      ongoing: 'ongoing',
      commit: 'complete-commit',
      abort: 'complete-abort',
    })
    expect(await committedIn(scene, 0)).toEqual([])
    await writers[1]?.write(scene, 0, 'more')
    await writers[1]?.end(scene, 'commit')
    expect(await committedIn(scene, 0)).toEqual(['ongoing', 'commit', 'more'])
    const fresh = await scene.broker.transactions.initProducer({ transactionalId: null, timeoutMs: 0 })
    expect(writers.map(writer => writer.identity.producerId)).not.toContain(fresh.producerId)
  })
})

describe('Transactions: list', () => {
  it('filters by state, producer and age', async () => {
    const scene = await openScene()
    const { transactions } = scene.broker
    const [open] = [await Writer.init(scene, 'open'), await Writer.init(scene, 'idle')]
    await open.send(scene, 0, 'a')
    scene.world.advance(1_000)
    const ids = (filter: Parameters<typeof transactions.list>[0]) =>
      transactions.list(filter).map(one => one.transactionalId)
    expect(ids({})).toEqual(['open', 'idle'])
    expect(ids({ states: ['ongoing'] })).toEqual(['open'])
    expect(ids({ producerIds: [open.identity.producerId] })).toEqual(['open'])
    expect(ids({ states: ['ongoing'], longerThanMs: 999 })).toEqual(['open'])
    expect(ids({ states: ['ongoing'], longerThanMs: 1_000 })).toEqual([])
  })
})

/** Lets everything run that waits for nothing but other promises. */
function settle(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve))
}

/** Time passes in steps, with what each sets off. */
async function advance(world: { advance(ms: number): void }, ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 60_000) {
    world.advance(Math.min(left, 60_000))
    await settle()
  }
}
