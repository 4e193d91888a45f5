// What the contract asks of whoever runs it, and the small verbs that its stories are told in.

import { LogError, type LogErrorCode } from '../errors.ts'
import type { Log, LogStore, Offset } from '../log.ts'
import { batchesOf, RecordBatch } from '../record/batch.ts'
import { buildBatch } from '../record/builder.ts'

/** An open store, empty, and how to come back to it. */
export interface Opened {
  readonly store: LogStore
  /** Closes the store last opened and opens what it left. */
  reopen(): Promise<LogStore>
  /** Called when the story is over, after the store was closed. */
  release?(): Promise<void> | void
}

/** Gives a new empty store each time. */
export type OpenStore = () => Promise<Opened>

/** A test that has a store of its own, closed when it is over. */
export function story(open: OpenStore, tell: (opened: Opened) => Promise<void>): () => Promise<void> {
  return async () => {
    const opened = await open()
    let current = opened.store
    const reopen = async () => {
      current = await opened.reopen()
      return current
    }
    try {
      await tell({ store: opened.store, reopen })
    } finally {
      await current.close()
      await opened.release?.()
    }
  }
}

/** When batches of these stories happened, ms since 1970. */
export const T0 = Date.UTC(2026, 0, 1)

/** `records` records whose values together are about `bytes`, filled from `fill`. */
export function batchOf(
  records = 1,
  { bytes = 10, fill = 'x', at = T0 }: { bytes?: number; fill?: string; at?: number } = {},
): RecordBatch {
  const value = Buffer.alloc(Math.ceil(bytes / records), fill)
  return buildBatch(Array.from({ length: records }, () => ({ timestamp: at, value })))
}

/** Appends one batch of each count and gives their base offsets. */
export async function appendAll(log: Log, counts: readonly number[], bytes = 10): Promise<Offset[]> {
  const bases: Offset[] = []
  for (const count of counts) bases.push(await log.append(batchOf(count, { bytes })))
  return bases
}

/** What a read gives, taken apart: base offset and record count of each batch, e.g. '0+3 3+1'. */
export async function readShape(log: Log, from: Offset, maxBytes = 1 << 30): Promise<string> {
  return shapeOf(await readBatches(log, from, maxBytes))
}

export function shapeOf(batches: readonly RecordBatch[]): string {
  return batches.map(batch => `${batch.baseOffset}+${batch.lastOffsetDelta + 1}`).join(' ')
}

/** The batches of one read, each checked. */
export async function readBatches(log: Log, from: Offset, maxBytes = 1 << 30): Promise<RecordBatch[]> {
  const { chunks } = await log.read(from, maxBytes)
  const batches = chunks.flatMap(chunk => [...batchesOf(chunk)])
  for (const batch of batches) {
    const flaw = batch.flaw()
    if (flaw !== undefined) throw new Error(`batch at ${batch.baseOffset} of ${log.name}: ${flaw}`)
  }
  return batches
}

/** Reads from `from` to the end in steps of `maxBytes`. */
export async function readAll(
  log: Log,
  from: Offset = log.start,
  maxBytes = 1 << 20,
): Promise<RecordBatch[]> {
  const all: RecordBatch[] = []
  for (let at = from; at < log.end; ) {
    const { chunks, next } = await log.read(at, maxBytes)
    if (next <= at) throw new Error(`read of ${log.name} at ${at} does not get on: next is ${next}`)
    for (const chunk of chunks) all.push(...batchesOf(chunk))
    at = next
  }
  return all
}

/** The code with which `run` fails; 'no error' when it does not. */
export async function refusalOf(run: () => unknown): Promise<LogErrorCode | 'no error'> {
  try {
    await run()
    return 'no error'
  } catch (error) {
    if (error instanceof LogError) return error.code
    throw error
  }
}

/** Batches as `rewrite` takes them. */
export async function* stream(batches: readonly RecordBatch[]): AsyncGenerator<RecordBatch> {
  yield* batches
}

/** A copy of the batch, as a compaction would hand it on. */
export function copyOf(batch: RecordBatch): RecordBatch {
  return new RecordBatch(Buffer.from(batch.buffer))
}
