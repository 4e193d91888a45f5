// The heap of a broker. Nearly all that it makes lives for one request, and what a request holds (its bytes) lies outside
// the heap and goes when the small object goes that names it. V8 lets the space for young objects grow up to 32 MiB and
// more; until it is full nothing is collected, and what is in it keeps many times as much memory alive. A space that is
// too small is worse: V8 takes it back from a process that was idle, down to 1 MiB, and there the messages that are on
// their way outlive collections, are moved, and cost a broker half of its rate.
//
// A running process cannot be given a size: the flags for it have no effect by then. How fast the space grows is read
// each time that it does. So it may grow while it is below the size that is wanted, and at no other time.
//
// Old objects have the same trouble. V8 looks through all of them when they, and what was allocated outside the heap
// since it last looked, have grown by a share of what is old: after an idle time by little more than a tenth. A broker
// holds little and moves 100 MB/s outside the heap, so it would look through everything ten times a second, and in vain:
// what requests held goes with the young objects, which V8 collects for every 32 MiB outside the heap. There is room for
// one of these and something besides while old objects are few; when they are many, V8 decides. More room is filled with
// what lived a little longer and is dead: 80 MiB cost another 12 MB after a load.

import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'
import { watchCollections } from './collections.ts'

const MIB = 1024 * 1024

/** What the space for young objects may grow to, both of its halves, in bytes. */
export const YOUNG_SPACE_BYTES = 16 * MIB

/** Up to here old objects are few, in bytes. */
export const FEW_OLD_BYTES = 24 * MIB

/** By how much few old objects and what is outside the heap may grow before V8 looks through all that is old, in bytes. */
export const ROOM_BYTES = 44 * MIB

/** The heap as this file sees it: V8's, or that of a test. */
export interface Heap {
  /** Of all old objects, in bytes. */
  oldObjects(): number
  /** Of the space for young objects, in bytes. */
  youngSpace(): number
  setFlags(flags: string): void
  /** Calls `look` soon after every collection until it is disposed of: only they change the space. */
  watch(look: () => void): Disposable
}

const v8: Heap = {
  oldObjects: () => space('old_space')?.space_used_size ?? 0,
  youngSpace: () => space('new_space')?.space_size ?? 0,
  setFlags: setFlagsFromString,
  watch: watchCollections,
}

function space(name: string) {
  return getHeapSpaceStatistics().find(one => one.space_name === name)
}

/**
 * Holds the space for young objects at the size above, and lets that of few old ones grow, until it is disposed of. To be
 * called before the broker starts. Whoever chose a size for the process keeps it.
 */
export function tendHeap(
  { NODE_OPTIONS = '' }: Readonly<Record<string, string | undefined>>,
  heap: Heap = v8,
): Disposable {
  const isChosen = [...process.execArgv, NODE_OPTIONS].some(option => /semi[-_]space/.test(option))
  if (isChosen) return { [Symbol.dispose]: () => undefined }
  let flags = ''
  const look = (): void => {
    const wanted = `--semi-space-growth-factor=${growthFactor(heap.youngSpace())} --heap-growing-percent=${growingPercent(heap.oldObjects())}`
    if (wanted !== flags) heap.setFlags(wanted)
    flags = wanted
  }
  look()
  return heap.watch(look)
}

/** At once to the size that is wanted, and no further. */
function growthFactor(bytes: number): number {
  return Math.max(1, Math.floor(YOUNG_SPACE_BYTES / Math.max(bytes, 1)))
}

/** Of what old objects take; in tens, so that it does not change all the time. None: V8 decides. */
function growingPercent(bytes: number): number {
  return bytes <= FEW_OLD_BYTES ? 10 * Math.floor((ROOM_BYTES * 10) / Math.max(bytes, MIB)) : 0
}
