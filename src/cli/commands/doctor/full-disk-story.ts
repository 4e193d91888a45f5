// What a store must do on a disk that has no room left, played from the first append to the reopening: refuse with
// LOG_DISK_FULL, go on reading, take what frees space, take appends again once there is room, and lose nothing.

import type { Disk } from '../../../log/file/disk.ts'
import { openStoreOn } from '../../../log/file/opening.ts'
import { batchesOf, type Log, LogError, type LogStore } from '../../../log/index.ts'
import type { World } from '../../../world/index.ts'
import { crashBatch, crashFlaw } from './crash-batch.ts'

/** Room that the story needs on its disk, and will fill. */
export const STORY_BYTES = 24 * 1024 * 1024

export interface FullDiskOutcome {
  /** Appends acknowledged before the disk was full. */
  readonly acknowledged: number
  /** What went otherwise than it must; none when all is well. */
  readonly flaws: readonly string[]
}

const SEGMENT_BYTES = 1024 * 1024
const IN_FLIGHT = 64
const READ_BYTES = 1 << 20
/** Appends that no disk of STORY_BYTES can hold. */
const APPENDS_MAX = 100_000
/** How long room may take to be noticed, in ms. */
const NOTICE_MS = 5000
const RETRY_MS = 50
const sizes = { walFileBytes: 2 * 1024 * 1024, checkpointBytes: 2 * 1024 * 1024, ballastBytes: 1024 * 1024 }

/** Errors: the disk's that have nothing to do with room, LogError when the store fails. */
export async function playFullDisk(disk: Disk, world: World): Promise<FullDiskOutcome> {
  const flaws: string[] = []
  const acknowledged = new Map<number, number>()
  const store = await openStoreOn({ ...sizes, disk, world })
  const count = await untilFull(store, { world, acknowledged, flaws }).finally(() => store.close())
  const again = await openStoreOn({ ...sizes, disk, world })
  try {
    if (again.damage.length > 0) flaws.push(`after reopening: ${again.damage[0]?.what}`)
    await compare(await again.open('data'), acknowledged, 'after reopening', flaws)
  } finally {
    await again.close()
  }
  return { acknowledged: count, flaws }
}

async function untilFull(
  store: LogStore,
  {
    world,
    acknowledged,
    flaws,
  }: { readonly world: World; readonly acknowledged: Map<number, number>; readonly flaws: string[] },
): Promise<number> {
  const log = await store.open('data', { segmentBytes: SEGMENT_BYTES })
  const cursors = await store.open('cursors', { reserved: true })
  const refusal = await fill(log, acknowledged)
  const count = acknowledged.size
  if (!(refusal instanceof LogError && refusal.code === 'LOG_DISK_FULL')) {
    flaws.push(`the full disk was answered with ${refusal ?? 'nothing'}`)
    return count
  }
  await compare(log, acknowledged, 'while the disk was full', flaws)
  await cursors
    .append(crashBatch(0))
    .catch(error => flaws.push(`what frees space was refused, too: ${error.message}`))
  const half = Math.floor(log.end / 2)
  await log.trim(half)
  for (const offset of acknowledged.keys()) if (offset < log.start) acknowledged.delete(offset)
  const offset = await appendWithin(log, count, world)
  if (offset === undefined) flaws.push(`appends were still refused ${NOTICE_MS} ms after there was room`)
  else acknowledged.set(offset, count)
  return count
}

/** Appends until it is refused; gives why. The serial number of a batch is its offset. */
async function fill(log: Log, acknowledged: Map<number, number>): Promise<unknown> {
  let serial = 0
  let refusal: unknown
  const one = async (): Promise<void> => {
    while (refusal === undefined && serial < APPENDS_MAX) {
      const mine = serial++
      try {
        acknowledged.set(await log.append(crashBatch(mine)), mine)
      } catch (error) {
        refusal ??= error
      }
    }
  }
  await Promise.all(Array.from({ length: IN_FLIGHT }, one))
  return refusal
}

/** The offset that was given; undefined when there was none in time. */
async function appendWithin(log: Log, serial: number, world: World): Promise<number | undefined> {
  for (const until = world.monotonic() + NOTICE_MS; world.monotonic() < until; ) {
    try {
      return await log.append(crashBatch(serial))
    } catch (error) {
      if (!(error instanceof LogError && error.code === 'LOG_DISK_FULL')) throw error
      await new Promise<void>(resolve => world.after(RETRY_MS, resolve))
    }
  }
  return undefined
}

async function compare(
  log: Log,
  acknowledged: ReadonlyMap<number, number>,
  when: string,
  flaws: string[],
): Promise<void> {
  let found = 0
  for (let from = log.start; from < log.end; ) {
    const { chunks, next } = await log.read(from, READ_BYTES)
    for (const batch of chunks.flatMap(chunk => [...batchesOf(chunk)])) {
      const serial = acknowledged.get(batch.baseOffset)
      if (serial === undefined) continue
      found++
      const flaw = crashFlaw(batch, serial)
      if (flaw !== undefined) flaws.push(`${when}: offset ${batch.baseOffset}: ${flaw}`)
    }
    from = next
  }
  if (found < acknowledged.size)
    flaws.push(`${when}: ${acknowledged.size - found} of ${acknowledged.size} acknowledged batches are gone`)
}
