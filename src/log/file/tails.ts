// What waits in memory for its segments, over all logs of a store, so that it stays below a bound.

import type { FileLog } from './file-log.ts'
import type { OpenSegments } from './open-segments.ts'

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
   * Writes tails into segments, the ones that waited longest first, until at most half of `most` waits. When too many
   * files would be open, the checkpoint does it, which flushes and closes them. Errors: the disk's.
   */
  spill(most: number): void {
    if (this.#bytes <= most) return
    for (const log of this.#dirty) {
      if (this.#bytes <= most / 2 || this.#openSegments.isCrowded) return
      log.spill()
      if (log.tailBytes === 0 && !log.files.some(one => one.needsSync)) this.#dirty.delete(log)
    }
  }

  /** Writes all of them. Errors: the disk's. */
  spillAll(): void {
    for (const log of this.#dirty) log.spill()
  }
}
