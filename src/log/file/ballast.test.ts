// What is not already said by the contract suite: the room is there when it is wanted.

import { describe, expect, it } from 'vitest'
import { SimDisk } from '../../sim/disk/index.ts'
import { Ballast } from './ballast.ts'

const KIB = 1024

/** The room of a removed file does not come back at once: only its name goes. */
class LateDisk extends SimDisk {
  override remove(path: string): void {
    this.rename(path, `${path}.removed`)
  }
}

describe('the ballast', () => {
  it('gives its room up at once, also where removing gives it back later', async () => {
    const disk = new LateDisk({ capacity: 1024 * KIB })
    const ballast = new Ballast(disk, 100 * KIB)
    await ballast.restore()
    expect(disk.freeBytes()).toBeLessThanOrEqual(924 * KIB)
    ballast.release()
    expect(disk.list('')).not.toContain('ballast')
    expect(disk.freeBytes()).toBe(1024 * KIB)
  })

  it('is given up where there is none, and where there is little room not taken', async () => {
    const disk = new SimDisk({ capacity: 300 * KIB })
    const ballast = new Ballast(disk, 100 * KIB)
    ballast.release()
    await ballast.restore()
    expect(disk.list('')).toEqual([])
  })
})
