// Re-reads sealed segments in the background, slowly, and says when each was last found whole. Damage is reported by
// offset and kept from readers, who otherwise would be served it.

import { type Reporter, silent, type Timer, type World } from '../../world/index.ts'
import type { Offset } from '../log.ts'
import { RecordBatch } from '../record/batch.ts'
import type { FileLog } from './file-log.ts'
import { type Segment, wholeBatchAt } from './segment.ts'
import type { FileStore } from './store.ts'

export interface ScrubberOptions {
  readonly world: World
  readonly bytesPerSecond: number
  readonly report?: Reporter
}

const CHUNK_BYTES = 256 * 1024
/** Between one pass over everything and the next, in ms. */
const PAUSE_MS = 6 * 3_600_000
/** A segment that was verified more recently than this is left alone, in ms. */
const FRESH_MS = 24 * 3_600_000

export class Scrubber {
  readonly #store: FileStore
  readonly #options: ScrubberOptions
  #timer: Timer | undefined
  #stopped = false

  constructor(store: FileStore, options: ScrubberOptions) {
    this.#store = store
    this.#options = options
    this.#later(PAUSE_MS / 360)
  }

  stop(): void {
    this.#stopped = true
    this.#timer?.cancel()
  }

  /** One pass over all segments that are due. */
  async pass(): Promise<void> {
    const { world } = this.#options
    for (const log of this.#store.openLogs())
      for (const segment of [...log.files]) {
        if (segment.end === undefined || log.filled(segment) < segment.bytes) continue
        if (segment.verifiedAt !== undefined && world.now() - segment.verifiedAt < FRESH_MS) continue
        if (this.#stopped || !log.files.includes(segment)) continue
        await this.#verify(log, segment).catch(error => this.#unreadable(log, segment, error))
      }
  }

  async #verify(log: FileLog, segment: Segment): Promise<void> {
    const { world, report = silent } = this.#options
    let room = Buffer.allocUnsafeSlow(Math.min(CHUNK_BYTES, segment.bytes))
    let next = segment.base
    for (let at = 0; at < segment.bytes && !this.#stopped; ) {
      const chunk = room.subarray(0, segment.bytes - at)
      const got = await segment.readLater(chunk, at)
      const { used, last, flaw } = verified(chunk.subarray(0, got), next, log, segment)
      if (!log.files.includes(segment)) return // trimmed or rewritten meanwhile
      const isCutOff = used === 0 && (got < chunk.length || got >= segment.bytes - at)
      if (flaw !== undefined || isCutOff) {
        const to = segment.end ?? log.end
        log.quarantine(last, to)
        report.error('damaged data: a segment does not verify', {
          log: log.name,
          file: segment.path,
          from: last,
          to,
          what: flaw ?? 'it ends in the middle of a batch',
        })
        return
      }
      if (used === 0) room = Buffer.allocUnsafeSlow(room.length * 2)
      at += used
      next = last
      await this.#pause(got)
    }
    if (!this.#stopped) segment.verifiedAt = world.now()
  }

  /** Nothing is known of it: the next pass tries again. One that was removed meanwhile is no matter. */
  #unreadable(log: FileLog, segment: Segment, error: unknown): void {
    const { report = silent } = this.#options
    if (log.files.includes(segment))
      report.error('a segment cannot be read', { file: segment.path, error: String(error) })
  }

  #pause(bytes: number): Promise<void> {
    const { world, bytesPerSecond } = this.#options
    return new Promise(resolve => {
      this.#timer = world.after((bytes / bytesPerSecond) * 1000, resolve)
    })
  }

  #later(ms: number): void {
    if (this.#stopped) return
    this.#timer = this.#options.world.after(ms, () => {
      void this.pass().then(() => this.#later(PAUSE_MS))
    })
  }
}

/** The whole batches at the front: how many bytes they are, the offset after them, and what is wrong with the next. */
function verified(
  chunk: Buffer,
  from: Offset,
  log: FileLog,
  segment: Segment,
): { used: number; last: Offset; flaw?: string } {
  let [used, last] = [0, from]
  for (;;) {
    const bytes = wholeBatchAt(chunk, used)
    if (bytes === undefined) return { used, last }
    const batch = new RecordBatch(chunk.subarray(used, used + bytes))
    const flaw = batch.flaw() ?? misplaced(batch, last, log, segment)
    if (flaw !== undefined) return { used, last, flaw }
    used += bytes
    last = batch.lastOffset + 1
  }
}

/** What Kafka's checksum leaves out: the offset, and the epoch. */
function misplaced(batch: RecordBatch, next: Offset, log: FileLog, segment: Segment): string | undefined {
  const { baseOffset, lastOffset, leaderEpoch } = batch
  if (baseOffset < next || lastOffset >= (segment.end ?? log.end))
    return `offsets ${baseOffset} to ${lastOffset} where ${next} comes next`
  if (lastOffset < log.start) return undefined
  const epoch = log.epochs.findLast(one => one.start <= Math.max(baseOffset, log.start))?.epoch
  return epoch === leaderEpoch
    ? undefined
    : `epoch ${leaderEpoch} at offset ${baseOffset}, written in ${epoch}`
}
