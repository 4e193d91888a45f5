// Bits that flip on the disk: one byte after another of every file that a store left behind, and the store opened on it.
// Whatever is damaged is reported or refused; what is served after recovery and the scrubber have looked is right. Only
// the last group of the write-ahead log may vanish without a word, when the process ended within two seconds after it: it
// cannot be told from one that was never finished.

import { describe, expect, it } from 'vitest'
import { LogError } from '../../src/log/errors.ts'
import { openStoreOn } from '../../src/log/file/opening.ts'
import { Scrubber } from '../../src/log/file/scrubber.ts'
import type { FileStore } from '../../src/log/file/store.ts'
import { decodeGroup } from '../../src/log/file/wal-format.ts'
import type { Log } from '../../src/log/log.ts'
import { batchesOf } from '../../src/log/record/batch.ts'
import { Dice, SimDisk } from '../../src/sim/disk/index.ts'
import { ManualWorld } from '../../src/world/index.ts'
import { makeBatch } from './batches.ts'
import { rounds } from './life.ts'

const NAMES = ['a', 'b']

interface Scene {
  readonly disk: SimDisk
  /** What was appended, by log; the last of each log is in the write-ahead log's last group. */
  readonly batches: Readonly<Record<string, readonly Buffer[]>>
  readonly files: readonly { readonly path: string; readonly bytes: number }[]
}

const open = (disk: SimDisk, world = new ManualWorld()): Promise<FileStore> =>
  openStoreOn({ disk, world, walFileBytes: 40_000, ballastBytes: 0 })

/** Two logs, with sealed segments; then the store was closed, or its process killed, at once or after a quiet time. */
async function scene(seed: number, ending: 'closed' | 'killed' | 'killed later'): Promise<Scene> {
  const dice = new Dice(seed)
  const disk = new SimDisk({ seed })
  const world = new ManualWorld()
  const store = await open(disk, world)
  const batches: Record<string, Buffer[]> = { a: [], b: [] }
  const logs = await Promise.all(NAMES.map(name => store.open(name, { segmentBytes: 4000 })))
  for (let at = 0; at < 10; at++)
    await Promise.all(
      logs.map(log => {
        const batch = makeBatch(dice)
        const appended = log.append(batch)
        batches[log.name]?.push(Buffer.from(batch.buffer))
        return appended
      }),
    )
  for (const log of logs) await log.roll()
  if (ending === 'closed') await store.close()
  if (ending === 'killed later') {
    for (let passed = 0; passed < 3; passed++) {
      world.advance('1s')
      await rounds(10)
    }
  }
  disk.kill()
  const found = disk.restart(1)
  const paths = [
    'checkpoint',
    ...['wal', ...found.list('logs').map(id => `logs/${id}`)].flatMap(folder =>
      found.list(folder).map(name => `${folder}/${name}`),
    ),
  ]
  return { disk, batches, files: paths.map(path => ({ path, bytes: found.open(path, 'read').size() })) }
}

/** Opens, scrubs and reads everything: 'refused', 'reported', or nothing when all is there. Wrong bytes throw. */
async function lookAt(disk: SimDisk, { batches }: Scene): Promise<'refused' | 'reported' | 'whole' | 'cut'> {
  const world = new ManualWorld()
  let store: FileStore
  try {
    store = await open(disk, world)
  } catch (error) {
    if (error instanceof LogError && error.code === 'LOG_ROTTEN') return 'refused'
    throw error
  }
  const there = new Set(store.list())
  const logs = await Promise.all(NAMES.filter(name => there.has(name)).map(name => store.open(name)))
  const reports = await scrub(store, world)
  const found = (await Promise.all(logs.map(log => intact(log, batches[log.name] ?? [])))).flat()
  await store.close()
  if (store.damage.length + reports > 0) return 'reported'
  const all = NAMES.flatMap(name => batches[name] ?? [])
  if (found.length === all.length) return 'whole'
  expect(found.length).toBeGreaterThanOrEqual(all.length - NAMES.length)
  return 'cut'
}

/** One pass of the scrubber; gives how often it had something to say. */
async function scrub(store: FileStore, world: ManualWorld): Promise<number> {
  let reports = 0
  const report = { debug() {}, info() {}, warn() {}, error: () => void reports++ }
  const scrubber = new Scrubber(store, { world, bytesPerSecond: 1 << 20, report })
  let isDone = false
  const pass = scrubber.pass().then(() => {
    isDone = true
  })
  while (!isDone) {
    world.advance('1s')
    await rounds(1)
  }
  await pass
  scrubber.stop()
  return reports
}

/** The batches that can be read; each must be one of the expected. */
async function intact(log: Log, expected: readonly Buffer[]): Promise<Buffer[]> {
  const found: Buffer[] = []
  for (let at = log.start; at < log.end; ) {
    try {
      const { chunks, next } = await log.read(at, 1)
      expect(next).toBeGreaterThan(at)
      for (const { buffer } of chunks.flatMap(chunk => [...batchesOf(chunk)])) {
        expect(expected.some(one => one.equals(buffer))).toBe(true)
        found.push(buffer)
      }
      at = next
    } catch (error) {
      if (!(error instanceof LogError) || error.code !== 'LOG_ROTTEN') throw error
      const { to } = error.fields
      expect(to).toBeGreaterThan(at)
      at = Number(to)
    }
  }
  return found
}

/** Where the last group of the write-ahead log that holds something lies. */
function endOf({ disk }: Scene): { readonly path: string; readonly lastGroup: number; readonly end: number } {
  const found = disk.restart(1)
  const path = `wal/${found.list('wal')[0]}`
  const file = found.open(path, 'read')
  const bytes = Buffer.alloc(file.size())
  file.read(bytes, 0)
  let [lastGroup, end] = [0, 0]
  for (let group = decodeGroup(bytes, 0); group !== undefined; group = decodeGroup(bytes, end))
    if (group.payload.length > 0) [lastGroup, end] = [end, end + group.bytes]
    else break
  return { path, lastGroup, end }
}

/** What becomes of the store for a flipped bit at every `step`th byte of the files whose path matches. */
async function outcomes(
  one: Scene,
  path: RegExp,
  step: number,
  end = Number.POSITIVE_INFINITY,
): Promise<Set<string>> {
  const seen = new Set<string>()
  let files = 0
  for (const file of one.files.filter(file => path.test(file.path))) {
    files++
    for (let at = 0; at < Math.min(file.bytes, end); at += step) {
      const disk = one.disk.restart(at)
      disk.rot(file.path, at, 1 << (at % 8))
      seen.add(await lookAt(disk, one))
    }
  }
  expect(files).toBeGreaterThan(0)
  return seen
}

describe('bit rot', () => {
  it('finds nothing where nothing rotted', async () => {
    for (const ending of ['closed', 'killed'] as const) {
      const one = await scene(1, ending)
      expect(await lookAt(one.disk.restart(1), one)).toBe('whole')
    }
  })

  it('refuses to open with a damaged checkpoint (LOG_ROTTEN)', async () => {
    expect(await outcomes(await scene(2, 'closed'), /^checkpoint/, 7)).toEqual(new Set(['refused']))
  })

  it('is found by the scrubber at every byte of a sealed segment, and never served', async () => {
    expect(await outcomes(await scene(3, 'closed'), /^logs/, 29)).toEqual(new Set(['reported']))
  })

  it('is reported in the middle of the write-ahead log, and only there', async () => {
    const one = await scene(4, 'killed')
    const last = endOf(one).lastGroup
    expect(last).toBeGreaterThan(5000)
    // Whole: the padding between two groups says nothing.
    expect(await outcomes(one, /^wal/, 61, last)).toEqual(new Set(['reported', 'whole']))
  })

  it('is reported in the last group, too, once the store was quiet for a while', async () => {
    const one = await scene(5, 'killed later')
    const { path, lastGroup, end } = endOf(one)
    const seen = new Set<string>()
    for (let at = lastGroup; at < end; at += 61) {
      const disk = one.disk.restart(at)
      disk.rot(path, at)
      seen.add(await lookAt(disk, one))
    }
    expect(seen).toEqual(new Set(['reported']))
  })

  it('cannot tell a group that was damaged right after from an unfinished one: it is cut off, without a report', async () => {
    const one = await scene(5, 'killed')
    const { path, lastGroup, end } = endOf(one)
    for (let at = lastGroup; at < end; at += 61) {
      const disk = one.disk.restart(at)
      disk.rot(path, at)
      expect(await lookAt(disk, one)).toBe('cut')
    }
  })
})
