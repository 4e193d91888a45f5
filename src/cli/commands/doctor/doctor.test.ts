import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { nodeDisk } from '../../../log/file/node-disk.ts'
import { openFileStore } from '../../../log/index.ts'
import { systemWorld } from '../../../world/index.ts'
import { posthorn } from '../../kafka/stage.contract.ts'
import { judgeCrash } from './crash.ts'
import { crashBatch, crashFlaw } from './crash-batch.ts'
import { expectation, judgeFlushes } from './flush.ts'
import { fullDiskFinding, judgeFullDisk } from './full-disk.ts'
import { NarrowDisk } from './narrow-disk.ts'
import { judgeFileSystem, judgeRoom } from './place.ts'
import { storeFinding } from './store.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'doctor-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const measure = { writeBytes: 4096, flushes: 1000, seconds: 1, p50Ms: 1, p99Ms: 2, maxMs: 3 }

describe('posthorn doctor durability', () => {
  it('finds every acknowledged batch after kill -9, and leaves nothing behind', async () => {
    const flags = [
      '--data',
      folder,
      '--time',
      '200ms',
      '--rounds',
      '2',
      '--acknowledged',
      '40',
      '-o',
      'jsonl',
    ]
    const { code, rows, err } = await posthorn('', ['doctor', 'durability', ...flags])
    const found = new Map(rows().map(row => [row.check, row]))
    expect(err).toBe('')
    expect(found.get('reopen after kill -9')).toMatchObject({ verdict: 'ok' })
    expect(found.get('reopen after kill -9')?.result).toMatch(/^2 kills, all \d\d+ acknowledged/)
    expect(found.get('full disk')).toMatchObject({ verdict: 'ok' })
    expect(found.get('full disk')?.result).toMatch(
      /^(a tmpfs of 24 MiB, mounted|simulated: a limit of 24 MiB)/,
    )
    expect(found.get('power loss')).toMatchObject({ verdict: 'skipped' })
    expect(code).toBe([...found.values()].some(row => row.verdict === 'failed') ? 74 : 0)
    expect(readdirSync(folder)).toEqual([])
  })

  it('does not make the folder that it looks at', async () => {
    const missing = join(folder, 'not', 'yet')
    const flags = ['--data', missing, '--time', '20ms', '--rounds', '0', '-o', 'jsonl']
    const { rows } = await posthorn('', ['doctor', 'durability', ...flags])
    expect(rows()).toContainEqual(expect.objectContaining({ check: 'store', verdict: 'skipped' }))
    expect(existsSync(missing)).toBe(false)
  })
})

describe('what a figure means', () => {
  it.each([
    [0.005, 'failed'],
    [0.019, 'failed'],
    [0.02, 'ok'],
    [8, 'ok'],
  ])('a flush of %f ms is %s', (p50Ms, verdict) => {
    expect(judgeFlushes({ ...measure, p50Ms }).verdict).toBe(verdict)
  })

  it.each([
    ['tmpfs', 'failed'],
    ['nfs', 'warning'],
    ['ext4', 'ok'],
  ])('a folder on %s is %s', (name, verdict) => {
    expect(judgeFileSystem(name).verdict).toBe(verdict)
  })

  it('counts throughput in what was acknowledged', () => {
    expect(expectation({ ...measure, writeBytes: 65_536 }).result).toBe('66 MB/s')
  })

  it('warns of little room', () => {
    expect(judgeRoom(1e6).verdict).toBe('warning')
    expect(judgeRoom(1e12).verdict).toBe('ok')
  })

  it('fails when an acknowledged batch is gone, or the writer never wrote', () => {
    expect(judgeCrash({ rounds: 1, acknowledged: 9, flaws: ['log-0 has nothing at offset 3'] }).verdict).toBe(
      'failed',
    )
    expect(judgeCrash({ rounds: 0, acknowledged: 0, flaws: [], failure: 'EACCES' }).verdict).toBe('failed')
  })

  it('takes a batch for another when one byte differs', () => {
    const batch = crashBatch(7)
    expect(crashFlaw(batch, 7)).toBeUndefined()
    expect(crashFlaw(batch, 8)).toMatch('another record')
    batch.buffer.writeUInt8(batch.buffer.readUInt8(90) ^ 1, 90)
    expect(crashFlaw(batch, 7)).toMatch('checksum')
  })
})

describe('a disk without room', () => {
  it('is simulated behind a limit where nothing can be mounted, and the answer says so', async () => {
    const options = { folder: join(folder, 'full'), world: systemWorld, method: 'limited' } as const
    const finding = await fullDiskFinding({ ...options, signal: new AbortController().signal })
    expect(finding).toMatchObject({ verdict: 'ok' })
    expect(finding.result).toMatch(/^simulated: a limit of 24 MiB .* refused after \d{4,} appends, all/)
  })

  it('fails when anything went otherwise', () => {
    const flaws = ['while the disk was full: 3 of 9 acknowledged batches are gone']
    expect(judgeFullDisk('limited', { acknowledged: 9, flaws })).toMatchObject({
      verdict: 'failed',
      meaning: flaws[0],
    })
  })

  it('has short writes at its limit, then ENOSPC, and room again when a file goes', () => {
    const disk = new NarrowDisk(nodeDisk(join(folder, 'narrow')), 10)
    const file = disk.open('a', 'create')
    expect(file.write([Buffer.alloc(4), Buffer.alloc(8)], 0)).toBe(10)
    expect(disk.freeBytes()).toBe(0)
    expect(() => file.write([Buffer.alloc(1)], 10)).toThrow(expect.objectContaining({ code: 'ENOSPC' }))
    expect(file.write([Buffer.alloc(3)], 2)).toBe(3)
    file.truncate(6)
    expect(disk.freeBytes()).toBe(4)
    file.close()
    disk.rename('a', 'b')
    disk.remove('b')
    expect(disk.freeBytes()).toBe(10)
  })
})

describe('a store that is there', () => {
  it('is described without being touched', async () => {
    const store = await openFileStore({ directory: folder, ballastBytes: 0, scrubBytesPerSecond: 0 })
    await (await store.open('one')).append(crashBatch(1))
    expect(storeFinding(folder).result).toMatch(/open or crashed, locked by process \d+$/)
    await store.close()
    const before = readdirSync(folder).sort()
    expect(storeFinding(folder)).toMatchObject({
      verdict: 'ok',
      result: 'format 1, epoch 0, 1 logs, closed in order',
    })
    expect(readdirSync(folder).sort()).toEqual(before)
  })

  it('fails when its checkpoint is damaged', () => {
    writeFileSync(join(folder, 'checkpoint'), '{}\n00000000')
    expect(storeFinding(folder)).toMatchObject({ verdict: 'failed', result: 'LOG_ROTTEN' })
  })
})
