// The messages of a partition in the order of their offsets, as a settled reader sees them: committed ones only, control
// batches and aborted transactions left out (KIP-98). Batches are decoded as far as somebody asks, and where it stopped
// it goes on.

import { batchesOf, type LogSlice, type Offset, type RecordBatch } from '../../log/index.ts'
import { RecordCursor } from '../../log/record/cursor.ts'
import { BatchTimes, recordAt } from '../../log/record/records.ts'
import { UNFOLDED_BYTES_MAX } from '../partition/admission.ts'
import type { Partition } from '../partition/partition.ts'
import { type Expiries, type Message, messageOf } from './message.ts'

/** Bytes that one reading asks of the log. */
const READ_BYTES = 256 * 1024

interface OpenBatch {
  readonly cursor: RecordCursor
  readonly times: BatchTimes
  readonly baseOffset: Offset
  readonly next: Offset
}

export interface ReaderOptions {
  /** Bytes that one reading asks of the log. */
  readonly readBytes?: number
  /** Default: never. */
  readonly expiries?: Expiries
}

const noBatches: Iterator<never> = [].values()
const noneAborted: readonly never[] = []
const never: Expiries = { expiryOf: () => Number.POSITIVE_INFINITY }

export class MessageReader {
  readonly #partition: Partition
  readonly #readBytes: number
  readonly #expiries: Expiries
  #at: Offset
  /** Where the batches of the last reading end. */
  #sliceEnd: Offset
  #batches: Iterator<RecordBatch> = noBatches
  #open: OpenBatch | undefined
  /** Producers whose transactional batches in the slice are aborted: from, to. */
  #aborted: readonly {
    readonly producerId: number
    readonly firstOffset: Offset
    readonly lastOffset: Offset
  }[] = noneAborted

  constructor(partition: Partition, from: Offset, options: ReaderOptions = {}) {
    const { readBytes = READ_BYTES, expiries = never } = options
    this.#partition = partition
    this.#readBytes = readBytes
    this.#expiries = expiries
    this.#at = from
    this.#sliceEnd = from
  }

  /** Everything below was given, or is nothing that could be given. */
  get at(): Offset {
    return this.#at
  }

  /** Goes on from another offset. */
  seek(offset: Offset): void {
    this.#at = offset
    this.#sliceEnd = offset
    this.#batches = noBatches
    this.#open = undefined
  }

  /**
   * The next message; undefined at the end of what is there; a promise to wait for before asking again.
   * `wanted` spares the making of messages that nobody needs.
   * Errors (thrown or by the promise): OFFSET_OUT_OF_RANGE, STORAGE_ROTTEN, LogError LOG_BATCH_INVALID.
   */
  next(wanted?: (offset: Offset) => boolean): Message | undefined | Promise<void> {
    for (;;) {
      const message = this.#fromOpen(wanted)
      if (message !== undefined) return message
      if (this.#openNext()) continue
      if (this.#at < this.#sliceEnd) this.#at = this.#sliceEnd
      const reading = this.#read()
      if (reading instanceof Promise) return reading
      if (!reading) return undefined
    }
  }

  #fromOpen(wanted: ((offset: Offset) => boolean) | undefined): Message | undefined {
    const open = this.#open
    if (open === undefined) return undefined
    const { cursor, baseOffset } = open
    while (cursor.next()) {
      const offset = baseOffset + cursor.offsetDelta
      if (offset < this.#at) continue
      this.#at = offset + 1
      if (wanted === undefined || wanted(offset))
        return messageOf(recordAt(cursor, baseOffset, open.times), this.#expiries)
    }
    this.#at = Math.max(this.#at, open.next)
    this.#open = undefined
    return undefined
  }

  #openNext(): boolean {
    const { value: batch, done } = this.#batches.next()
    if (done === true || batch === undefined) return false
    if (batch.lastOffset < this.#at || batch.isControl || this.#isAborted(batch)) return true
    this.#open = {
      cursor: new RecordCursor(batch, UNFOLDED_BYTES_MAX),
      times: new BatchTimes(batch),
      baseOffset: batch.baseOffset,
      next: batch.lastOffset + 1,
    }
    return true
  }

  /** True when there are batches to look at. */
  #read(): boolean | Promise<void> {
    const partition = this.#partition
    const warming = partition.warm()
    if (warming !== undefined) return warming
    if (this.#at < partition.start) this.seek(partition.start)
    if (this.#at >= partition.lastStableOffset) return false
    const slice = partition.read(this.#at, this.#readBytes, 'committed')
    if (slice instanceof Promise) return slice.then(late => this.#take(late))
    this.#take(slice)
    return slice.bytes > 0
  }

  #take(slice: LogSlice): void {
    this.#aborted = this.#partition.abortedWithin(slice.start, slice.next)
    this.#sliceEnd = slice.next
    this.#batches = batchesIn(slice.chunks)
  }

  #isAborted(batch: RecordBatch): boolean {
    if (!batch.isTransactional || this.#aborted.length === 0) return false
    const { producerId, baseOffset } = batch
    return this.#aborted.some(
      one => one.producerId === producerId && one.firstOffset <= baseOffset && baseOffset < one.lastOffset,
    )
  }
}

function* batchesIn(chunks: readonly Buffer[]): Generator<RecordBatch> {
  for (const chunk of chunks) yield* batchesOf(chunk)
}
