// Which segments have their files open, so that thousands of logs do not use up the process's handles. The oldest is
// closed for a new one, unless something in it waits for a flush: then it stays, and `isCrowded` asks for a checkpoint.

import type { Segment } from './segment.ts'

/** Looked at for each file that is opened when there are too many. */
const TRIES = 16

export class OpenSegments {
  readonly #most: number
  /** Oldest first. */
  readonly #open = new Set<Segment>()

  constructor(most: number) {
    this.#most = most
  }

  /** More are open than there should be, because they wait for a flush. */
  get isCrowded(): boolean {
    return this.#open.size > this.#most
  }

  opened(segment: Segment): void {
    this.#open.add(segment)
    for (let tries = 0; this.isCrowded && tries < TRIES; tries++) {
      const [oldest] = this.#open
      if (oldest === undefined) return
      this.#open.delete(oldest)
      if (oldest === segment || oldest.needsSync) this.#open.add(oldest)
      else oldest.closeFile()
    }
  }

  closed(segment: Segment): void {
    this.#open.delete(segment)
  }
}
