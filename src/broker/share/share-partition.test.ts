// Taking and settling ranges of one partition: who gets what, what is refused, what a lock's end and a restart leave.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { batchesOf } from '../../log/index.ts'
import { buildEndMarker } from '../../log/record/control.ts'
import { codeOf, GROUP, Scene, settle } from './scene.contract.ts'

let scene: Scene
const open = async (own: Readonly<Record<string, string>> = {}) => {
  await scene?.close()
  scene = await Scene.open(own)
  await scene.beat('a')
}
beforeEach(() => open())
afterEach(() => scene.close())

describe('acquiring', () => {
  it('gives each record to one member, by whole batches', async () => {
    await scene.put(3)
    await scene.put(3)
    expect(await scene.fetch('a', { maxRecords: 2, batchSize: 2 })).toEqual(['0-2*1'])
    expect(await scene.fetch('b')).toEqual(['3-5*1'])
    expect(await scene.fetch('a')).toEqual([])
  })

  it('cuts batches when the number of records is exact, and goes on within them', async () => {
    await scene.put(5)
    expect(await scene.fetch('a', { maxRecords: 2, exact: true })).toEqual(['0-1*1'])
    expect(await scene.fetch('b', { maxRecords: 2, exact: true })).toEqual(['2-3*1'])
    expect(await scene.fetch('b')).toEqual(['4-4*1'])
  })

  it('tells ranges of the wished size apart where batches end', async () => {
    for (let n = 0; n < 4; n++) await scene.put(2)
    expect(await scene.fetch('a', { batchSize: 4 })).toEqual(['0-3*1', '4-7*1'])
  })

  it('gives batches as they lie in the log, and only those with something in them', async () => {
    for (let n = 0; n < 3; n++) await scene.put(2)
    await scene.fetch('a')
    await scene.say('a', [0, 1, 'released'], [2, 3, 'accepted'], [4, 4, 'accepted'], [5, 5, 'released'])
    const share = await scene.share()
    const reading = await share.read(1_000_000)
    const taking = share.acquire(reading, { memberId: 'b', maxRecords: 10, batchSize: 10, exact: false })
    expect(taking.ranges.map(one => [one.first, one.last])).toEqual([
      [0, 1],
      [5, 5],
    ])
    const stored = Buffer.concat([...(await scene.partition.read(0, 1_000_000, 'uncommitted')).chunks])
    const batches = [...batchesOf(stored)].filter(({ baseOffset }) => baseOffset !== 2)
    expect(Buffer.concat([...taking.chunks])).toEqual(Buffer.concat(batches.map(({ buffer }) => buffer)))
  })

  it('keeps no more in flight than the group may have', async () => {
    await open({ 'share.partition.max.record.locks': '100' })
    await scene.put(90)
    await scene.put(90)
    expect(await scene.fetch('a')).toEqual(['0-99*1'])
    expect(await scene.fetch('a')).toEqual([])
    await scene.say('a', [10, 19, 'accepted'])
    expect(await scene.fetch('b')).toEqual(['100-109*1'])
  })

  it('passes over control batches, and over aborted ones when it reads committed records', async () => {
    for (const [isolation, expected] of [
      ['read_uncommitted', ['0-1*1', '3-3*1']],
      ['read_committed', ['3-3*1']],
    ] as const) {
      await open({ 'share.isolation.level': isolation })
      const producer = { producerId: 7, producerEpoch: 0, baseSequence: 0, transactional: true }
      await scene.put(2, producer)
      if (isolation === 'read_committed') expect(await scene.fetch('a')).toEqual([])
      const marker = { outcome: 'abort', coordinatorEpoch: 0, timestamp: 0 } as const
      await scene.partition.appendMarker(buildEndMarker({ ...marker, producerId: 7, producerEpoch: 0 }))
      await scene.put(1)
      expect(await scene.fetch('a')).toEqual(expected)
    }
  })

  it('goes on at the start of the log when that moves', async () => {
    await scene.put(5)
    await scene.put(5)
    await scene.fetch('a', { maxRecords: 1 })
    await scene.partition.trim(7)
    expect(await scene.fetch('b')).toEqual(['7-9*1'])
    expect(await scene.say('a', [0, 4, 'accepted'])).toBeUndefined()
    expect((await scene.share()).start).toBe(7)
  })
})

describe('acknowledging', () => {
  it('moves the start over what is settled, and gives released records again', async () => {
    await scene.put(6)
    await scene.fetch('a')
    const said = [
      [0, 1, 'accepted'],
      [2, 2, 'released'],
      [3, 4, 'rejected'],
      [5, 5, 'gap'],
    ] as const
    expect(await scene.say('a', ...said)).toBeUndefined()
    const share = await scene.share()
    expect([share.start, share.end, share.lag]).toEqual([2, 6, 1])
    expect(await scene.fetch('b')).toEqual(['2-2*2'])
    await scene.say('b', [2, 2, 'accepted'])
    expect([share.start, share.lag, [...share.inFlight]]).toEqual([6, 0, []])
  })

  it.each([
    ['what another member has', 'b', [[0, 0, 'accepted']], 'LOCK_LOST'],
    ['a part of which it does not have', 'a', [[1, 3, 'accepted']], 'LOCK_LOST'],
    ['what was never given', 'a', [[0, 9, 'accepted']], 'REQUEST_INVALID'],
  ] as const)('refuses %s, and then changes nothing', async (_, memberId, said, code) => {
    await scene.put(3)
    await scene.put(3)
    await scene.fetch('a', { maxRecords: 1 })
    await scene.fetch('c')
    expect(await scene.say(memberId, [0, 0, 'renewed'], ...said)).toBe(code)
    expect(await scene.say('a', [0, 2, 'accepted'])).toBeUndefined()
    expect((await scene.share()).start).toBe(3)
  })

  it('passes over what lies below the start', async () => {
    await scene.put(3)
    await scene.fetch('a')
    await scene.say('a', [0, 1, 'accepted'])
    expect(await scene.say('a', [0, 2, 'accepted'])).toBeUndefined()
  })

  it('gives a record up after as many deliveries as it may have', async () => {
    await open({ 'share.delivery.count.limit': '2' })
    await scene.put(2)
    await scene.fetch('a')
    await scene.say('a', [0, 0, 'released'], [1, 1, 'accepted'])
    expect(await scene.fetch('a')).toEqual(['0-0*2'])
    await scene.say('a', [0, 0, 'released'])
    expect(await scene.fetch('a')).toEqual([])
    expect((await scene.share()).start).toBe(2)
  })
})

describe('locks', () => {
  it('end by themselves, and what was locked counts as delivered', async () => {
    await scene.put(3)
    await scene.fetch('a')
    scene.world.advance(29_999)
    expect(await scene.fetch('b')).toEqual([])
    scene.world.advance(1)
    expect(await scene.fetch('b')).toEqual(['0-2*2'])
    expect(await scene.say('a', [0, 0, 'accepted'])).toBe('LOCK_LOST')
  })

  it('are renewed for the records that are named', async () => {
    await open({ 'share.record.lock.duration.ms': '2000' })
    await scene.put(3)
    await scene.fetch('a')
    scene.world.advance(1500)
    await scene.say('a', [1, 1, 'renewed'])
    scene.world.advance(1500)
    expect(await scene.fetch('b')).toEqual(['0-0*2', '2-2*2'])
    expect(await scene.say('a', [1, 1, 'accepted'])).toBeUndefined()
  })

  it('end with the member: counted when it was lost, not when it closed', async () => {
    await scene.put(2)
    const share = await scene.share()
    await scene.fetch('a')
    share.release('a', 'closed')
    expect(await scene.fetch('b')).toEqual(['0-1*1'])
    share.release('a', 'lost')
    expect(await scene.fetch('a')).toEqual([])
    share.release('b', 'lost')
    expect(await scene.fetch('a')).toEqual(['0-1*2'])
  })

  it('leave no timer behind when nothing is locked and nobody waits', async () => {
    const before = scene.world.pendingTimers
    await scene.put(2)
    await scene.fetch('a')
    expect(scene.world.pendingTimers).toBe(before + 1)
    await scene.say('a', [0, 1, 'accepted'])
    scene.world.advance(30_000)
    await scene.beat('a')
    expect(scene.world.pendingTimers).toBe(before)
  })
})

describe('after a restart', () => {
  it('what was settled stays so, and the rest comes again with its deliveries', async () => {
    await scene.put(4)
    await scene.put(4)
    await scene.fetch('a', { maxRecords: 8 })
    await scene.say('a', [0, 1, 'accepted'], [3, 3, 'released'], [4, 5, 'rejected'])
    await scene.restart()
    const share = await scene.share()
    expect([share.start, share.end, share.lag]).toEqual([2, 8, 4])
    expect(await scene.fetch('b')).toEqual(['2-2*1', '3-3*2', '6-7*1'])
  })

  it('a start that was set anew begins anew, also further back', async () => {
    await scene.put(4)
    await scene.fetch('a')
    await scene.say('a', [0, 3, 'accepted'])
    await scene.beat('a', { memberEpoch: -1 })
    const { partition } = scene
    await scene.groups.resetOffsets(GROUP, [{ partition, offset: 1 }])
    expect(await scene.fetch('b')).toEqual(['1-3*1'])
    await scene.say('b', [1, 1, 'accepted'])
    await scene.restart()
    expect(await scene.fetch('b')).toEqual(['2-3*1'])
  })
})

it('tells who watches when records may be had', async () => {
  const share = await scene.share()
  let moves = 0
  const stop = share.watch(() => moves++)
  await scene.put(1)
  expect(moves).toBe(1)
  await scene.fetch('a')
  scene.world.advance(30_000)
  expect(moves).toBe(2)
  stop()
  await scene.put(1)
  expect(moves).toBe(2)
})

it('refuses everything once it is closed, and who waits is told', async () => {
  await scene.put(2)
  const share = await scene.share()
  await scene.fetch('a')
  const waiting = codeOf(share.acknowledge('a', [{ from: 0, to: 1, outcome: 'accepted' }]))
  await scene.broker.deleteTopic('orders')
  await settle()
  expect(await waiting).toBeOneOf([undefined, 'GROUP_UNKNOWN'])
  expect(await codeOf(share.read(1))).toBe('GROUP_UNKNOWN')
  expect(await codeOf(share.acknowledge('a', []))).toBe('GROUP_UNKNOWN')
})
