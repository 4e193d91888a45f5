// Removing files. The name goes at once, the room when the last descriptor is closed: for 1 GB on ext4 that takes 260 ms, for
// which all connections would stand still (measured). So a large file is held open when its name goes, and closed on another
// thread: 0.1 ms. They are closed one at a time, since the flushes need those threads, too.

import { close, closeSync, fstatSync, openSync, unlinkSync } from 'node:fs'

/** Smaller ones, in bytes, are gone within a few ms. */
export const LARGE_BYTES = 16 * 1024 * 1024
/** So many may wait to be closed; more are removed in the ordinary way. */
export const WAITING_MAX = 64

export class Removal {
  /** Descriptors of large files without names; the first is being closed. */
  readonly #waiting: number[] = []

  /** How many have not given their room back. */
  get waiting(): number {
    return this.#waiting.length
  }

  /** Removes a file. Errors: Node's own. */
  remove(path: string): void {
    const fd = this.#waiting.length < WAITING_MAX ? openLarge(path) : undefined
    try {
      unlinkSync(path)
    } finally {
      if (fd !== undefined && this.#waiting.push(fd) === 1) this.#closeFirst()
    }
  }

  #closeFirst(): void {
    const [fd] = this.#waiting
    // Nothing was written through it: there is nothing that its closing could fail to keep.
    if (fd !== undefined)
      close(fd, () => {
        this.#waiting.shift()
        this.#closeFirst()
      })
  }
}

/** None when it is small, or there is no descriptor to be had: then removing takes its time. */
function openLarge(path: string): number | undefined {
  try {
    const fd = openSync(path, 'r')
    if (fstatSync(fd).size >= LARGE_BYTES) return fd
    closeSync(fd)
  } catch {
    // What is wrong with the file, removing it will say.
  }
  return undefined
}
