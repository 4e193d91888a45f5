// Re-reads sealed segments in the background, slowly, and says when each was last found whole. Damage is reported by
// offset and kept from readers, who otherwise would be served it.

import { type Reporter, silent, type Timer, type World } from '../../world/index.ts'
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
        await this.#verify(log, segment)
      }
  }

  async #verify(log: FileLog, segment: Segment): Promise<void> {
    const { world, report = silent } = this.#options
    let size = CHUNK_BYTES
    let next = segment.base
    for (let at = 0; at < segment.bytes && !this.#stopped; ) {
      const chunk = Buffer.allocUnsafeSlow(Math.min(size, segment.bytes - at))
      const got = await segment.readLater(chunk, at)
      const { used, last, flaw } = verified(chunk.subarray(0, got), next)
      if (!log.files.includes(segment)) return // trimmed or rewritten meanwhile
      if (flaw !== undefined || (used === 0 && got >= segment.bytes - at)) {
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
      size = used === 0 ? size * 2 : CHUNK_BYTES
      at += used
      next = last
      await this.#pause(got)
    }
    if (!this.#stopped) segment.verifiedAt = world.now()
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
      this.pass().then(
        () => this.#later(PAUSE_MS),
        error => {
          this.#options.report?.error('the scrubber could not read', { error: String(error) })
          this.#later(PAUSE_MS)
        },
      )
    })
  }
}

/** The whole batches at the front: how many bytes they are, the offset after them, and what is wrong with the next. */
function verified(chunk: Buffer, from: number): { used: number; last: number; flaw?: string } {
  let [used, last] = [0, from]
  for (;;) {
    const bytes = wholeBatchAt(chunk, used)
    if (bytes === undefined) return { used, last }
    const batch = new RecordBatch(chunk.subarray(used, used + bytes))
    const flaw = batch.baseOffset < last ? `offset ${batch.baseOffset} follows ${last - 1}` : batch.flaw()
    if (flaw !== undefined) return { used, last, flaw }
    used += bytes
    last = batch.lastOffset + 1
  }
}
