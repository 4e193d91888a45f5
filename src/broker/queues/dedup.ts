// Messages whose id came before are dropped, within a window of time. The ids are those of the stored messages
// themselves: after a restart the log is read as far back as the window goes, and until then nothing of it is trimmed.

import type { World } from '../../world/index.ts'
import { TimedHeap } from './timed-heap.ts'

/** Ids that one queue remembers; beyond, the oldest go early. */
const IDS_MAX = 1_000_000

export class DedupWindow {
  readonly #world: World
  readonly #windowMs: () => number
  readonly #ids = new Set<string>()
  readonly #times = new TimedHeap<string>()

  constructor(world: World, windowMs: () => number) {
    this.#world = world
    this.#windowMs = windowMs
  }

  /** Messages stored before this time (ms since 1970) are not needed to know the window. */
  get since(): number {
    return this.#world.now() - this.#windowMs()
  }

  /** Whether the id is new; from now on it is not. */
  isNew(id: string): boolean {
    this.#forget()
    if (this.#ids.has(id)) return false
    this.remember(id, this.#world.now())
    return true
  }

  /** An id that came at this time. */
  remember(id: string, atMs: number): void {
    if (this.#ids.has(id)) return
    if (this.#ids.size >= IDS_MAX) this.#ids.delete(this.#times.pop() ?? '')
    this.#ids.add(id)
    this.#times.push(atMs, id)
  }

  /** The message with this id was not stored after all. */
  takeBack(id: string): void {
    this.#ids.delete(id)
  }

  #forget(): void {
    const before = this.since
    for (let id = this.#times.takeDue(before); id !== undefined; id = this.#times.takeDue(before))
      this.#ids.delete(id)
  }
}
