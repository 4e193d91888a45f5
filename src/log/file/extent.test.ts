// Batches that are sent without having been read.

import { existsSync, mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SimDisk } from '../../sim/disk/index.ts'
import { ManualWorld, systemWorld } from '../../world/index.ts'
import { batchOf, refusalOf } from '../contract/opening.contract.ts'
import type { Log, LogExtent, LogStore } from '../log.ts'
import { batchesOf, RecordBatch } from '../record/batch.ts'
import { buildBatch } from '../record/builder.ts'
import { openFileStore } from './directory.ts'
import { EXTENT_BYTES_MIN, extentOf } from './extent.ts'
import { openStoreOn } from './opening.ts'
import { Segment } from './segment.ts'

const KIB = 1024
const MIB = KIB * KIB

let directory: string
let store: LogStore

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'posthorn-extent-'))
  store = await reopened()
})
afterEach(async () => {
  await store.close()
  rmSync(directory, { recursive: true, force: true })
})

/** What is committed goes into its file at once. */
function reopened(): Promise<LogStore> {
  return openFileStore({ directory, world: systemWorld, tailBytesMax: 0, scrubBytesPerSecond: 0 })
}

/** A log of batches of three records with so many KiB each, all in its files. */
async function logOf(kib: readonly number[], segmentBytes = 64 * MIB): Promise<Log> {
  const log = await store.open('a', { segmentBytes })
  for (const [n, size] of kib.entries())
    await log.append(batchOf(3, { bytes: size * KIB, fill: String.fromCharCode(97 + (n % 26)) }))
  return log
}

const many = (count: number, kib: number): number[] => Array.from({ length: count }, () => kib)

/** All of its bytes, read a few at a time. */
async function bytesOf(extent: LogExtent, atATime = 100_000): Promise<Buffer> {
  const all = Buffer.alloc(extent.bytes)
  for (let at = 0; at < all.length; ) at += await extent.read(all.subarray(at, at + atATime), at)
  return all
}

function taken(log: Log, from: number, maxBytes = MIB, limit = log.end): LogExtent {
  const extent = log.extent?.(from, maxBytes, limit)
  if (extent === undefined) throw new Error(`there is no extent at ${from}`)
  return extent
}

/** Files of the log that this process has open, deleted ones included; undefined where the system does not say. */
function openFiles(): string[] | undefined {
  if (!existsSync('/proc/self/fd')) return undefined
  const links = readdirSync('/proc/self/fd').map(one => {
    try {
      return readlinkSync(`/proc/self/fd/${one}`)
    } catch {
      return '' // that of the listing itself
    }
  })
  return links.filter(one => one.startsWith(directory) && one.includes('.log'))
}

describe('an extent', () => {
  it.each([
    ['of one segment', 40, 64 * MIB],
    ['of several segments', 40, 2 * MIB],
    ['with batches of which the index knows one in four', 9, 64 * MIB],
    ['with batches larger than what is asked for', 700, 8 * MIB],
  ])('and reads give the whole log, %s', async (_, kib, segmentBytes) => {
    const log = await logOf(many(Math.ceil(5000 / kib), kib), segmentBytes)
    const [mixed, read]: [Buffer[], Buffer[]] = [[], []]
    let extents = 0
    for (let from = 0; from < log.end; ) {
      const extent = log.extent?.(from, 500 * KIB, log.end)
      if (extent !== undefined) {
        extents++
        expect(extent.start).toBe(from)
        expect(extent.available).toBeGreaterThanOrEqual(extent.bytes)
        expect(extent.bytes).toBeLessThanOrEqual(500 * KIB)
        mixed.push(await bytesOf(extent))
        extent.release()
      }
      const slice = extent ?? (await log.read(from, 500 * KIB))
      if ('chunks' in slice) mixed.push(...slice.chunks)
      from = slice.next
    }
    for (let from = 0; from < log.end; ) {
      const slice = await log.read(from, 500 * KIB)
      read.push(...slice.chunks)
      from = slice.next
    }
    expect(Buffer.concat(mixed).equals(Buffer.concat(read))).toBe(true)
    expect(extents > 0).toBe(kib < 500)
  })

  it('ends before what may not be read', async () => {
    const log = await logOf(many(30, 40))
    for (const limit of [60, 61, 59]) {
      const extent = taken(log, 0, 4 * MIB, limit)
      expect(extent.next).toBe(Math.floor(limit / 3) * 3)
      extent.release()
    }
  })

  it('goes on where a read has ended, and after a restart', async () => {
    const log = await logOf(many(60, 9))
    const { next } = await log.read(4, 30 * KIB)
    taken(log, next).release()
    await store.close()
    store = await reopened()
    const again = await store.open('a')
    const extent = taken(again, 0)
    const slice = await again.read(0, extent.bytes)
    expect((await bytesOf(extent)).equals(Buffer.concat(slice.chunks))).toBe(true)
    extent.release()
  })

  it('goes over what compaction has left out', async () => {
    const log = await logOf(many(40, 40))
    await log.roll()
    const { chunks } = await log.read(0, 4 * MIB)
    const batches = chunks.flatMap(chunk => [...batchesOf(chunk)])
    await log.rewrite(
      0,
      these(batches.filter((_, n) => n % 2 === 0).map(({ buffer }) => Buffer.from(buffer))),
    )
    const { next } = await log.read(0, 1)
    expect(next).toBe(3)
    const extent = taken(log, next, 300 * KIB)
    expect([extent.start, extent.next]).toEqual([6, 48])
    expect([...batchesOf(await bytesOf(extent))].map(batch => batch.baseOffset)).toEqual([
      6, 12, 18, 24, 30, 36, 42,
    ])
    extent.release()
    expect(log.extent?.(2, MIB, log.end)).toBeUndefined()
  })

  it.each<[string, number, number]>([
    ['of little', 0, EXTENT_BYTES_MIN - 1],
    ['in the middle of a batch', 1, MIB],
    ['close to the end', 84, MIB],
    ['at the end', 90, MIB],
    ['beyond the end', 91, MIB],
    ['before the start', -1, MIB],
  ])('is not given %s', async (_, from, maxBytes) => {
    const log = await logOf(many(30, 40))
    expect(log.extent?.(from, maxBytes, log.end)).toBeUndefined()
  })

  it('is not given of what is on its way to the file, nor of a log that is gone', async () => {
    const log = await logOf(many(30, 40))
    await store.delete('a')
    expect(log.extent?.(0, MIB, log.end)).toBeUndefined()
    await store.close()
    store = await openFileStore({ directory, world: systemWorld })
    expect((await logOf(many(20, 40))).extent?.(0, MIB, 60)).toBeUndefined()
  })

  it.each<[string, (log: Log) => Promise<void>]>([
    ['trimmed away', log => log.trim(log.end)],
    ['deleted', () => store.delete('a')],
    [
      'rewritten',
      async log => {
        await log.roll()
        await log.rewrite(0, these([]))
      },
    ],
    ['closed with its store', () => store.close()],
  ])(
    'stays as it is until it is released when the log is %s, and keeps no file open then',
    async (_, change) => {
      const log = await logOf(many(30, 40))
      const extent = taken(log, 3)
      const before = await bytesOf(extent)
      await change(log)
      // What takes its file's number must not be read in its place.
      const other = await openFileStore({ directory: join(directory, 'other'), world: systemWorld })
      await (await other.open('b')).append(batchOf(1, { bytes: 2 * MIB, fill: '!' }))
      expect((await bytesOf(extent)).equals(before)).toBe(true)
      const held = openFiles()?.length
      extent.release()
      extent.release()
      expect(openFiles()?.length).toBe(held === undefined ? undefined : held - 1)
      await other.close()
    },
  )
})

async function* these(buffers: readonly Buffer[]): AsyncGenerator<RecordBatch> {
  for (const buffer of buffers) yield new RecordBatch(buffer)
}

describe('an extent of a damaged segment', () => {
  const limit = 60
  const monotonic = (): number => 0

  function segmentOf(batches: number): Segment {
    const disk = new SimDisk()
    disk.makeFolder('one')
    const segment = new Segment({ disk }, 'one', { base: 0 })
    for (let baseOffset = 0; baseOffset < batches; baseOffset++) {
      const { buffer } = buildBatch([{ timestamp: 0, value: Buffer.alloc(40 * KIB) }], { baseOffset })
      segment.write([buffer], segment.place(baseOffset, buffer.length, 0))
    }
    return segment
  }
  const extentAt = (segment: Segment, from: number): LogExtent | undefined =>
    extentOf(segment, { from, maxBytes: MIB, limit, filled: segment.bytes, monotonic })

  it('is not given when its first batch is not what the index says', () => {
    const segment = segmentOf(40)
    const position = segment.exactPositionOf(5, segment.bytes) ?? 0
    segment.write([Buffer.alloc(20, 0xff)], position)
    expect(extentAt(segment, 5)).toBeUndefined()
    expect(extentAt(segment, 6)).toBeDefined()
  })

  it('refuses to be read when the file ends too early (LOG_ROTTEN)', async () => {
    const segment = segmentOf(40)
    const extent = extentAt(segment, 0)
    segment.truncate(300 * KIB)
    expect(await refusalOf(async () => extent && bytesOf(extent))).toBe('LOG_ROTTEN')
  })

  it('is read beside the thread while the disk is slow', async () => {
    const clock = [0, 5]
    const segment = segmentOf(40)
    const extent = extentOf(segment, {
      ...{ from: 0, maxBytes: MIB, limit, filled: segment.bytes },
      monotonic: () => clock.shift() ?? 10,
    })
    expect(extent?.read(Buffer.alloc(1000), 0)).toBe(1000)
    const later = extent?.read(Buffer.alloc(1000), 1000)
    expect(later).toBeInstanceOf(Promise)
    expect(await later).toBe(1000)
  })
})

it('an extent is given by the simulated disk as by a real one', async () => {
  const simulated = await openStoreOn({
    disk: new SimDisk({ seed: 1 }),
    world: new ManualWorld(),
    tailBytesMax: 0,
  })
  const log = await simulated.open('a')
  for (let n = 0; n < 20; n++) await log.append(batchOf(3, { bytes: 40 * KIB }))
  const extent = taken(log, 0)
  await log.trim(log.end)
  expect((await bytesOf(extent)).length).toBe(extent.bytes)
  extent.release()
  await simulated.close()
})
