// What of a segment is read after a restart to find an offset in it.

import { describe, expect, it } from 'vitest'
import { SimDisk } from '../../sim/disk/index.ts'
import { ManualWorld } from '../../world/index.ts'
import { batchOf, readShape } from '../contract/opening.contract.ts'
import type { Log } from '../log.ts'
import { readCheckpoint } from './checkpoint.ts'
import type { DiskFile, OpenMode } from './disk.ts'
import { openStoreOn } from './opening.ts'

const KIB = 1024
const SECTION_BYTES = 512 * KIB
const BATCHES = 400

/** Knows how much was read of segments. */
class CountingDisk extends SimDisk {
  bytesRead = 0

  override open(path: string, mode: OpenMode): DiskFile {
    const file = super.open(path, mode)
    if (!path.startsWith('logs/')) return file
    const read = file.read.bind(file)
    file.read = (into, position) => {
      const got = read(into, position)
      this.bytesRead += got
      return got
    }
    return file
  }
}

/** A log of batches of 16 KiB with three records each, in one segment. */
async function filled(disk: SimDisk, checkpointBytes?: number): Promise<Log> {
  const store = await openStoreOn({
    disk,
    world: new ManualWorld(),
    checkpointBytes,
    sectionBytes: SECTION_BYTES,
  })
  const log = await store.open('a')
  for (let n = 0; n < BATCHES; n++) await log.append(batchOf(3, { bytes: 16 * KIB, at: n }))
  if (checkpointBytes === undefined) await store.close()
  return log
}

describe('the first look-up in a segment after a restart', () => {
  it('reads a section of it, not all', async () => {
    const disk = new CountingDisk({ seed: 1 })
    await filled(disk)
    const store = await openStoreOn({ disk, world: new ManualWorld(), sectionBytes: SECTION_BYTES })
    const log = await store.open('a')
    disk.bytesRead = 0
    expect(await readShape(log, 101, 1000)).toBe('99+3')
    expect(await log.seek(40)).toBe(120)
    expect(disk.bytesRead).toBeGreaterThan(SECTION_BYTES)
    expect(disk.bytesRead).toBeLessThan(log.bytes / 3)
    await log.append(batchOf(1))
    expect(await readShape(log, 3 * BATCHES - 1, 1000)).toBe('1197+3')
    await store.close()
  })

  it.each<[string, (disk: SimDisk) => void]>([
    ['was killed', disk => disk.kill()],
    ['lost its power', disk => disk.cut()],
  ])('finds all batches when the process %s after checkpoints', async (_, end) => {
    const disk = new SimDisk({ seed: 1 })
    await filled(disk, 64 * KIB)
    end(disk)
    const later = disk.restart(1)
    expect(readCheckpoint(later)?.logs[0]?.segments[0]?.marks).not.toHaveLength(0)
    const again = await openStoreOn({ disk: later, world: new ManualWorld(), sectionBytes: SECTION_BYTES })
    const log = await again.open('a')
    for (let n = BATCHES - 1; n >= 0; n--) expect(await readShape(log, n * 3 + 1, 1000)).toBe(`${n * 3}+3`)
    expect(again.damage).toEqual([])
  })
})
