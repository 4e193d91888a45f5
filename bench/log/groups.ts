// Durable throughput of one log against the engine's best possible: a loop that writes the same bytes in the same
// groups and flushes after each.
//
// One group is one batch of its size. "One at a time" appends the next batch when the last is durable; "next ready"
// keeps two outstanding, so that the engine finds the next group waiting whenever a flush ends.

import { closeSync, fdatasync, openSync, writevSync } from 'node:fs'
import { join } from 'node:path'
import type { Log, RecordBatch } from '../../src/log/index.ts'
import type { BenchOptions, Table, Target } from '../outcome.ts'
import { scratch } from '../places.ts'
import { median, medianRatio, spread } from '../statistics.ts'
import { inTurns } from '../turns.ts'
import { batchOf, copyOf, openEngine } from './engine.ts'

const KIB = 1024
const sizes = [4 * KIB, 64 * KIB, 1024 * KIB]
const RATIO_MIN = 0.8

export async function groupCommit({ quick, runs = quick ? 5 : 15 }: BenchOptions) {
  const rows: string[][] = []
  const targets: Target[] = []
  for (const size of sizes) {
    const values = await measure(size, runs, quick)
    const row = (name: string, mbPerSecond: readonly number[]): string[] => [
      `${size / KIB} KB, ${name}`,
      median(mbPerSecond).toFixed(1),
      ((median(mbPerSecond) * 1e6) / size).toFixed(0),
      medianRatio(mbPerSecond, values.bare).toFixed(2),
      `${(spread(mbPerSecond) * 100).toFixed(0)} %`,
    ]
    rows.push(
      row('bare loop, growing file', values.bare),
      row('bare loop, zero-filled file', values.filled),
      row('bare loop, growing file and a mark in a filled one', values.marked),
      row('engine, one at a time', values.lockstep),
      row('engine, next ready', values.ready),
    )
    for (const [name, value] of [
      ['one at a time', values.lockstep],
      ['next ready', values.ready],
    ] as const)
      targets.push({
        name: `engine / bare loop on a growing file, ${size / KIB} KB, ${name}`,
        value: medianRatio(value, values.bare),
        bound: RATIO_MIN,
        must: 'reach',
        unit: '',
      })
  }
  const table: Table = {
    title: 'Durable appends to one log',
    columns: ['group', 'MB/s', 'groups/s', 'of bare', 'spread'],
    rows,
    note: `${runs} rounds. A round of each contender writes the same number of groups; writev into the page cache, then fdatasync in the thread pool. The engine writes groups of 192 KB and more into the segment and names them in the write-ahead log, which is what the loop with a mark does.`,
  }
  return { table, targets }
}

async function measure(size: number, runs: number, quick: boolean) {
  const folder = scratch('groups')
  const store = await openEngine(join(folder.path, 'store'))
  try {
    const log = await store.open('one')
    const batch = batchOf(size)
    const count = Math.max(16, Math.min(quick ? 150 : 400, Math.floor((quick ? 24e6 : 64e6) / size)))
    // Copies are made before the clock runs: a broker gets its batches in memory of their own.
    const timed = (work: (batches: readonly RecordBatch[]) => Promise<void>) => async () => {
      const batches = Array.from({ length: count }, () => copyOf(batch))
      const began = performance.now()
      await work(batches)
      return (count * batch.length) / (performance.now() - began) / 1000
    }
    return await inTurns(
      runs,
      {
        bare: timed(batches => bareLoop(folder.path, batches, 0)),
        lockstep: timed(batches => append(log, batches, 1)),
        filled: timed(batches => bareLoop(folder.path, batches, count * size)),
        marked: timed(batches => bareLoop(folder.path, batches, 0, count * size)),
        ready: timed(batches => append(log, batches, 2)),
      },
      { label: `groups of ${size / KIB} KB`, warmUps: 2 },
    )
  } finally {
    await store.close()
    folder.release()
  }
}

/** Appends all, at most `window` of them not yet durable. */
async function append(log: Log, batches: readonly RecordBatch[], window: number): Promise<void> {
  const waiting: Promise<unknown>[] = []
  for (const batch of batches) {
    waiting.push(log.append(batch))
    if (waiting.length >= window) await waiting.shift()
  }
  await Promise.all(waiting)
}

/** Bytes by which the write-ahead log names a run that lies in its segment. */
const MARK_BYTES = 88

/** With `marks`, each group is also named in a second file of so many zeros, and both are flushed. */
async function bareLoop(
  folder: string,
  batches: readonly RecordBatch[],
  zeros: number,
  marks = 0,
): Promise<void> {
  const fd = openBare(folder, zeros)
  const second = marks > 0 ? openBare(folder, marks) : undefined
  const mark = Buffer.alloc(MARK_BYTES)
  try {
    let [at, markAt] = [0, 0]
    for (const { buffer } of batches) {
      at += writevSync(fd, [buffer], at)
      if (second !== undefined) markAt += writevSync(second, [mark], markAt)
      await Promise.all([flush(fd), second === undefined ? undefined : flush(second)])
    }
  } finally {
    closeSync(fd)
    if (second !== undefined) closeSync(second)
  }
}

const bareFiles = new Map<string, number>()

/** A new file each time, or the same one, written before, so that its blocks are there. */
function openBare(folder: string, zeros: number): number {
  if (zeros > 0) return openSync(filledFile(folder, zeros), 'r+')
  const number = (bareFiles.get(folder) ?? 0) + 1
  bareFiles.set(folder, number)
  return openSync(join(folder, `bare-${number}`), 'wx')
}

const filledFiles = new Set<string>()

function filledFile(folder: string, bytes: number): string {
  const path = join(folder, 'filled')
  if (filledFiles.has(path)) return path
  filledFiles.add(path)
  const fd = openSync(path, 'wx')
  const zeros = Buffer.alloc(1024 * KIB)
  for (let at = 0; at < bytes; at += zeros.length) writevSync(fd, [zeros], at)
  closeSync(fd)
  return path
}

function flush(fd: number): Promise<void> {
  return new Promise((resolve, reject) => fdatasync(fd, error => (error ? reject(error) : resolve())))
}
