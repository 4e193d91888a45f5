// Walks the records of a batch without making an object of any (format: Kafka's protocol guide, "Record", since KIP-98):
//
//   length varint | attributes i8 | timestampDelta varlong | offsetDelta varint
//   key: length varint (-1 null), bytes | value: the same | headers: count varint, each key length varint and bytes
//   (never null), value as above
//
// What it has passed is checked: lengths, order of offsets, the count, and that no bytes are left. The batch's own
// header and checksum are RecordBatch.flaw's part; what this file needs of the header it checks again, because it may
// be handed bytes that no one looked at.

import { WireError } from '../../bytes/errors.ts'
import { VarintReader } from '../../bytes/varint.ts'
import { BATCH_HEADER_BYTES, MAGIC, type RecordBatch } from './batch.ts'
import { decompress } from './compression.ts'
import { headerNameAt } from './header-names.ts'
import { refusal } from './refusal.ts'

/** A header of a record. */
export interface RecordHeader {
  readonly key: string
  readonly value: Buffer | null
}

const NULL = -1
/** A header takes at least a key length and a value length. */
const HEADER_BYTES_MIN = 2

/** Stands on one record at a time; `next` moves it. Positions are in `block`. */
export class RecordCursor {
  /** The batch itself when it is not compressed, else the inflated records. */
  readonly block: Buffer
  offsetDelta = -1
  timestampDelta = 0
  /** First byte of the record (its length) and one past its last. */
  start = 0
  end = 0
  /** First byte after the timestamp delta. */
  offsetDeltaAt = 0
  /** The first byte, or -1 for null; `valueAt` the same. */
  keyAt = NULL
  keyBytes = 0
  valueAt = NULL
  valueBytes = 0
  headerCount = 0
  readonly #reader: VarintReader
  readonly #lastOffsetDelta: number
  readonly #count: number
  #passed = 0
  #headersAt = 0

  /** Inflates the batch's records when they are compressed. Errors: LOG_BATCH_INVALID, also beyond `maxBytes`. */
  constructor(batch: RecordBatch, maxBytes: number) {
    const { codec } = checkedHeader(batch)
    const from = batch.buffer
    const isEmpty = batch.recordCount === 0 && from.length === BATCH_HEADER_BYTES // compaction leaves such batches
    const isPlain = codec === 'none' || isEmpty
    this.block = isPlain ? from : decompress(codec, from.subarray(BATCH_HEADER_BYTES), maxBytes)
    this.#reader = new VarintReader(this.block, isPlain ? BATCH_HEADER_BYTES : 0)
    this.#lastOffsetDelta = batch.lastOffsetDelta
    this.#count = batch.recordCount
  }

  /** Moves to the next record; false after the last. Errors: LOG_BATCH_INVALID with `position` of the bad byte. */
  next(): boolean {
    if (this.#passed === this.#count) {
      const { position } = this.#reader
      const left = this.block.length - position
      if (left > 0) throw flawAt(`${left} bytes are left after the last of ${this.#count} records`, position)
      return false
    }
    this.#passed++
    try {
      this.#readRecord()
    } catch (error) {
      if (error instanceof WireError) throw refusal(error.message, { position: error.offset }, error)
      throw error
    }
    return true
  }

  /** The key, borrowed from `block`. */
  key(): Buffer | null {
    return this.keyAt === NULL ? null : this.block.subarray(this.keyAt, this.keyAt + this.keyBytes)
  }

  /** The value, borrowed from `block`. */
  value(): Buffer | null {
    return this.valueAt === NULL ? null : this.block.subarray(this.valueAt, this.valueAt + this.valueBytes)
  }

  /** The headers; their values are borrowed from `block`. */
  headers(): RecordHeader[] {
    const reader = new VarintReader(this.block, this.#headersAt)
    const headers: RecordHeader[] = []
    for (let i = 0; i < this.headerCount; i++) {
      const keyBytes = reader.varint()
      const key = headerNameAt(this.block, reader.position, reader.position + keyBytes)
      reader.position += keyBytes
      const valueBytes = reader.varint()
      const value =
        valueBytes === NULL ? null : this.block.subarray(reader.position, reader.position + valueBytes)
      reader.position += Math.max(0, valueBytes)
      headers.push({ key, value })
    }
    return headers
  }

  #readRecord(): void {
    const reader = this.#reader
    this.start = reader.position
    reader.end = this.block.length
    const bytes = reader.varint()
    const body = reader.position
    if (bytes < 1 || body + bytes > this.block.length)
      throw flawAt(`record length ${bytes} with ${this.block.length - body} bytes left`, this.start)
    this.end = body + bytes
    reader.end = this.end
    reader.position = body + 1 // attributes: no bit has a meaning
    this.timestampDelta = reader.varlong()
    this.offsetDeltaAt = reader.position
    this.#readOffsetDelta(reader.varint())
    this.keyBytes = this.#readBytes('key')
    this.keyAt = this.keyBytes === NULL ? NULL : reader.position - this.keyBytes
    this.valueBytes = this.#readBytes('value')
    this.valueAt = this.valueBytes === NULL ? NULL : reader.position - this.valueBytes
    this.#passHeaders()
    if (reader.position !== this.end)
      throw flawAt(`record has ${this.end - reader.position} bytes after its headers`, reader.position)
  }

  #readOffsetDelta(delta: number): void {
    if (delta <= this.offsetDelta || delta > this.#lastOffsetDelta)
      throw flawAt(
        `offset delta ${delta} after ${this.offsetDelta}, last in the batch is ${this.#lastOffsetDelta}`,
        this.offsetDeltaAt,
      )
    this.offsetDelta = delta
  }

  /** Passes a length and its bytes; gives the length, -1 for null. */
  #readBytes(what: string): number {
    const reader = this.#reader
    const at = reader.position
    const bytes = reader.varint()
    const end = reader.position + Math.max(0, bytes)
    if (bytes < NULL || end > this.end)
      throw flawAt(`${what} length ${bytes} with ${this.end - reader.position} bytes left in its record`, at)
    reader.position = end
    return bytes
  }

  #passHeaders(): void {
    const reader = this.#reader
    const at = reader.position
    const count = reader.varint()
    if (count < 0 || count * HEADER_BYTES_MIN > this.end - reader.position)
      throw flawAt(`header count ${count} with ${this.end - reader.position} bytes left in its record`, at)
    this.headerCount = count
    this.#headersAt = reader.position
    for (let i = 0; i < count; i++) {
      const keyAt = reader.position
      if (this.#readBytes('header key') === NULL) throw flawAt('header key is null', keyAt)
      this.#readBytes('header value')
    }
  }
}

function checkedHeader(batch: RecordBatch): { codec: NonNullable<RecordBatch['codec']> } {
  const { bytes } = batch
  if (bytes < BATCH_HEADER_BYTES)
    throw flawAt(`a batch of ${bytes} bytes is shorter than its header of ${BATCH_HEADER_BYTES}`, 0)
  if (batch.magic !== MAGIC) throw flawAt(`magic ${batch.magic}, expected ${MAGIC}`, 16)
  const { codec, recordCount } = batch
  if (codec === undefined) throw flawAt(`attributes ${batch.attributes} name no codec`, 21)
  if (recordCount < 0) throw flawAt(`record count ${recordCount} is negative`, 57)
  if (!Number.isSafeInteger(batch.baseOffset)) throw flawAt('base offset is beyond 2^53 - 1', 0)
  return { codec }
}

function flawAt(flaw: string, position: number): Error {
  return refusal(`${flaw} (byte ${position})`, { position })
}
