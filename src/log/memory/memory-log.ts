// A log in memory: what transient topics and tests run on. Segments are arrays of batches; everything appended is
// "durable" at once, which for memory means until the process ends.

import { LogError } from '../errors.ts'
import type { Epoch, EpochStart, Log, LogOptions, LogSlice, Offset, SegmentInfo } from '../log.ts'
import { lastAtOrBelow } from '../offset-search.ts'
import { owned } from '../owned.ts'
import type { RecordBatch } from '../record/batch.ts'
import { Watchers } from '../watchers.ts'

interface Entry {
  readonly base: Offset
  readonly last: Offset
  readonly maxTimestamp: number
  readonly buffer: Buffer
}

interface Segment {
  readonly base: Offset
  entries: Entry[]
  bytes: number
  maxTimestamp: number
  /** Set when sealed. */
  end?: Offset
}

/** Room that all logs of one store share. */
export interface Room {
  /** Takes `bytes`, or says false when there is no room. */
  take(bytes: number): boolean
  give(bytes: number): void
}

/** A segment is sealed at this size unless the log's options say otherwise. */
const SEGMENT_BYTES = 16 * 1024 * 1024

export class MemoryLog implements Log {
  readonly name: string
  readonly epoch: Epoch
  #options: LogOptions
  readonly #room: Room
  readonly #watchers = new Watchers()
  #segments: Segment[]
  #start: Offset
  #next: Offset
  #epochs: EpochStart[] = []
  #bytes = 0
  #ended: LogError | undefined

  constructor(options: { name: string; epoch: Epoch; options: LogOptions; room: Room; from?: MemoryLog }) {
    this.name = options.name
    this.epoch = options.epoch
    this.#options = options.options
    this.#room = options.room
    this.#segments = options.from?.contents().segments ?? [emptySegment(0)]
    this.#start = options.from?.start ?? 0
    this.#next = options.from?.end ?? 0
    this.#epochs = [...(options.from?.epochs ?? [])]
    this.#bytes = options.from?.bytes ?? 0
  }

  get start(): Offset {
    return this.#start
  }
  get end(): Offset {
    return this.#next
  }
  get nextOffset(): Offset {
    return this.#next
  }
  get bytes(): number {
    return this.#bytes
  }
  get epochs(): readonly EpochStart[] {
    return this.#epochs
  }
  get segments(): readonly SegmentInfo[] {
    return this.#segments.map(one => ({
      base: one.base,
      end: one.end ?? this.#next,
      bytes: one.bytes,
      maxTimestamp: one.maxTimestamp,
      sealed: one.end !== undefined,
    }))
  }

  configure(options: LogOptions): void {
    this.#options = options
  }

  append(batch: RecordBatch, fence?: Epoch): Promise<Offset> {
    try {
      return Promise.resolve(this.#append(batch, fence))
    } catch (error) {
      return Promise.reject(error)
    }
  }

  read(from: Offset, maxBytes: number): LogSlice {
    this.#assertOpen()
    if (from < this.#start || from > this.#next)
      throw new LogError(
        'LOG_OFFSET_OUT_OF_RANGE',
        `offset ${from} of ${this.name} is outside [${this.#start}, ${this.#next}]`,
        {
          from,
          start: this.#start,
          end: this.#next,
        },
      )
    const chunks: Buffer[] = []
    let bytes = 0
    let start = from
    let next = from
    for (const entry of this.#entriesFrom(from)) {
      if (chunks.length === 0) start = entry.base
      else if (bytes + entry.buffer.length > maxBytes) break
      chunks.push(entry.buffer)
      bytes += entry.buffer.length
      next = entry.last + 1
      if (bytes >= maxBytes) break
    }
    return { chunks, bytes, start: chunks.length === 0 ? from : start, next }
  }

  async seek(timestampMs: number): Promise<Offset | undefined> {
    this.#assertOpen()
    for (const segment of this.#segments) {
      if (segment.maxTimestamp < timestampMs) continue
      for (const entry of segment.entries)
        if (entry.last >= this.#start && entry.maxTimestamp >= timestampMs) return entry.base
    }
    return undefined
  }

  async trim(before: Offset): Promise<void> {
    this.#assertOpen()
    if (before > this.#next)
      throw new LogError(
        'LOG_OFFSET_OUT_OF_RANGE',
        `cannot trim ${this.name} to ${before}, its end is ${this.#next}`,
      )
    if (before <= this.#start) return
    this.#start = before
    while (this.#segments.length > 1 && (this.#segments[0]?.end ?? Number.POSITIVE_INFINITY) <= before)
      this.#drop(this.#segments.shift())
    const epochs = this.#epochs.filter(
      (_, at) => (this.#epochs[at + 1]?.start ?? Number.POSITIVE_INFINITY) > before,
    )
    this.#epochs = epochs.map(one => (one.start < before ? { ...one, start: before } : one))
    this.#watchers.notify()
  }

  async roll(): Promise<void> {
    this.#assertOpen()
    this.#seal()
  }

  async rewrite(base: Offset, batches: AsyncIterable<RecordBatch>): Promise<void> {
    const segment = this.#segments.find(one => one.base === base && one.end !== undefined)
    if (segment === undefined)
      throw new LogError('LOG_OFFSET_OUT_OF_RANGE', `${this.name} has no sealed segment at ${base}`)
    const entries: Entry[] = []
    for await (const batch of batches) entries.push(entryOf(batch))
    this.#assertOpen()
    if (!this.#segments.includes(segment)) return
    const bytes = entries.reduce((sum, one) => sum + one.buffer.length, 0)
    this.#room.give(segment.bytes)
    this.#room.take(bytes)
    this.#bytes += bytes - segment.bytes
    segment.entries = entries
    segment.bytes = bytes
    segment.maxTimestamp = entries.reduce((most, one) => Math.max(most, one.maxTimestamp), -1)
  }

  watch(listener: () => void): () => void {
    return this.#watchers.add(listener)
  }

  /** Ends the log: everything after it is refused with this reason. */
  finish(reason: LogError): void {
    if (this.#ended !== undefined) return
    this.#ended = reason
    this.#watchers.notify()
  }

  /** What the log holds, for the store that opens it again. */
  contents(): { readonly segments: Segment[] } {
    return { segments: this.#segments }
  }

  #append(batch: RecordBatch, fence: Epoch | undefined): Offset {
    this.#assertOpen()
    if (fence !== undefined && fence !== this.epoch)
      throw new LogError('LOG_FENCED', `${this.name} is at epoch ${this.epoch}, the writer at ${fence}`, {
        epoch: this.epoch,
        fence,
      })
    if (!this.#room.take(batch.bytes))
      throw new LogError('LOG_DISK_FULL', `no memory is left for ${batch.bytes} bytes in ${this.name}`)
    const base = this.#next
    batch.baseOffset = base
    batch.leaderEpoch = this.epoch
    if (this.#epochs.at(-1)?.epoch !== this.epoch) this.#epochs.push({ epoch: this.epoch, start: base })
    this.#place(entryOf(batch))
    this.#watchers.notify()
    return base
  }

  #place(entry: Entry): void {
    let segment = this.#segments.at(-1)
    const limit = this.#options.segmentBytes ?? SEGMENT_BYTES
    if (segment === undefined || (segment.bytes > 0 && segment.bytes + entry.buffer.length > limit))
      segment = this.#seal()
    segment.entries.push(entry)
    segment.bytes += entry.buffer.length
    segment.maxTimestamp = Math.max(segment.maxTimestamp, entry.maxTimestamp)
    this.#bytes += entry.buffer.length
    this.#next = entry.last + 1
  }

  /** Seals the last segment when it holds anything; gives the one to write to. */
  #seal(): Segment {
    const last = this.#segments.at(-1)
    if (last !== undefined && last.entries.length === 0 && last.end === undefined) return last
    if (last !== undefined) last.end = this.#next
    const fresh = emptySegment(this.#next)
    this.#segments.push(fresh)
    return fresh
  }

  *#entriesFrom(from: Offset): Generator<Entry> {
    let at = lastAtOrBelow(this.#segments, from)
    let entry = Math.max(0, lastAtOrBelow(this.#segments[at]?.entries ?? [], from))
    for (; at < this.#segments.length; at++, entry = 0) {
      const { entries } = this.#segments[at] ?? emptySegment(0)
      for (; entry < entries.length; entry++) {
        const one = entries[entry]
        if (one !== undefined && one.last >= from) yield one
      }
    }
  }

  #drop(segment: Segment | undefined): void {
    this.#bytes -= segment?.bytes ?? 0
    this.#room.give(segment?.bytes ?? 0)
  }

  #assertOpen(): void {
    if (this.#ended !== undefined) throw this.#ended
  }
}

function emptySegment(base: Offset): Segment {
  return { base, entries: [], bytes: 0, maxTimestamp: -1 }
}

function entryOf(batch: RecordBatch): Entry {
  return {
    base: batch.baseOffset,
    last: batch.lastOffset,
    maxTimestamp: batch.maxTimestamp,
    buffer: owned(batch.buffer),
  }
}
