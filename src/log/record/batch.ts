// RecordBatch v2, Kafka's format for a run of records, which is what every log stores (KIP-98). This file is the header
// and its checksum; the records inside are records.ts, and their compression compression.ts.
//
//  0 baseOffset i64       | 23 lastOffsetDelta i32
//  8 batchLength i32      | 27 baseTimestamp i64       batchLength counts the bytes after itself (total - 12)
// 12 leaderEpoch i32      | 35 maxTimestamp i64        crc is CRC-32C of everything from attributes to the end, so
// 16 magic i8 = 2         | 43 producerId i64          base offset and leader epoch may be patched without a new one
// 17 crc u32              | 51 producerEpoch i16
// 21 attributes i16       | 53 baseSequence i32
//                         | 57 recordCount i32, 61 records

import { crc32c } from '../../bytes/crc32c.ts'
import { readInt64, writeInt64 } from '../../bytes/int64.ts'
import { LogError } from '../errors.ts'

/** Bytes of the header, up to the first record. */
export const BATCH_HEADER_BYTES = 61
/** Bytes before those that batchLength counts. */
export const BATCH_PREFIX_BYTES = 12
export const MAGIC = 2

/** Codecs of attribute bits 0-2, by their number. */
export const codecs = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const
export type Codec = (typeof codecs)[number]

const CODEC_MASK = 0x07
const LOG_APPEND_TIME = 0x08
const TRANSACTIONAL = 0x10
const CONTROL = 0x20
const HAS_DELETE_HORIZON = 0x40

/** Base offset of the batch that begins at `at`. A reader that looks at many batches makes no view of each. */
export function baseOffsetAt(buffer: Buffer, at: number): number {
  return readInt64(buffer, at)
}

/** Offset of the last record of the batch that begins at `at`. */
export function lastOffsetAt(buffer: Buffer, at: number): number {
  return baseOffsetAt(buffer, at) + buffer.readInt32BE(at + 23)
}

/** A view of one batch in memory. It owns nothing: it reads and patches `buffer`, which holds exactly one batch. */
export class RecordBatch {
  readonly buffer: Buffer

  constructor(buffer: Buffer) {
    this.buffer = buffer
  }

  get baseOffset(): number {
    return baseOffsetAt(this.buffer, 0)
  }
  set baseOffset(value: number) {
    writeInt64(this.buffer, 0, value)
  }
  /** Bytes of the whole batch, header included. */
  get bytes(): number {
    return this.buffer.length
  }
  get leaderEpoch(): number {
    return this.buffer.readInt32BE(12)
  }
  set leaderEpoch(value: number) {
    this.buffer.writeInt32BE(value, 12)
  }
  get magic(): number {
    return this.buffer.readInt8(16)
  }
  get crc(): number {
    return this.buffer.readUInt32BE(17)
  }
  get attributes(): number {
    return this.buffer.readInt16BE(21)
  }
  /** Undefined for the codec numbers 5 to 7, which mean nothing. */
  get codec(): Codec | undefined {
    return codecs[this.attributes & CODEC_MASK]
  }
  get isLogAppendTime(): boolean {
    return (this.attributes & LOG_APPEND_TIME) !== 0
  }
  get isTransactional(): boolean {
    return (this.attributes & TRANSACTIONAL) !== 0
  }
  get isControl(): boolean {
    return (this.attributes & CONTROL) !== 0
  }
  get hasDeleteHorizon(): boolean {
    return (this.attributes & HAS_DELETE_HORIZON) !== 0
  }
  get lastOffsetDelta(): number {
    return this.buffer.readInt32BE(23)
  }
  get lastOffset(): number {
    return lastOffsetAt(this.buffer, 0)
  }
  get baseTimestamp(): number {
    return readInt64(this.buffer, 27)
  }
  get maxTimestamp(): number {
    return readInt64(this.buffer, 35)
  }
  get producerId(): number {
    return readInt64(this.buffer, 43)
  }
  get producerEpoch(): number {
    return this.buffer.readInt16BE(51)
  }
  get baseSequence(): number {
    return this.buffer.readInt32BE(53)
  }
  get recordCount(): number {
    return this.buffer.readInt32BE(57)
  }

  /** Gives every record the time of the append (message.timestamp.type=LogAppendTime): changes the checksum. */
  stampLogAppendTime(nowMs: number): void {
    this.buffer.writeInt16BE(this.attributes | LOG_APPEND_TIME, 21)
    writeInt64(this.buffer, 35, nowMs)
    this.seal()
  }

  /** Writes the checksum of what the batch holds now. */
  seal(): void {
    this.buffer.writeUInt32BE(this.computeCrc(), 17)
  }

  computeCrc(): number {
    return crc32c(this.buffer, 21, this.buffer.length)
  }

  /**
   * Undefined when the batch can be believed: lengths, magic, counts and checksum agree. Otherwise what is wrong.
   * The records themselves are not looked at.
   */
  flaw(): string | undefined {
    const { buffer } = this
    if (buffer.length < BATCH_HEADER_BYTES)
      return `a batch of ${buffer.length} bytes is shorter than its header of ${BATCH_HEADER_BYTES}`
    const length = buffer.readInt32BE(8) + BATCH_PREFIX_BYTES
    if (length !== buffer.length) return `batch length says ${length} bytes, there are ${buffer.length}`
    if (this.magic !== MAGIC) return `magic ${this.magic}, expected ${MAGIC}`
    if (this.lastOffsetDelta < 0) return `last offset delta ${this.lastOffsetDelta} is negative`
    const count = this.recordCount
    if (count < 0 || count > this.lastOffsetDelta + 1)
      return `record count ${count} with last offset delta ${this.lastOffsetDelta}`
    const crc = this.computeCrc()
    if (crc !== this.crc)
      return `checksum ${this.crc.toString(16)} is not that of the bytes (${crc.toString(16)})`
    return undefined
  }
}

/** Bytes of the batch that begins at `position`, or undefined when not even its length field is there. */
export function batchBytesAt(buffer: Buffer, position: number): number | undefined {
  if (position + BATCH_PREFIX_BYTES > buffer.length) return undefined
  return buffer.readInt32BE(position + 8) + BATCH_PREFIX_BYTES
}

/** The batches of a slice's chunk, one view each. The chunk must hold whole batches; anything else is LOG_BATCH_INVALID. */
export function* batchesOf(chunk: Buffer): Generator<RecordBatch> {
  for (let position = 0; position < chunk.length; ) {
    const bytes = batchBytesAt(chunk, position)
    if (bytes === undefined || bytes < BATCH_HEADER_BYTES || position + bytes > chunk.length)
      throw new LogError(
        'LOG_BATCH_INVALID',
        `byte ${position} of ${chunk.length} does not begin a whole batch`,
      )
    yield new RecordBatch(chunk.subarray(position, position + bytes))
    position += bytes
  }
}
