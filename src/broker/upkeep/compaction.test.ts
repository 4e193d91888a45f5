// Goal: compaction leaves of each key the last record, at its offset, and nothing is lost that a reader, a producer or
// a restart needs (Kafka: log compaction; KIP-98 for producers and markers; KIP-534 for the delete horizon).

import { describe, expect, it } from 'vitest'
import type { Offset } from '../../log/index.ts'
import { clean } from './compaction.ts'
import { Pace } from './pace.ts'
import { Scene, told } from './scene.contract.ts'

const compact = { 'cleanup.policy': 'compact', 'min.cleanable.dirty.ratio': '0' }

describe('compaction of sealed segments', () => {
  it('leaves the last record of each key at its offset, across segments', async () => {
    const scene = await Scene.open(compact)
    await scene.write('a=1 b=1 c=1')
    await scene.write('a=2')
    await scene.roll()
    await scene.write('b=2 d=1')
    await scene.roll()
    await scene.write('c=9')
    const before = scene.partition.log.bytes
    await scene.upkeep()
    expect(told(await scene.all())).toBe('2:c=1 3:a=2 4:b=2 5:d=1 6:c=9')
    expect([scene.partition.start, scene.partition.highWatermark]).toEqual([0, 7])
    const { figures } = scene.broker.upkeep
    expect(figures).toMatchObject({ cleanings: 1, bytesCleaned: before - scene.partition.log.bytes })
    expect(figures.bytesCleaned).toBeGreaterThan(0)
  })

  it('takes the segment that is written now only when it was sealed', async () => {
    const scene = await Scene.open(compact)
    await scene.write('a=1')
    await scene.write('a=2')
    await scene.upkeep()
    expect(told(await scene.all())).toBe('0:a=1 1:a=2')
    await scene.roll()
    await scene.upkeep()
    expect(told(await scene.all())).toBe('1:a=2')
  })

  it('drops old values by keys that come again later', async () => {
    const scene = await Scene.open(compact)
    await scene.write('a=1 b=1')
    await scene.roll()
    await scene.upkeep()
    await scene.write('a=2')
    await scene.roll()
    await scene.upkeep()
    expect(told(await scene.all())).toBe('1:b=1 2:a=2')
  })

  it('drops records without a key, left from when the topic was not compacted', async () => {
    const scene = await Scene.open()
    await scene.append([{ timestamp: scene.now, key: null, value: Buffer.from('v') }])
    await scene.write('a=1')
    await scene.configure(compact)
    await scene.roll()
    await scene.upkeep()
    expect(told(await scene.all())).toBe('1:a=1')
  })

  it('goes in steps when the keys do not fit its table', async () => {
    const scene = await Scene.open(compact)
    await scene.write('a=1 b=1 c=1 d=1 e=1')
    await scene.write('f=1 g=1 h=1 a=2 b=2')
    await scene.roll()
    const ends: Offset[] = []
    for (let from = 0; from < 10; from = ends.at(-1) ?? 10) {
      const options = {
        settings: { deleteRetentionMs: 0 },
        nowMs: scene.now,
        pace: new Pace(scene.world),
        keyTableBytes: 0,
      }
      ends.push((await clean(scene.partition, { from, to: 10, dirtyBytes: 0, ratio: 1 }, options)).to)
    }
    expect(ends).toEqual([6, 10])
    expect(told(await scene.all())).toBe('2:c=1 3:d=1 4:e=1 5:f=1 6:g=1 7:h=1 8:a=2 9:b=2')
  })

  it('keeps an empty batch where the cleaned range ends, so that reading leads to the end', async () => {
    const keyless = [{ timestamp: 0, key: null, value: Buffer.from('v') }]
    const scene = await Scene.open()
    await scene.write('a=1')
    await scene.append(keyless)
    await scene.append(keyless)
    await scene.roll()
    await scene.configure(compact)
    await scene.upkeep()
    expect(await shape(scene)).toBe('0+1 2+0')
    const { chunks, next } = await scene.partition.read(1, 1000, 'uncommitted')
    expect([chunks.length, next]).toEqual([1, 3])
    await touch(scene)
    expect(await shape(scene)).toBe('0+1 3+1')
  })
})

interface DueCase {
  readonly name: string
  readonly configs: Readonly<Record<string, string>>
  /** Age in ms of the dirty segment behind a clean one of equal size. */
  readonly age: number
  readonly due: boolean
}

const dueCases: readonly DueCase[] = [
  {
    name: 'waits at min.cleanable.dirty.ratio',
    configs: { 'min.cleanable.dirty.ratio': '0.5' },
    age: 0,
    due: false,
  },
  { name: 'starts above it', configs: { 'min.cleanable.dirty.ratio': '0.49' }, age: 0, due: true },
  {
    name: 'starts when max.compaction.lag.ms has passed',
    configs: { 'min.cleanable.dirty.ratio': '1', 'max.compaction.lag.ms': '5000' },
    age: 5001,
    due: true,
  },
  {
    name: 'waits until then',
    configs: { 'min.cleanable.dirty.ratio': '1', 'max.compaction.lag.ms': '5000' },
    age: 5000,
    due: false,
  },
  {
    name: 'leaves what is younger than min.compaction.lag.ms',
    configs: { 'min.compaction.lag.ms': '5000' },
    age: 4999,
    due: false,
  },
  {
    name: 'takes what is as old as that',
    configs: { 'min.compaction.lag.ms': '5000' },
    age: 5000,
    due: true,
  },
]

describe('when compaction is due', () => {
  it.each(dueCases)('$name', async ({ configs, age, due }) => {
    const scene = await Scene.open(compact)
    await scene.write('a=1', { age: 90_000 })
    await scene.roll()
    await scene.upkeep()
    await scene.configure({ ...compact, ...configs })
    await scene.write('a=2', { age })
    await scene.roll()
    await scene.upkeep()
    expect(told(await scene.all())).toBe(due ? '1:a=2' : '0:a=1 1:a=2')
  })

  it('seals the segment being written after max.compaction.lag.ms', async () => {
    const scene = await Scene.open({ ...compact, 'max.compaction.lag.ms': '60000' })
    await scene.write('a=1')
    await scene.write('a=2')
    scene.world.advance('61s')
    await scene.upkeep()
    expect(told(await scene.all())).toBe('1:a=2')
  })

  it('knows after a restart how far it has come', async () => {
    const scene = await Scene.open({ ...compact, 'min.cleanable.dirty.ratio': '0.5' })
    await scene.write('a=1')
    await scene.roll()
    await scene.upkeep()
    await scene.restart({ clean: false })
    await scene.upkeep()
    expect(scene.broker.upkeep.figures.cleanings).toBe(0)
    expect(scene.broker.upkeep.cleaned.get(scene.partition)).toBe(1)
  })

  it('forgets how far it has come with topics that are gone', async () => {
    const scene = await Scene.open(compact)
    await scene.write('a=1')
    await scene.roll()
    await scene.upkeep()
    expect([...scene.broker.upkeep.cleaned.entries()]).toHaveLength(1)
    await scene.broker.topics.remove('t')
    await scene.upkeep()
    expect([...scene.broker.upkeep.cleaned.entries()]).toEqual([])
  })
})

describe('a tombstone', () => {
  it('stays delete.retention.ms after the cleaning that first kept it, and keeps its time', async () => {
    const scene = await Scene.open({ ...compact, 'delete.retention.ms': '3600000' })
    await scene.write('a=1')
    await scene.write('a')
    const writtenAt = scene.now
    scene.world.advance('24h')
    await touch(scene)
    expect(told(await scene.all())).toBe('1:a 2:dirt=1')
    expect((await scene.batches())[0]).toMatchObject({
      hasDeleteHorizon: true,
      baseTimestamp: scene.now + 3_600_000,
      maxTimestamp: writtenAt,
    })
    scene.world.advance(3_599_999)
    await touch(scene)
    expect(told(await scene.all())).toBe('1:a 3:dirt=1')
    scene.world.advance(1)
    await touch(scene)
    expect(told(await scene.all())).toBe('4:dirt=1')
  })

  it('goes at once when a later record has its key', async () => {
    const scene = await Scene.open(compact)
    await scene.write('a=1')
    await scene.write('a')
    await scene.write('a=2')
    await touch(scene)
    expect(told(await scene.all())).toBe('2:a=2 3:dirt=1')
  })
})

describe('transactions', () => {
  it('lose what was aborted, and their markers when nothing is left and the horizon passed', async () => {
    const scene = await Scene.open({ ...compact, 'delete.retention.ms': '60000' })
    const producer = (sequence: number) => ({ producer: { id: 5, sequence, transactional: true } })
    await scene.write('a=1')
    await scene.write('a=2 b=2', producer(0)) // offsets 1 and 2
    await scene.end(5, 'abort') // 3
    await scene.write('a=3', producer(2)) // 4
    await scene.end(5, 'commit') // 5
    await scene.write('c=1', producer(3)) // 6
    await scene.end(5, 'commit') // 7
    await touch(scene)
    expect(await shape(scene)).toBe('3! 4+1 5! 6+1 7! 8+1')
    await scene.write('a=4')
    await touch(scene)
    expect(scene.partition.abortedWithin(0, 100)).toEqual([])
    expect(await shape(scene)).toBe('3! 5! 6+1 7! 9+1 10+1')
    await touch(scene)
    expect(await shape(scene)).toBe('3! 5! 6+1 7! 9+1 11+1')
    scene.world.advance('60s')
    await touch(scene)
    expect(await shape(scene)).toBe('6+1 7! 9+1 12+1')
    expect(told(await scene.committed())).toBe('6:c=1 9:a=4 12:dirt=1')
  })

  it('are not touched from the first open one on', async () => {
    const scene = await Scene.open(compact)
    await scene.write('a=1')
    await scene.roll()
    await scene.write('a=2', { producer: { id: 5, sequence: 0, transactional: true } })
    await scene.roll()
    await scene.write('a=3')
    await scene.roll()
    await scene.upkeep()
    expect(told(await scene.all())).toBe('0:a=1 1:a=2 2:a=3')
    await scene.end(5, 'abort')
    await scene.upkeep()
    expect(told(await scene.all())).toBe('2:a=3')
  })

  it('keep a marker without a horizon as long as a batch of theirs is there', async () => {
    const scene = await Scene.open(compact)
    await scene.write('c=1', { producer: { id: 5, sequence: 0, transactional: true } })
    await scene.roll()
    await scene.end(5, 'commit')
    await scene.write('a=1')
    await scene.write('a=2')
    await touch(scene)
    expect(await shape(scene)).toBe('0+1 1! 3+1 4+1')
    expect((await scene.batches())[1]?.hasDeleteHorizon).toBe(false)
  })

  it('keep an abort marker until no reader is told of the abort any more', async () => {
    const scene = await Scene.open({ ...compact, 'delete.retention.ms': '0' })
    await scene.write('a=1', { producer: { id: 5, sequence: 0, transactional: true } })
    await scene.end(5, 'abort')
    await scene.write('b=1', { producer: { id: 5, sequence: 1, transactional: true } })
    await scene.end(5, 'commit')
    await touch(scene)
    const { partition } = scene
    const forget = partition.forgetAborted.bind(partition)
    partition.forgetAborted = () => forget(new Set()) // as if the process had ended before it
    await touch(scene)
    expect(await shape(scene)).toBe('1! 2+1 3! 5+1')
    partition.forgetAborted = forget
    await touch(scene)
    expect(await shape(scene)).toBe('1! 2+1 3! 6+1')
    await touch(scene)
    expect(await shape(scene)).toBe('2+1 3! 7+1')
    expect(told(await scene.committed())).toBe('2:b=1 7:dirt=1')
  })

  it('are not held open by a restart after their marker went', async () => {
    const scene = await Scene.open({ ...compact, 'delete.retention.ms': '0' })
    await scene.write('a=1', { producer: { id: 5, sequence: 0, transactional: true } })
    await scene.partition.snapshot() // remembers the transaction as open
    await scene.end(5, 'commit')
    await scene.write('a=2', { producer: { id: 5, sequence: 1 } })
    for (let round = 0; round < 3; round++) await touch(scene)
    expect(await shape(scene)).toBe('2+1 5+1')
    await scene.restart({ clean: false })
    await scene.partition.warm()
    expect(scene.partition.lastStableOffset).toBe(6)
  })
})

describe('an idempotent producer', () => {
  it('is known by its last batch, be it empty, when it is read back from a compacted log', async () => {
    const scene = await Scene.open(compact)
    const producer = { id: 9, sequence: 40 }
    await scene.write('a=1 b=1 c=1', { producer: { id: 9, sequence: 37 } })
    await scene.write('a=2 b=2 c=2', { producer })
    await scene.write('a=3 b=3 c=3')
    await touch(scene)
    expect(await shape(scene)).toBe('3+0 6+3 9+1')
    // Only the log speaks: the snapshot is taken out of the metadata.
    await scene.forgetSnapshot()
    await scene.restart({ clean: false })
    expect(await scene.write('a=2 b=2 c=2', { producer })).toBe(3)
    expect(await scene.write('a=4', { producer: { id: 9, sequence: 43 } })).toBe(10)
    await expect(scene.write('a=5', { producer: { id: 9, sequence: 50 } })).rejects.toThrow('expected is 44')
  })

  it('keeps its epoch by a marker when that is its last word', async () => {
    const scene = await Scene.open({ ...compact, 'delete.retention.ms': '0' })
    await scene.write('a=1', { producer: { id: 9, sequence: 0, transactional: true } })
    await scene.end(9, 'abort', 1)
    for (let i = 0; i < 4; i++) await touch(scene)
    await scene.forgetSnapshot()
    await scene.restart({ clean: false })
    await expect(scene.write('a=2', { producer: { id: 9, sequence: 1 } })).rejects.toThrow('has epoch 0')
  })
})

describe('while compaction is under way', () => {
  it('appends and rolls go on, and what they bring waits for the next time', async () => {
    const scene = await Scene.open({ ...compact, 'segment.bytes': '2048' })
    for (let i = 0; i < 40; i++) await scene.write(`k${i % 4}=${i}-${'x'.repeat(200)}`)
    const round = scene.upkeep()
    for (let i = 40; i < 80; i++) await scene.write(`k${i % 4}=${i}-${'x'.repeat(200)}`)
    await round
    const state = new Map((await scene.all()).map(one => [one.key, one.offset]))
    expect([...state.entries()].sort()).toEqual([
      ['k0', 76],
      ['k1', 77],
      ['k2', 78],
      ['k3', 79],
    ])
    await scene.roll()
    await scene.upkeep()
    expect((await scene.all()).map(one => one.offset)).toEqual([76, 77, 78, 79])
  })

  it('a trim takes its segments from under it', async () => {
    const scene = await Scene.open(compact)
    for (const word of ['a=1', 'a=2', 'a=3', 'b=1']) await scene.write(word).then(() => scene.roll())
    const { log } = scene.partition
    const rewrite = log.rewrite.bind(log)
    log.rewrite = async (base, batches) => {
      await scene.partition.trim(2)
      await rewrite(base, batches)
    }
    await scene.upkeep()
    expect(told(await scene.all())).toBe('2:a=3 3:b=1')
    expect(scene.partition.start).toBe(2)
  })

  it('stop ends it early and leaves every segment whole', async () => {
    const scene = await Scene.open({ ...compact, 'segment.bytes': '65536' })
    for (let i = 0; i < 60; i++) await scene.write(`k${i % 3}=${'x'.repeat(60_000)}`)
    await scene.roll()
    const round = scene.broker.upkeep.runNow()
    await scene.broker.upkeep.stop()
    await round
    expect(scene.failures).toEqual([])
    expect(await scene.all()).toHaveLength(60)
    expect(scene.broker.upkeep.cleaned.get(scene.partition)).toBeUndefined()
  })

  it('a failure is reported once, the partition rests, and the next one is cleaned', async () => {
    const scene = await Scene.open(compact)
    await scene.write('a=1')
    await scene.write('a=2')
    await scene.roll()
    const { log } = scene.partition
    const read = log.read.bind(log)
    log.read = () => {
      throw new Error('rotten')
    }
    await scene.broker.upkeep.runNow()
    await scene.broker.upkeep.runNow()
    expect(scene.failures).toMatchObject([{ task: 'compaction', topic: 't', partition: 0 }])
    log.read = read
    scene.failures.length = 0
    scene.world.advance('5m')
    await scene.upkeep()
    expect(told(await scene.all())).toBe('1:a=2')
  })
})

/** Makes a little dirt and cleans. */
async function touch(scene: Scene): Promise<void> {
  await scene.write('dirt=1')
  await scene.roll()
  await scene.upkeep()
}

/** Batches as `base+records`, markers as `base!`. */
async function shape(scene: Scene): Promise<string> {
  const batches = await scene.batches()
  return batches
    .map(one => (one.isControl ? `${one.baseOffset}!` : `${one.baseOffset}+${one.recordCount}`))
    .join(' ')
}
