// Many logs in one store, more than files may be open at a time; and one flush for whatever arrives together.

import { describe, expect, it } from 'vitest'
import { SimDisk } from '../../sim/disk/index.ts'
import { ManualWorld } from '../../world/index.ts'
import { batchOf, readAll, shapeOf } from '../contract/opening.contract.ts'
import type { LogStore } from '../log.ts'
import type { Disk, DiskFile, OpenMode } from './disk.ts'
import { openStoreOn } from './opening.ts'

/** Counts what the store asks for; refuses to have more than `openMax` files open, as the system does. */
class CountingDisk {
  readonly #disk: Disk
  readonly #openMax: number
  open = 0
  openPeak = 0
  readonly syncs = new Map<string, number>()
  folderSyncs = 0
  /** Bytes by folder of the store. */
  readonly written = { wal: 0, logs: 0 }
  readonly read = { wal: 0, logs: 0 }

  constructor(disk: Disk, openMax = Number.POSITIVE_INFINITY) {
    this.#disk = disk
    this.#openMax = openMax
  }

  get disk(): Disk {
    const disk = this.#disk
    return {
      name: disk.name,
      makeFolder: path => disk.makeFolder(path),
      list: path => disk.list(path),
      open: (path, mode) => this.#opened(path, mode),
      rename: (from, to) => disk.rename(from, to),
      remove: path => disk.remove(path),
      removeFolder: path => disk.removeFolder(path),
      syncFolder: path => {
        this.folderSyncs++
        return disk.syncFolder(path)
      },
      freeBytes: () => disk.freeBytes(),
    }
  }

  #opened(path: string, mode: OpenMode): DiskFile {
    if (this.open >= this.#openMax)
      throw Object.assign(new Error(`EMFILE: too many open files, open '${path}'`), {
        code: 'EMFILE',
        syscall: 'open',
      })
    const file = this.#disk.open(path, mode)
    this.openPeak = Math.max(this.openPeak, ++this.open)
    const [folder] = path.split('/')
    const count = (counts: { wal: number; logs: number }, bytes: number): number => {
      if (folder === 'wal' || folder === 'logs') counts[folder] += bytes
      return bytes
    }
    return {
      size: () => file.size(),
      read: (into, position) => count(this.read, file.read(into, position)),
      readLater: (into, position) => file.readLater(into, position),
      write: (buffers, position) => count(this.written, file.write(buffers, position)),
      truncate: size => file.truncate(size),
      sync: () => {
        this.syncs.set(path, (this.syncs.get(path) ?? 0) + 1)
        return file.sync()
      },
      close: () => {
        this.open--
        file.close()
      },
    }
  }
}

const world = new ManualWorld()
const names = Array.from({ length: 1000 }, (_, at) => `log ${at}`)

async function appendToAll(store: LogStore, names: readonly string[]): Promise<void> {
  await Promise.all(names.map(async name => (await store.open(name)).append(batchOf(1, { bytes: 900 }))))
}

describe('many logs', () => {
  it.each(['closed', 'killed'] as const)(
    'need few open files, also when the process was %s',
    async ending => {
      const sim = new SimDisk()
      const options = {
        world,
        openFilesMax: 50,
        tailBytesMax: 64 * 1024,
        checkpointBytes: 512 * 1024,
        ballastBytes: 0,
      }
      const store = await openStoreOn({ ...options, disk: new CountingDisk(sim, 100).disk })
      for (let round = 0; round < 2; round++) await appendToAll(store, names)
      for (const name of names) expect(shapeOf(await readAll(await store.open(name)))).toBe('0+1 1+1')
      if (ending === 'closed') await store.close()
      sim.kill()
      const counting = new CountingDisk(sim.restart(1), 600)
      const again = await openStoreOn({ ...options, disk: counting.disk })
      expect([...again.list()]).toHaveLength(names.length)
      for (const name of names) expect(shapeOf(await readAll(await again.open(name)))).toBe('0+1 1+1')
      await again.close()
      expect(counting.open).toBe(0)
    },
  )

  it('come back after a crash without a flush for each, also when the next process crashes at once', async () => {
    let sim = new SimDisk()
    const options = { world, ballastBytes: 0 }
    const store = await openStoreOn({ ...options, disk: sim })
    await appendToAll(store, names)
    for (let round = 0; round < 2; round++) {
      sim.kill()
      sim = sim.restart(round)
      const counting = new CountingDisk(sim)
      const again = await openStoreOn({ ...options, disk: counting.disk })
      expect(counting.syncs.size + counting.folderSyncs).toBeLessThan(10)
      for (const name of names) expect(shapeOf(await readAll(await again.open(name)))).toBe('0+1')
    }
  })

  it.each(['closed', 'killed'] as const)(
    'are there again without the write-ahead log being read where they were not killed: %s',
    async ending => {
      const sim = new SimDisk()
      const store = await openStoreOn({ disk: sim, world, ballastBytes: 0 })
      await appendToAll(store, names)
      if (ending === 'closed') await store.close()
      sim.kill()
      const counting = new CountingDisk(sim.restart(1))
      const again = await openStoreOn({ disk: counting.disk, world, ballastBytes: 0 })
      if (ending === 'closed') expect(counting.read.wal).toBeLessThanOrEqual(64)
      else expect(counting.read.wal).toBeGreaterThan(900 * names.length)
      for (const name of names) expect(shapeOf(await readAll(await again.open(name)))).toBe('0+1')
      await again.close()
    },
  )

  it.each([
    ['few', 4, 512 * 1024],
    ['many', 100, 0],
  ])('%s, keep in memory what is worth it', async (_, count, atLeast) => {
    const counting = new CountingDisk(new SimDisk())
    const store = await openStoreOn({ disk: counting.disk, world, ballastBytes: 0 })
    const some = names.slice(0, count)
    // 2 MB in all.
    for (let round = 0; round < 2000 / count; round++) await appendToAll(store, some)
    expect(counting.written.wal).toBeGreaterThan(1.8 * 1024 * 1024)
    expect(counting.written.logs).toBeGreaterThanOrEqual(atLeast)
    expect(counting.written.logs).toBeLessThanOrEqual(atLeast * 4)
    await store.close()
  })

  it('have no files before something is written to them', async () => {
    const sim = new SimDisk()
    const store = await openStoreOn({ disk: sim, world, ballastBytes: 0 })
    const [one] = await Promise.all(names.map(name => store.open(name)))
    expect(sim.list('logs')).toEqual([])
    await one?.append(batchOf(1))
    await store.checkpoint()
    expect(sim.list('logs')).toEqual(['1'])
    await store.close()
  })

  it('have their files closed oldest first, but none that waits for a flush', async () => {
    const counting = new CountingDisk(new SimDisk())
    const store = await openStoreOn({ disk: counting.disk, world, openFilesMax: 10, ballastBytes: 0 })
    await appendToAll(store, names.slice(0, 100))
    await store.checkpoint()
    for (const name of names.slice(0, 100)) await readAll(await store.open(name))
    expect(counting.openPeak).toBeLessThan(20)
    await store.close()
  })
})

describe('group commit', () => {
  it('flushes once for a thousand appends of one turn, to however many logs', async () => {
    const counting = new CountingDisk(new SimDisk())
    const store = await openStoreOn({ disk: counting.disk, world, ballastBytes: 0 })
    const logs = await Promise.all(names.slice(0, 20).map(name => store.open(name)))
    counting.syncs.clear()
    await Promise.all(Array.from({ length: 1000 }, (_, at) => logs[at % 20]?.append(batchOf(1))))
    expect([...counting.syncs]).toEqual([[expect.stringMatching(/^wal/), 1]])
    await store.close()
  })

  it('writes a large run into its segment, and flushes that and the write-ahead log', async () => {
    const counting = new CountingDisk(new SimDisk())
    const store = await openStoreOn({ disk: counting.disk, world, ballastBytes: 0 })
    const log = await store.open('a')
    counting.syncs.clear()
    await log.append(batchOf(1, { bytes: 300_000 }))
    expect([...counting.syncs.values()]).toEqual([1, 1])
    expect([...counting.syncs.keys()].map(path => path.split('/')[0]).toSorted()).toEqual(['logs', 'wal'])
    await store.close()
  })

  it.each([
    { flush: 'interval', bytes: 16_000, count: 12, into: 'logs' },
    { flush: 'never', bytes: 16_000, count: 12, into: 'logs' },
    { flush: 'interval', bytes: 1000, count: 12, into: 'wal' },
    { flush: 'always', bytes: 16_000, count: 12, into: 'wal' },
    { flush: 'interval', bytes: 16_000, count: 100, into: 'wal' },
  ] as const)(
    'writes batches of $bytes bytes of $count logs once, into $into, when it flushes $flush',
    async ({ flush, bytes, count, into }) => {
      const counting = new CountingDisk(new SimDisk())
      const store = await openStoreOn({ disk: counting.disk, world, flush, ballastBytes: 0 })
      const logs = await Promise.all(names.slice(0, count).map(name => store.open(name)))
      const before = { ...counting.written }
      await Promise.all(logs.map(log => log.append(batchOf(1, { bytes }))))
      const written = counting.written[into] - before[into]
      const other = into === 'wal' ? 'logs' : 'wal'
      expect(written).toBeGreaterThanOrEqual(count * bytes)
      // The write-ahead log is filled with zeros a mebibyte ahead.
      expect(counting.written[other] - before[other]).toBeLessThan(other === 'logs' ? 1 : 1_100_000)
      await store.close()
    },
  )
})
