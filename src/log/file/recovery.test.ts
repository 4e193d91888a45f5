// Recovery, the odd stories: what the crash model found once and must not find again.

import { describe, expect, it } from 'vitest'
import { SimDisk } from '../../sim/disk/index.ts'
import { ManualWorld } from '../../world/index.ts'
import { buildBatch } from '../record/builder.ts'
import { readCheckpoint, writeCheckpoint } from './checkpoint.ts'
import { openStoreOn } from './opening.ts'

/** Large enough to be written straight into its segment, so that the write-ahead log only names it. */
const large = () => buildBatch([{ timestamp: 1, key: null, value: Buffer.alloc(300_000, 'x') }])

async function reopened(disk: SimDisk) {
  disk.kill()
  return openStoreOn({ disk: disk.restart(1), world: new ManualWorld() })
}

describe('recovery', () => {
  it('does not take a large run for damaged whose segment was trimmed away and removed', async () => {
    const disk = new SimDisk({ seed: 1 })
    const store = await openStoreOn({ disk, world: new ManualWorld() })
    const log = await store.open('a', { segmentBytes: 400_000 })
    for (let n = 0; n < 4; n++) await log.append(large())
    await log.trim(2)
    expect(disk.list('logs/1')).toHaveLength(2)
    const again = await reopened(disk)
    const found = await again.open('a')
    expect(again.damage).toEqual([])
    expect([found.start, found.end]).toEqual([2, 4])
    expect((await found.read(2, 1 << 20)).next).toBe(4)
  })

  it('keeps what a trim that was refused would have taken', async () => {
    const disk = new SimDisk({ seed: 1 })
    const store = await openStoreOn({ disk, world: new ManualWorld() })
    const log = await store.open('a', { segmentBytes: 400_000 })
    for (let n = 0; n < 4; n++) await log.append(large())
    const [first, second] = [log.trim(1), log.trim(3)]
    await first
    disk.kill() // before the answer to the second
    second.catch(() => {})
    const again = await openStoreOn({ disk: disk.restart(1), world: new ManualWorld() })
    const found = await again.open('a')
    expect(again.damage).toEqual([])
    expect((await found.read(found.start, 4 << 20)).next).toBe(4)
  })

  it('finds what was written after an orderly end whose checkpoint came back', async () => {
    const disk = new SimDisk({ seed: 1 })
    const world = new ManualWorld()
    const first = await openStoreOn({ disk, world })
    await (await first.open('a')).append(large())
    await first.close()
    const checkpoint = readCheckpoint(disk)
    if (checkpoint === undefined) throw new Error('there is no checkpoint')
    const second = await openStoreOn({ disk, world })
    await (await second.open('a')).append(large())
    disk.kill()
    const later = disk.restart(1)
    await writeCheckpoint(later, checkpoint)
    const again = await openStoreOn({ disk: later, world })
    expect((await again.open('a')).end).toBe(2)
    expect(again.damage).toHaveLength(1)
  })
})
