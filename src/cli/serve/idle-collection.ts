// Memory that a broker gives back when work is over. What requests held lies outside V8's heap, and V8 lets up to 64 MiB of it
// lie before it looks through the old objects that name it; an idle process makes nothing and so never looks. After a while
// without any collection, which is a while without much work, two are made: each takes some tens of ms in which nobody waits.

import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Timer, World } from '../../world/index.ts'
import { watchCollections } from './collections.ts'

/** Without a collection for so long, in ms, the process is idle. */
const IDLE_MS = 3000

/**
 * What a collection finds is freed by and by, and what was held weakly dies with the next, so many ms later. By then more than
 * five seconds have passed since the last work, and V8 also gives back the space that young objects had.
 */
const SETTLE_MS = 2500
const COLLECTIONS = 2

/**
 * Less than this, in bytes, more than at the last time is not worth a pause: outside the heap, where it is mostly garbage, or
 * of the whole process, where it is mostly what the heap grew by and what the allocator keeps between the pieces in use.
 */
export const GARBAGE_BYTES = 16 * 1024 * 1024

/** In a heap with more than this, in bytes, looking through takes so long that somebody may well be waiting by then. */
export const HEAP_BYTES_MAX = 64 * 1024 * 1024

/** The memory as this file sees it: V8's, or that of a test. */
export interface Memory {
  /** Bytes outside the heap that objects in it hold, alive or not yet freed. */
  external(): number
  /** Bytes of the process that are in memory. */
  resident(): number
  /** Bytes of the heap that are in use. */
  heap(): number
  /** Collects all that is dead; the thread stands still meanwhile. */
  collect(): void
  /** Calls `look` soon after every collection, whoever made it, until it is disposed of. */
  watch(look: () => void): Disposable
}

const v8: Memory = {
  // Not V8's own count of external memory, which is right only after the next collection.
  external: () => process.memoryUsage().arrayBuffers,
  resident: process.memoryUsage.rss,
  heap: () => getHeapStatistics().used_heap_size,
  collect() {
    setFlagsFromString('--expose-gc')
    const collect: unknown = runInNewContext('gc')
    if (typeof collect === 'function') collect()
  },
  watch: watchCollections,
}

/** Collects whenever the process falls idle with much that may be dead, until it is disposed of. */
export function collectWhenIdle(world: World, memory: Memory = v8): Disposable {
  let inUse = measured(memory)
  let timer: Timer | undefined
  /** Collections seen while ours settle; undefined at other times. */
  let seen: number | undefined
  const whenIdle = (): void => {
    timer?.cancel()
    timer = world.after(IDLE_MS, idle)
  }
  const idle = (): void => {
    timer = undefined
    if (!hasGrown(inUse, measured(memory)) || memory.heap() > HEAP_BYTES_MAX) return
    seen = 0
    collect(1)
  }
  const collect = (ours: number): void => {
    memory.collect()
    timer = world.after(SETTLE_MS, () => settled(ours))
  }
  const settled = (ours: number): void => {
    const hasWorked = seen !== undefined && seen > ours
    if (!hasWorked && ours < COLLECTIONS) {
      collect(ours + 1)
      return
    }
    seen = undefined
    timer = undefined
    if (hasWorked) whenIdle()
    else inUse = measured(memory)
  }
  const watching = memory.watch(() => {
    if (seen === undefined) whenIdle()
    else seen++
  })
  return {
    [Symbol.dispose]: () => {
      timer?.cancel()
      watching[Symbol.dispose]()
    },
  }
}

/** In bytes. */
interface InUse {
  readonly external: number
  readonly resident: number
}

function measured(memory: Memory): InUse {
  return { external: memory.external(), resident: memory.resident() }
}

function hasGrown(before: InUse, now: InUse): boolean {
  return now.external - before.external >= GARBAGE_BYTES || now.resident - before.resident >= GARBAGE_BYTES
}
