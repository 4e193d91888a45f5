// What waits in memory for its segments, over all logs of a store, so that it stays below a bound.

import type { FileLog } from './file-log.ts'
import type { OpenSegments } from './open-segments.ts'

/**
 * Written this many bytes at a time, a log's tail costs hardly more than in larger pieces. What waits longer is old by then for
 * the collector, which sees only after many MB that it is gone.
 */
const ENOUGH_BYTES = 64 * 1024
/** So much may always wait: few logs have short tails anyway. */
const ALWAYS_BYTES = 1024 * 1024

export class Tails {
  readonly #openSegments: OpenSegments
  /** Logs with a tail, or with a segment that was written to since the last checkpoint; the longest waiting first. */
  readonly #dirty = new Set<FileLog>()
  #bytes = 0

  constructor(openSegments: OpenSegments) {
    this.#openSegments = openSegments
  }

  /** Bytes came into (or left) the tail of a log. */
  changed(log: FileLog, bytes: number): void {
    this.#bytes += bytes
    if (bytes > 0) this.#dirty.add(log)
  }

  /** The log is gone. */
  forget(log: FileLog): void {
    this.#dirty.delete(log)
    this.#bytes -= log.tailBytes
  }

  /** All logs of which a checkpoint must flush something; from here on they count as clean. */
  takeDirty(): FileLog[] {
    const dirty = [...this.#dirty]
    this.#dirty.clear()
    return dirty
  }
  markDirty(log: FileLog): void {
    this.#dirty.add(log)
  }

  /**
   * When more waits than is worth it, or more than `most`, writes tails into segments, the ones that waited longest first,
   * until half of that waits. When too many files would be open, the checkpoint does it, which flushes and closes them.
   * Errors: the disk's.
   */
  spill(most: number): void {
    const bound = Math.min(most, Math.max(ALWAYS_BYTES, this.#dirty.size * ENOUGH_BYTES))
    if (this.#bytes <= bound) return
    for (const log of this.#dirty) {
      if (this.#bytes <= bound / 2 || this.#openSegments.isCrowded) return
      log.spill()
      if (log.tailBytes === 0 && !log.files.some(one => one.needsSync)) this.#dirty.delete(log)
    }
  }

  /** Writes all of them. Errors: the disk's. */
  spillAll(): void {
    for (const log of this.#dirty) log.spill()
  }
}
