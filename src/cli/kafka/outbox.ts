// The records that wait for one partition: cut into batches in the order they came, one batch at a time under way. One,
// because then a batch that must be sent again is always the first: order and sequence numbers need no bookkeeping,
// and while it is under way the next one fills.
//
//   add → filling ──full / flushed──→ sealed → under way ──acked──→ gone
//                                        ↑ ──────retry, split──────┘

import type { Codec, RecordBatch } from '../../log/index.ts'
import { buildBatch, type NewRecord } from '../../log/record/builder.ts'

/** A batch and the records in it. */
export interface Parcel<R extends NewRecord> {
  readonly partition: number
  readonly records: readonly R[]
  /** Bytes of the records as they were counted. */
  readonly bytes: number
}

/** The idempotent producer that signs batches (KIP-98). */
export interface ProducerId {
  readonly id: number
  readonly epoch: number
}

/** Bytes that a record takes beside its key, value and headers, at most. */
const RECORD_OVERHEAD_BYTES = 21
const HEADER_OVERHEAD_BYTES = 10
const SEQUENCE_MAX = 0x7fff_ffff

export class Outbox<R extends NewRecord> {
  readonly partition: number
  readonly #batchBytes: number
  #records: R[] = []
  #bytes = 0
  #since = 0
  readonly #sealed: Parcel<R>[] = []
  #underWay: Parcel<R> | undefined
  #sequence = 0

  constructor(partition: number, batchBytes: number) {
    this.partition = partition
    this.#batchBytes = batchBytes
  }

  /** Takes a record; true when this completed the batch before it. `now` is asked for a batch's first. */
  add(record: R, bytes: number, now: () => number): boolean {
    let sealed = false
    if (this.#records.length > 0 && this.#bytes + bytes > this.#batchBytes) {
      this.seal()
      sealed = true
    }
    if (this.#records.length === 0) this.#since = now()
    this.#records.push(record)
    this.#bytes += bytes
    return sealed
  }

  /** Closes the batch that is being filled, if there is one. */
  seal(): void {
    if (this.#records.length === 0) return
    const { partition } = this
    this.#sealed.push({ partition, records: this.#records, bytes: this.#bytes })
    this.#records = []
    this.#bytes = 0
  }

  /** Nothing waits and nothing is under way. */
  get isEmpty(): boolean {
    return this.#records.length === 0 && this.#sealed.length === 0 && this.#underWay === undefined
  }

  /** No batch waits or is under way: the one that is being filled may go at once. */
  get isIdle(): boolean {
    return this.#sealed.length === 0 && this.#underWay === undefined
  }

  /** When the batch that is being filled began; undefined when there is none. */
  get fillingSince(): number | undefined {
    return this.#records.length === 0 ? undefined : this.#since
  }

  /** The batch to send next; undefined while one is under way or none is closed. */
  get next(): Parcel<R> | undefined {
    return this.#underWay === undefined ? this.#sealed[0] : undefined
  }

  /** Takes `next` for sending. */
  take(): Parcel<R> | undefined {
    const parcel = this.next
    if (parcel !== undefined) this.#underWay = this.#sealed.shift()
    return parcel
  }

  /** The bytes of a batch that was taken, the same at every attempt. */
  encode({ records }: Parcel<R>, codec: Codec, producer: ProducerId | undefined): RecordBatch {
    if (producer === undefined) return buildBatch(records, { codec })
    const { id, epoch } = producer
    return buildBatch(records, { codec, producerId: id, producerEpoch: epoch, baseSequence: this.#sequence })
  }

  /** The broker has the batch that is under way. */
  acked(): void {
    const count = this.#underWay?.records.length ?? 0
    this.#sequence = (this.#sequence + count) % (SEQUENCE_MAX + 1)
    this.#underWay = undefined
  }

  /** The batch that is under way will be sent again. */
  putBack(): void {
    if (this.#underWay !== undefined) this.#sealed.unshift(this.#underWay)
    this.#underWay = undefined
  }

  /** Halves the batch that is under way, which was too large; false when it is a single record. */
  split(): boolean {
    const parcel = this.#underWay
    if (parcel === undefined || parcel.records.length < 2) return false
    const middle = parcel.records.length >> 1
    const half = (records: readonly R[]): Parcel<R> => ({ ...parcel, records, bytes: bytesOfAll(records) })
    this.#underWay = undefined
    this.#sealed.unshift(half(parcel.records.slice(0, middle)), half(parcel.records.slice(middle)))
    return true
  }
}

/** Bytes that the record takes in a batch before compression, or a little less than this. */
export function bytesOf({ key, value, headers }: NewRecord): number {
  let bytes = RECORD_OVERHEAD_BYTES + (key?.length ?? 0) + (value?.length ?? 0)
  if (headers !== undefined)
    for (const header of headers)
      bytes += HEADER_OVERHEAD_BYTES + Buffer.byteLength(header.key) + (header.value?.length ?? 0)
  return bytes
}

function bytesOfAll(records: readonly NewRecord[]): number {
  return records.reduce((sum, record) => sum + bytesOf(record), 0)
}
