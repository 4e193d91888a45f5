// The scrubber on a simulated disk: what it verifies, what it finds, and what readers see of it. Every byte of a
// segment is tried in test/sim/rot.test.ts.

import { describe, expect, it } from 'vitest'
import { SimDisk } from '../../sim/disk/index.ts'
import { ManualWorld, type Reporter } from '../../world/index.ts'
import { appendAll, readShape, refusalOf } from '../contract/opening.contract.ts'
import type { Log } from '../log.ts'
import { openStoreOn } from './opening.ts'
import { Scrubber } from './scrubber.ts'
import type { FileStore } from './store.ts'

interface Scene {
  readonly disk: SimDisk
  readonly world: ManualWorld
  readonly store: FileStore
  readonly log: Log
  readonly scrubber: Scrubber
  readonly reports: string[]
}

/** Two sealed segments of two batches each, in their files, and two batches in the one being written. */
async function scene(): Promise<Scene> {
  const disk = new SimDisk()
  const world = new ManualWorld()
  const store = await openStoreOn({ disk, world, ballastBytes: 0 })
  const log = await store.open('a')
  for (let segment = 0; segment < 3; segment++) {
    if (segment > 0) await log.roll()
    await appendAll(log, [2, 2], 500)
  }
  await store.checkpoint()
  const reports: string[] = []
  const error: Reporter['error'] = (what, fields) =>
    void reports.push(`${what}: ${fields?.from} to ${fields?.to}`)
  const report: Reporter = { debug() {}, info() {}, warn() {}, error }
  return {
    disk,
    world,
    store,
    log,
    reports,
    scrubber: new Scrubber(store, { world, bytesPerSecond: 1024, report }),
  }
}

async function pass({ scrubber, world }: Scene): Promise<void> {
  let isDone = false
  const passing = scrubber.pass().then(() => {
    isDone = true
  })
  while (!isDone) {
    world.advance('1s')
    await new Promise(resolve => setImmediate(resolve))
  }
  await passing
}

describe('the scrubber', () => {
  it('says when it last verified each sealed segment', async () => {
    const one = await scene()
    const before = one.world.now()
    await pass(one)
    const times = one.log.segments.map(segment => segment.verifiedAt)
    expect(times.map(time => time !== undefined && time > before)).toEqual([true, true, false])
    expect(one.reports).toEqual([])
  })

  it('reads no faster than it may', async () => {
    const one = await scene()
    const began = one.world.now()
    await pass(one)
    const bytes = one.log.segments
      .filter(segment => segment.sealed)
      .reduce((sum, segment) => sum + segment.bytes, 0)
    expect(one.world.now() - began).toBeGreaterThanOrEqual((bytes / 1024) * 1000)
  })

  it('leaves alone what it verified within a day', async () => {
    const one = await scene()
    await pass(one)
    const first = one.log.segments[0]?.verifiedAt
    one.world.advance('1h')
    await pass(one)
    expect(one.log.segments[0]?.verifiedAt).toBe(first)
    one.world.advance('24h')
    await pass(one)
    expect(one.log.segments[0]?.verifiedAt).toBeGreaterThan(first ?? 0)
  })

  it('reports rot by offset and keeps it from readers, who get all the rest (LOG_ROTTEN)', async () => {
    const one = await scene()
    const { log } = one
    const { base = 0, bytes = 0 } = log.segments[1] ?? {}
    one.disk.rot(`logs/1/${String(base).padStart(20, '0')}.log`, bytes - 10)
    await pass(one)
    expect(one.reports).toEqual(['damaged data: a segment does not verify: 6 to 8'])
    expect(await refusalOf(() => log.read(6, 1))).toBe('LOG_ROTTEN')
    expect(await readShape(log, 0)).toBe('0+2 2+2 4+2')
    expect(await readShape(log, 8)).toBe('8+2 10+2')
    expect(log.segments.map(segment => segment.verifiedAt !== undefined)).toEqual([true, false, false])
  })

  it('goes on with the others when one cannot be read', async () => {
    const one = await scene()
    one.disk.remove(`logs/1/${'0'.repeat(20)}.log`)
    await one.store.close()
    one.disk.kill()
    const store = await openStoreOn({ disk: one.disk.restart(1), world: one.world, ballastBytes: 0 })
    const log = await store.open('a')
    const report: Reporter = { debug() {}, info() {}, warn() {}, error: what => void one.reports.push(what) }
    await pass({ ...one, scrubber: new Scrubber(store, { world: one.world, bytesPerSecond: 1024, report }) })
    expect(one.reports).toEqual(['a segment cannot be read'])
    expect(log.segments.map(segment => segment.verifiedAt !== undefined)).toEqual([false, true, false])
  })
})
