// The checkpoint as a file: whole, or refused.

import { describe, expect, it } from 'vitest'
import { SimDisk } from '../../sim/disk/index.ts'
import { type Checkpoint, FORMAT, readCheckpoint, writeCheckpoint } from './checkpoint.ts'
import { freshState } from './log-state.ts'

const checkpoint: Checkpoint = {
  format: FORMAT,
  epoch: 4,
  nextLogId: 3,
  clean: true,
  wal: { file: 2, position: 48, sequence: 77, previousCrc: 5 },
  logs: [{ ...freshState(1, 'a\n"日"'), segments: [{ base: 0, generation: 1, bytes: 9, maxTimestamp: -1 }] }],
}

async function written(one = checkpoint): Promise<SimDisk> {
  const disk = new SimDisk()
  await writeCheckpoint(disk, one)
  return disk
}

function size(disk: SimDisk): number {
  return disk.open('checkpoint', 'read').size()
}

describe('the checkpoint', () => {
  it('comes back as it was written, and is none in an empty folder', async () => {
    expect(readCheckpoint(await written())).toEqual(checkpoint)
    expect(readCheckpoint(new SimDisk())).toBeUndefined()
  })

  it('replaces the one before, as a whole, through every power loss', async () => {
    const disk = await written()
    const after = { ...checkpoint, epoch: 5 }
    const begun = disk.steps
    await writeCheckpoint(disk, after)
    for (let crashAt = 0; crashAt <= disk.steps - begun; crashAt++) {
      const torn = (await written()).restart(crashAt)
      torn.crashAt = crashAt
      void writeCheckpoint(torn, after).catch(() => {})
      for (let round = 0; round < 20; round++) await new Promise(resolve => setImmediate(resolve))
      expect([4, 5]).toContain(readCheckpoint(torn.restart(crashAt))?.epoch)
    }
  })

  it('is refused when it is cut anywhere (LOG_ROTTEN)', async () => {
    const disk = await written()
    for (let end = size(disk) - 1; end >= 0; end--) {
      disk.open('checkpoint', 'write').truncate(end)
      expect(() => readCheckpoint(disk), `${end} bytes`).toThrow(
        expect.objectContaining({ code: 'LOG_ROTTEN' }),
      )
    }
  })

  it('is refused when any bit is flipped (LOG_ROTTEN)', async () => {
    const disk = await written()
    const bytes = size(disk)
    for (let bit = 0; bit < bytes * 8; bit++) {
      disk.rot('checkpoint', bit >> 3, 1 << (bit & 7))
      expect(() => readCheckpoint(disk), `bit ${bit}`).toThrow(
        expect.objectContaining({ code: 'LOG_ROTTEN' }),
      )
      disk.rot('checkpoint', bit >> 3, 1 << (bit & 7))
    }
    expect(readCheckpoint(disk)).toEqual(checkpoint)
  })

  it('of a newer format is refused by name (LOG_FORMAT_UNKNOWN)', async () => {
    const disk = await written({ ...checkpoint, format: FORMAT + 1 })
    expect(() => readCheckpoint(disk)).toThrow(expect.objectContaining({ code: 'LOG_FORMAT_UNKNOWN' }))
  })
})
