// How long a flush takes: writes of one size into a file that is already as long as it will be, each followed by
// fdatasync, which is what the write-ahead log does. Synchronously, because the way to the thread pool and back (50 to
// 200 us) would hide a flush that takes no time at all. What the figures mean is decided apart, so that it can be tested.

import { closeSync, fdatasyncSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { World } from '../../../world/index.ts'
import { Histogram } from '../bench/histogram.ts'
import type { Finding } from './finding.ts'

/** What one size of write showed. */
export interface FlushMeasure {
  readonly writeBytes: number
  readonly flushes: number
  readonly seconds: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly maxMs: number
}

export interface FlushOptions {
  readonly folder: string
  readonly writeBytes: number
  readonly ms: number
  readonly world: World
  readonly signal: AbortSignal
}

/** Kept within the processor's caches and the page cache: the file is written round and round. */
const FILE_BYTES = 8 * 1024 * 1024
/** No device brings data to a medium that survives a power cut faster than this, unless it has memory with a battery. */
const IMPLAUSIBLE_MS = 0.02

/** The thread is given back this often, for Ctrl-C and the progress bar. */
const BREATH_MS = 50

/** Measures for `ms`, or until the signal. Errors: Node's own. */
export async function measureFlushes(options: FlushOptions): Promise<FlushMeasure> {
  const { folder, writeBytes, ms, world, signal } = options
  const path = join(folder, 'flush')
  const fd = openSync(path, 'w', 0o600)
  try {
    writeSync(fd, Buffer.alloc(FILE_BYTES), 0, FILE_BYTES, 0)
    fsyncSync(fd)
    const histogram = new Histogram()
    const block = Buffer.alloc(writeBytes, 'posthorn')
    const until = world.monotonic() + ms
    let spentMs = 0
    for (let at = 0; world.monotonic() < until && !signal.aborted; await breath())
      for (const pause = world.monotonic() + BREATH_MS; world.monotonic() < pause; at += writeBytes) {
        const from = world.monotonic()
        writeSync(fd, block, 0, writeBytes, at % FILE_BYTES)
        fdatasyncSync(fd)
        const took = world.monotonic() - from
        histogram.add(took)
        spentMs += took
      }
    return {
      writeBytes,
      flushes: histogram.total,
      seconds: spentMs / 1000,
      p50Ms: histogram.percentileMs(0.5),
      p99Ms: histogram.percentileMs(0.99),
      maxMs: histogram.maxMs,
    }
  } finally {
    closeSync(fd)
    rmSync(path)
  }
}

function breath(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve))
}

/** What the small writes say of the disk. */
export function judgeFlushes({ p50Ms, p99Ms, maxMs, flushes }: FlushMeasure): Finding {
  const result = `p50 ${shown(p50Ms)}, p99 ${shown(p99Ms)}, max ${shown(maxMs)} (${flushes} flushes of 4 KiB)`
  if (p50Ms < IMPLAUSIBLE_MS)
    return {
      check: 'flush',
      verdict: 'failed',
      result,
      meaning: `below ${shown(IMPLAUSIBLE_MS)} nothing reaches a medium: the folder is in memory, or the disk or hypervisor ignores flushes`,
    }
  const perSecond = Math.round(1000 / p50Ms)
  return {
    check: 'flush',
    verdict: 'ok',
    result,
    meaning: `a client that waits for each record gets about ${perSecond} a second; many clients share each flush`,
  }
}

/** What large writes say of throughput. */
export function expectation({ writeBytes, flushes, seconds }: FlushMeasure): Finding {
  const megabytes = (flushes * writeBytes) / 1e6 / Math.max(seconds, 1e-9)
  return {
    check: `throughput ${writeBytes / 1024} KiB`,
    verdict: 'ok',
    result: `${megabytes.toFixed(megabytes < 10 ? 1 : 0)} MB/s`,
    meaning: `the most that this disk acknowledges in groups of ${writeBytes / 1024} KiB`,
  }
}

function shown(ms: number): string {
  return ms < 1 ? `${Math.round(ms * 1000)} us` : `${ms.toFixed(1)} ms`
}
