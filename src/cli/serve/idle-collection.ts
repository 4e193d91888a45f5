// Memory that a broker gives back when work is over. What requests held lies outside V8's heap, and V8 lets up to 64 MiB of it
// lie before it looks through the old objects that name it; an idle process makes nothing and so never looks. When the event
// loop has hardly had anything to do for a while, two collections are made: each takes some tens of ms in which nobody waits.

import { performance } from 'node:perf_hooks'
import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Timer, World } from '../../world/index.ts'

/**
 * Every so many ms it is looked whether the process was idle, and what is to be done then is done one thing at a time: what a
 * collection finds is freed by and by, and what was held weakly dies with the next. By then V8 also gives back the space that
 * young objects had.
 */
const LOOK_MS = 2500

/** A loop that worked for less than this share of the time was idle: the scrubber alone takes some two hundredths. */
const BUSY_SHARE_MAX = 0.05

/**
 * Less than this, in bytes, more than at the last time is not worth a pause: outside the heap, where it is mostly garbage, or
 * of the whole process, where it is mostly what the heap grew by and what the allocator keeps between the pieces in use.
 */
export const GARBAGE_BYTES = 8 * 1024 * 1024

/** In a heap with more than this, in bytes, looking through takes so long that somebody may well be waiting by then. */
export const HEAP_BYTES_MAX = 64 * 1024 * 1024

/** The process as this file sees it: this one, or that of a test. */
export interface Memory {
  /** Bytes outside the heap that objects in it hold, alive or not yet freed. */
  external(): number
  /** Bytes of the process that are in memory. */
  resident(): number
  /** Bytes of the heap that are in use. */
  heap(): number
  /** Ms for which the event loop has worked so far. */
  busyMs(): number
  /** Collects all that is dead; the thread stands still meanwhile. */
  collect(): void
}

const ours: Memory = {
  // Not V8's own count of external memory, which is right only after the next collection.
  external: () => process.memoryUsage().arrayBuffers,
  resident: process.memoryUsage.rss,
  heap: () => getHeapStatistics().used_heap_size,
  busyMs: () => performance.eventLoopUtilization().active,
  collect() {
    setFlagsFromString('--expose-gc')
    const collect: unknown = runInNewContext('gc')
    if (typeof collect === 'function') collect()
  },
}

/** Collects whenever the process falls idle with much that may be dead, until it is disposed of. */
export function collectWhenIdle(world: World, memory: Memory = ours): Disposable {
  let inUse = measured(memory)
  let busyMs = memory.busyMs()
  let lookedAt = world.monotonic()
  let collections = 0
  let timer: Timer
  const look = (): void => {
    if (!wasIdle()) collections = 0
    else if (collections === 2) {
      inUse = measured(memory)
      collections = 0
    } else if (collections === 1 || isWorthIt()) {
      memory.collect()
      collections++
    }
    wait()
  }
  const wasIdle = (): boolean => memory.busyMs() - busyMs < (world.monotonic() - lookedAt) * BUSY_SHARE_MAX
  const isWorthIt = (): boolean => hasGrown(inUse, measured(memory)) && memory.heap() <= HEAP_BYTES_MAX
  const wait = (): void => {
    busyMs = memory.busyMs()
    lookedAt = world.monotonic()
    timer = world.after(LOOK_MS, look)
  }
  wait()
  return { [Symbol.dispose]: () => timer.cancel() }
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
