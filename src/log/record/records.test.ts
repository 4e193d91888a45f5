// Goal: records are what Kafka's clients write (format: protocol guide, "Record"), and whatever a peer sends either
// decodes or is LOG_BATCH_INVALID with its place. Cross-checked with kafkajs in both directions.

import { createRequire } from 'node:module'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { writeVarint } from '../../bytes/varint.ts'
import { LogError } from '../errors.ts'
import { codecs, RecordBatch } from './batch.ts'
import { buildBatch, type NewRecord } from './builder.ts'
import { recordsOf, validateRecords } from './records.ts'

const require = createRequire(import.meta.url)
const limits = { maxBytes: 1 << 20 }
const NOW = 1_700_000_000_000

const sample: readonly NewRecord[] = [
  { timestamp: NOW, key: Buffer.from('k1'), value: Buffer.from('first value') },
  { timestamp: NOW + 5, key: null, value: Buffer.alloc(70, 'v'), headers: [{ key: 'a', value: null }] },
  {
    timestamp: NOW - 3,
    key: Buffer.alloc(0),
    value: null,
    headers: [
      { key: 'größe', value: Buffer.from('1') },
      { key: '', value: Buffer.alloc(0) },
    ],
  },
]

/** Records as they were handed in, with every default filled. */
function whole(records: readonly NewRecord[], baseOffset = 0) {
  return records.map(({ timestamp, key = null, value, headers = [] }, i) => ({
    offset: baseOffset + i,
    timestamp,
    key,
    value,
    headers,
  }))
}

/** A batch around raw bytes of records, with a right checksum. */
function raw(hex: string, recordCount: number, lastOffsetDelta = recordCount - 1): RecordBatch {
  const empty = buildBatch([], { lastOffsetDelta })
  const buffer = Buffer.concat([empty.buffer, Buffer.from(hex, 'hex')])
  buffer.writeInt32BE(buffer.length - 12, 8)
  buffer.writeInt32BE(recordCount, 57)
  const batch = new RecordBatch(buffer)
  batch.seal()
  return batch
}

function refusalOf(batch: RecordBatch): LogError | undefined {
  try {
    for (const _ of recordsOf(batch, limits));
    return undefined
  } catch (error) {
    expect(error).toBeInstanceOf(LogError)
    expect((error as LogError).code).toBe('LOG_BATCH_INVALID')
    return error as LogError
  }
}

describe('recordsOf', () => {
  it.each(codecs)('gives the records of a batch with codec %s', codec => {
    const batch = buildBatch(sample, { codec, baseOffset: 1000 })
    expect(batch.flaw()).toBeUndefined()
    expect([...recordsOf(batch, limits)]).toEqual(whole(sample, 1000))
    expect(validateRecords(batch, limits)).toBeUndefined()
  })

  it('gives every record the time of the append in a LogAppendTime batch', () => {
    const batch = buildBatch(sample)
    batch.stampLogAppendTime(NOW + 999)
    expect([...recordsOf(batch, limits)].map(record => record.timestamp)).toEqual(Array(3).fill(NOW + 999))
  })

  it('takes times without a base, and times at 2^53 - 1', () => {
    const records = [-1, Number.MAX_SAFE_INTEGER - 1, 0].map(timestamp => ({ timestamp, value: null }))
    const batch = buildBatch(records)
    expect(batch.baseTimestamp).toBe(-1)
    expect([...recordsOf(batch, limits)].map(record => record.timestamp)).toEqual(
      records.map(record => record.timestamp),
    )
  })

  it('gives nothing for a batch that compaction emptied, whatever its codec bits say', () => {
    const batch = buildBatch([], { lastOffsetDelta: 9, codec: 'none' })
    batch.buffer.writeInt16BE(4, 21)
    expect([...recordsOf(batch, limits)]).toEqual([])
  })

  it('stops a compressed batch at the limit', () => {
    const batch = buildBatch([{ timestamp: 1, value: Buffer.alloc(100_000) }], { codec: 'gzip' })
    expect(validateRecords(batch, { maxBytes: 100_000 })).toBe(
      'gzip block inflates to more than the limit of 100000 bytes',
    )
  })
})

// A record: length, attributes, time, offset, key length (01 is -1), value length, header count.
const flaws = [
  {
    what: 'a length beyond the batch',
    hex: '0e000000010100',
    flaw: 'record length 7 with 6 bytes left',
    at: 61,
  },
  { what: 'a length of 0', hex: '00', flaw: 'record length 0 with 0 bytes left', at: 61 },
  { what: 'a negative length', hex: '01', flaw: 'record length -1 with 0 bytes left', at: 61 },
  { what: 'an endless length', hex: 'ffffffffffff', flaw: 'a varint is longer than 32 bits', at: 61 },
  { what: 'an endless time', hex: '1a00ffffffffffffffffffffffff', flaw: 'a varlong is', at: 63 },
  { what: 'an offset beyond the last', hex: '0c000002010100', flaw: 'offset delta 1 after -1', at: 64 },
  { what: 'a negative offset', hex: '0c000001010100', flaw: 'offset delta -1 after -1', at: 64 },
  { what: 'a key beyond the record', hex: '0c000000060100', flaw: 'key length 3 with 2 bytes left', at: 65 },
  { what: 'a key length of -2', hex: '0c000000030100', flaw: 'key length -2', at: 65 },
  {
    what: 'a value beyond the record',
    hex: '0c000000010400',
    flaw: 'value length 2 with 1 bytes left',
    at: 66,
  },
  { what: 'more headers than fit', hex: '0c000000010102', flaw: 'header count 1 with 0 bytes left', at: 67 },
  { what: 'a negative header count', hex: '0c000000010101', flaw: 'header count -1', at: 67 },
  { what: 'a null header key', hex: '100000000101020101', flaw: 'header key is null', at: 68 },
  { what: 'a header value too long', hex: '100000000101020002', flaw: 'header value length 1', at: 69 },
  { what: 'bytes after the headers', hex: '0e00000001010000', flaw: 'record has 1 bytes after', at: 68 },
  { what: 'bytes after the last record', hex: '0c00000001010000', flaw: '1 bytes are left after', at: 68 },
  { what: 'a record cut short', hex: '0200', flaw: 'a varlong is cut short', at: 63 },
  { what: 'no bytes', hex: '', flaw: 'a varint is cut short', at: 61 },
]

describe('a bad record', () => {
  it('has a good neighbour', () => {
    expect(validateRecords(raw('0c000000010100', 1), limits)).toBeUndefined()
  })

  it.each(flaws)('with $what is refused at byte $at', ({ hex, flaw, at }) => {
    const batch = raw(hex, 1)
    expect(refusalOf(batch)?.message).toContain(flaw)
    expect(refusalOf(batch)?.fields.position).toBe(at)
    expect(validateRecords(batch, limits)).toContain(flaw)
  })

  it('that repeats an offset is refused', () => {
    expect(validateRecords(raw('0c0000000101000c000000010100', 2), limits)).toContain(
      'offset delta 0 after 0',
    )
  })

  it('with a time beyond 2^53 is refused', () => {
    const batch = raw('0c000000010100', 1)
    batch.buffer.writeBigInt64BE(2n ** 60n, 27)
    expect(validateRecords(batch, limits)).toContain('timestamp is beyond 2^53 - 1')
  })

  it('does not keep those before it from being seen', () => {
    const seen: unknown[] = []
    const batch = raw('0c0000000101000c000000010100', 2)
    expect(validateRecords(batch, limits, (...record) => seen.push(record))).toContain('offset delta 0 after')
    expect(seen).toEqual([[0, false, batch.baseTimestamp]])
  })
})

describe.each(codecs)('any batch with codec %s', codec => {
  const bytes = fc.uint8Array({ maxLength: 300 }).map(array => Buffer.from(array))
  const record: fc.Arbitrary<NewRecord> = fc.record({
    timestamp: fc.oneof(fc.integer({ min: -1, max: 2 ** 50 }), fc.nat(NOW)),
    key: fc.option(bytes),
    value: fc.option(bytes),
    headers: fc.array(
      fc.record({ key: fc.string({ unit: 'grapheme', maxLength: 9 }), value: fc.option(bytes) }),
      { maxLength: 3 },
    ),
  })

  it('gives back its records', () => {
    fc.assert(
      fc.property(fc.array(record, { minLength: 1, maxLength: 20 }), fc.nat(), (records, baseOffset) => {
        const batch = buildBatch(records, { codec, baseOffset })
        expect(batch.flaw()).toBeUndefined()
        expect([...recordsOf(batch, limits)]).toEqual(whole(records, baseOffset))
      }),
      { numRuns: 60 },
    )
  })

  it('is refused when cut short anywhere', () => {
    const { buffer } = buildBatch(sample, { codec })
    for (let length = 0; length < buffer.length; length++)
      expect(refusalOf(new RecordBatch(buffer.subarray(0, length)))).toBeDefined()
  })

  it('decodes or is refused with any bit flipped', () => {
    const { buffer } = buildBatch(sample, { codec })
    for (let bit = 0; bit < buffer.length * 8; bit++) {
      const flipped = Buffer.from(buffer)
      flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7))
      const batch = new RecordBatch(flipped)
      const error = refusalOf(batch)
      expect(validateRecords(batch, limits)).toBe(error?.fields.flaw)
    }
  })
})

describe('kafkajs', () => {
  const { RecordBatch: encodeBatch } = require('kafkajs/src/protocol/recordBatch/v0/index.js')
  const encodeRecord = require('kafkajs/src/protocol/recordBatch/record/v0/index.js')
  const decodeBatch = require('kafkajs/src/protocol/recordBatch/v0/decoder.js')
  const Decoder = require('kafkajs/src/protocol/decoder.js')
  const Long = require('kafkajs/src/utils/long.js')

  it.each([
    { codec: 'none', compression: 0 },
    { codec: 'gzip', compression: 1 },
  ] as const)('writes $codec batches that are read here', async ({ codec, compression }) => {
    const encoded = await encodeBatch({
      compression,
      firstOffset: Long.fromInt(7),
      firstTimestamp: NOW,
      maxTimestamp: NOW + 5,
      lastOffsetDelta: 1,
      records: [
        encodeRecord({ offsetDelta: 0, timestampDelta: 0, key: 'k', value: 'v', headers: { h: 'x' } }),
        encodeRecord({ offsetDelta: 1, timestampDelta: 5, key: null, value: 'w'.repeat(200) }),
      ],
    })
    const batch = new RecordBatch(encoded.buffer)
    expect(batch.flaw()).toBeUndefined()
    expect(batch.codec).toBe(codec)
    expect([...recordsOf(batch, limits)]).toEqual([
      {
        offset: 7,
        timestamp: NOW,
        key: Buffer.from('k'),
        value: Buffer.from('v'),
        headers: [{ key: 'h', value: Buffer.from('x') }],
      },
      { offset: 8, timestamp: NOW + 5, key: null, value: Buffer.alloc(200, 'w'), headers: [] },
    ])
  })

  it.each(['none', 'gzip'] as const)('reads %s batches that are built here', async codec => {
    const batch = buildBatch(sample.slice(0, 2), { codec, baseOffset: 3, producerId: 77, producerEpoch: 2 })
    const decoded = await decodeBatch(new Decoder(batch.buffer))
    expect(decoded).toMatchObject({
      firstOffset: '3',
      lastOffsetDelta: 1,
      producerId: '77',
      producerEpoch: 2,
    })
    expect(decoded.records).toMatchObject([
      { offset: '3', timestamp: String(NOW), key: Buffer.from('k1'), value: Buffer.from('first value') },
      { offset: '4', timestamp: String(NOW + 5), key: null, headers: { a: null } },
    ])
  })
})

describe('a record length', () => {
  it('of three bytes is what was measured', () => {
    const value = Buffer.alloc(70_000, 'x')
    const batch = buildBatch([{ timestamp: 0, value }])
    const length = Buffer.alloc(5)
    expect(writeVarint(length, 70_000 + 8, 0)).toBe(3)
    expect(batch.buffer.subarray(61, 64).equals(length.subarray(0, 3))).toBe(true)
    expect([...recordsOf(batch, limits)][0]?.value?.equals(value)).toBe(true)
  })
})
