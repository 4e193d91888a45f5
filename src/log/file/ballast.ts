// Room that is given up when the disk is full, so that the logs by which space comes back can still be written.

import type { Disk } from './disk.ts'
import { isMissing } from './segment.ts'
import { isFull } from './wal.ts'
import { writeFully } from './write-fully.ts'

const PATH = 'ballast'

export class Ballast {
  readonly bytes: number
  readonly #disk: Disk
  #isThere = false

  constructor(disk: Disk, bytes: number) {
    this.#disk = disk
    this.bytes = bytes
  }

  /** Gives the room up. It is wanted now, and what is only removed may give it back later. */
  release(): void {
    this.#isThere = false
    try {
      this.#empty()
      this.#disk.remove(PATH)
    } catch (error) {
      if (!isMissing(error)) throw error
    }
  }

  #empty(): void {
    const file = this.#disk.open(PATH, 'write')
    try {
      file.truncate(0)
    } finally {
      file.close()
    }
  }

  /** Takes the room when there is plenty. Only written zeros reserve anything: a hole does not. Errors: the disk's. */
  async restore(): Promise<void> {
    if (this.#isThere || this.bytes === 0 || this.#disk.freeBytes() < this.bytes * 4) return
    this.release()
    const file = this.#disk.open(PATH, 'create')
    try {
      for (let at = 0; at < this.bytes; at += zeros.length)
        writeFully(file, [zeros.subarray(0, this.bytes - at)], at)
      await file.sync()
      this.#isThere = true
    } catch (error) {
      if (!isFull(error)) throw error
    } finally {
      file.close()
    }
  }
}

/**
 * In pieces: glibc takes what is freed in one piece for a size that comes often, and from then on keeps the room of all that
 * is smaller for itself instead of giving it back to the system.
 */
const zeros = Buffer.alloc(64 * 1024)
