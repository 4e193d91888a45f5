// Goal: whole segments go, oldest first, by age and by size, as Kafka's retention.ms, retention.bytes and segment.ms
// say; never what is not durable, never the young behind the old.

import { describe, expect, it } from 'vitest'
import type { SegmentInfo } from '../../log/index.ts'
import { dueSegments } from './retention.ts'
import { Scene } from './scene.contract.ts'

const NOW = 1_000_000

/** A segment of ten offsets and 100 bytes that is `age` ms old; the last of a list is being written. */
function segments(...ages: readonly number[]): SegmentInfo[] {
  return ages.map((age, at) => ({
    base: at * 10,
    end: at * 10 + 10,
    bytes: 100,
    maxTimestamp: NOW - age,
    sealed: at < ages.length - 1,
  }))
}

interface Case {
  readonly name: string
  readonly ages: readonly number[]
  readonly ms?: number
  readonly bytes?: number
  readonly highWatermark?: number
  readonly deletes?: boolean
  readonly due: number
}

const cases: readonly Case[] = [
  { name: 'nothing without bounds', ages: [900, 800, 1], due: 0 },
  { name: 'those older than retention.ms', ages: [900, 800, 1], ms: 500, due: 2 },
  { name: 'nothing at exactly retention.ms', ages: [500, 1], ms: 500, due: 0 },
  { name: 'nothing behind one that stays', ages: [900, 100, 900, 1], ms: 500, due: 1 },
  { name: 'the one being written when it is old too', ages: [900, 800], ms: 500, due: 2 },
  { name: 'nothing of a topic that only compacts', ages: [900, 800, 1], ms: 500, deletes: false, due: 0 },
  { name: 'what retention.bytes does not need', ages: [9, 8, 7, 1], bytes: 200, due: 2 },
  { name: 'none when less than the bound would stay', ages: [9, 8, 7, 1], bytes: 201, due: 1 },
  { name: 'all when nothing need stay', ages: [9, 1], bytes: 0, due: 2 },
  { name: 'by size, then by age', ages: [9, 900, 900, 1], bytes: 300, ms: 500, due: 3 },
  { name: 'by age when the size is met', ages: [900, 9, 1], bytes: 300, ms: 500, due: 1 },
  {
    name: 'nothing at or above the high watermark',
    ages: [900, 900, 900],
    ms: 500,
    highWatermark: 19,
    due: 1,
  },
]

describe('dueSegments', () => {
  it.each(cases)(
    'gives $name',
    ({ ages, ms = -1, bytes = -1, highWatermark = 1000, deletes = true, due }) => {
      const rules = {
        settings: { deletes, retentionMs: ms, retentionBytes: bytes },
        nowMs: NOW,
        newest: (one: SegmentInfo) => one.maxTimestamp,
      }
      expect(dueSegments(segments(...ages), highWatermark, rules)).toHaveLength(due)
    },
  )

  it('leaves an empty segment that is being written', () => {
    const rules = {
      settings: { deletes: true, retentionMs: 1, retentionBytes: 0 },
      nowMs: NOW,
      newest: () => Number.NEGATIVE_INFINITY,
    }
    const empty = { base: 0, end: 0, bytes: 0, maxTimestamp: -1, sealed: false }
    expect(dueSegments([empty], 0, rules)).toEqual([])
  })
})

describe('Upkeep', () => {
  it('forgets old segments, and the one being written once all of it is old', async () => {
    const scene = await Scene.open({ 'retention.ms': '60000' })
    await scene.write('a=1')
    await scene.roll()
    scene.world.advance('50s')
    await scene.write('b=2')
    scene.world.advance('20s')
    await scene.upkeep()
    expect([scene.partition.start, scene.bases]).toEqual([1, [1]])
    scene.world.advance('41s')
    await scene.upkeep()
    expect([scene.partition.start, scene.partition.highWatermark]).toEqual([2, 2])
    expect(await scene.write('c=3')).toBe(2)
    expect(scene.broker.upkeep.figures).toMatchObject({ segmentsRemoved: 2, failures: 0 })
    expect(scene.broker.upkeep.figures.lastRetentionAt).toBe(scene.now)
  })

  it('forgets by size and keeps at least the bound', async () => {
    const scene = await Scene.open({ 'retention.bytes': '3000', 'segment.bytes': '1024' })
    for (let i = 0; i < 30; i++) await scene.write(`k=${'v'.repeat(300)}`)
    await scene.upkeep()
    expect(scene.partition.start).toBeGreaterThan(0)
    expect(scene.partition.log.bytes).toBeGreaterThanOrEqual(3000)
    expect(scene.partition.log.bytes).toBeLessThan(3000 + 1024)
  })

  it('forgets below an open transaction too, as Kafka does', async () => {
    const scene = await Scene.open({ 'retention.ms': '60000' })
    await scene.write('a=1', { producer: { id: 7, sequence: 0, transactional: true } })
    scene.world.advance('61s')
    await scene.upkeep()
    expect(scene.partition.start).toBe(1)
  })

  it('counts the age of records without a time from when it first sees them', async () => {
    const scene = await Scene.open({ 'retention.ms': '60000' })
    await scene.append([{ timestamp: -1, key: null, value: Buffer.from('v') }])
    await scene.upkeep()
    scene.world.advance('50s')
    await scene.append([{ timestamp: -1, key: null, value: Buffer.from('w') }])
    await scene.upkeep()
    scene.world.advance('50s')
    await scene.upkeep()
    expect(scene.partition.start).toBe(0)
    scene.world.advance('11s')
    await scene.upkeep()
    expect(scene.partition.start).toBe(2)
  })

  it('seals a segment that is older than segment.ms, by its first record', async () => {
    const scene = await Scene.open({ 'segment.ms': '60000' })
    await scene.write('a=1')
    scene.world.advance('40s')
    await scene.write('b=2')
    await scene.upkeep()
    expect(scene.bases).toEqual([0])
    scene.world.advance('21s')
    await scene.upkeep()
    expect(scene.bases).toEqual([0, 2])
    scene.world.advance('100s')
    await scene.upkeep()
    expect(scene.bases).toEqual([0, 2])
  })

  it('runs by itself at its interval, and no more after close', async () => {
    const scene = await Scene.open({ 'retention.ms': '1000' })
    await scene.write('a=1')
    const trimmed = new Promise<void>(resolve => scene.partition.watch(resolve))
    scene.world.advance('5m')
    await trimmed
    expect(scene.partition.start).toBe(1)
    const timers = scene.world.pendingTimers
    await scene.broker.upkeep.stop()
    expect(scene.world.pendingTimers).toBe(timers - 2)
  })

  it('forgets idle producers and keeps those with an open transaction', async () => {
    const scene = await Scene.open()
    await scene.write('a=1', { producer: { id: 1, sequence: 0 } })
    await scene.write('b=1', { producer: { id: 2, sequence: 0, transactional: true } })
    scene.world.advance('25h')
    await scene.write('c=1', { producer: { id: 3, sequence: 0 } })
    await scene.upkeep()
    expect([...scene.partition.producers.list()].map(one => one.producerId)).toEqual([2, 3])
  })

  it('reports a failure and goes on with the other partitions', async () => {
    const scene = await Scene.open({ 'retention.ms': '1000' })
    const other = await scene.broker.topics.create({
      name: 'other',
      partitions: 1,
      configs: { 'retention.ms': '1000' },
    })
    await scene.write('a=1')
    const broken = scene.partition.log
    broken.trim = () => Promise.reject(new Error('the disk is bad'))
    const fine = other.partitions[0]
    await fine?.log.append((await scene.batches())[0] ?? expect.fail())
    scene.world.advance('2s')
    await scene.broker.upkeep.runNow()
    expect(scene.failures).toMatchObject([{ task: 'retention', topic: 't', partition: 0 }])
    expect(scene.broker.upkeep.figures.failures).toBe(1)
    expect(fine?.start).toBe(1)
  })
})
