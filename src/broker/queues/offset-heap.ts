// The lowest of some offsets first: messages that came back keep their place before those that follow.

import type { Offset } from '../../log/index.ts'

export class OffsetHeap {
  readonly #heap: Offset[] = []

  get size(): number {
    return this.#heap.length
  }

  /** The lowest; undefined when there is none. */
  get first(): Offset | undefined {
    return this.#heap[0]
  }

  /** Takes an offset that is not there yet. */
  push(offset: Offset): void {
    const heap = this.#heap
    let at = heap.length
    heap.push(offset)
    while (at > 0) {
      const parent = (at - 1) >> 1
      const above = heap[parent] as Offset
      if (above <= offset) break
      heap[at] = above
      at = parent
    }
    heap[at] = offset
  }

  /** Takes the lowest away and gives it. */
  pop(): Offset | undefined {
    const heap = this.#heap
    const first = heap[0]
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return first
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && (heap[child + 1] as Offset) < (heap[child] as Offset)) child++
      const below = heap[child] as Offset
      if (below >= last) break
      heap[at] = below
      at = child
    }
    heap[at] = last
    return first
  }

  /** All of them, in no order. */
  values(): readonly Offset[] {
    return this.#heap
  }

  clear(): void {
    this.#heap.length = 0
  }
}
