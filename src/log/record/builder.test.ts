// Goal: a built batch says in its header what was asked for, is sealed, and takes exactly its bytes (KIP-98).

import { describe, expect, it } from 'vitest'
import { BATCH_HEADER_BYTES, type Codec } from './batch.ts'
import { type BatchOptions, buildBatch } from './builder.ts'
import { recordsOf } from './records.ts'

const limits = { maxBytes: 1 << 20 }
const records = [5, 9, 2].map(timestamp => ({ timestamp, key: Buffer.from('k'), value: Buffer.from('v') }))

describe('buildBatch', () => {
  it('writes the defaults of a producer without an id', () => {
    const batch = buildBatch(records)
    expect(batch.flaw()).toBeUndefined()
    expect(batch).toMatchObject({ baseOffset: 0, leaderEpoch: -1, attributes: 0, recordCount: 3 })
    expect(batch).toMatchObject({ producerId: -1, producerEpoch: -1, baseSequence: -1, lastOffsetDelta: 2 })
    expect(batch).toMatchObject({ baseTimestamp: 5, maxTimestamp: 9 })
  })

  it('writes every option', () => {
    const options: BatchOptions = {
      codec: 'lz4',
      baseOffset: 2 ** 40,
      leaderEpoch: 4,
      producerId: 2 ** 50,
      producerEpoch: 6,
      baseSequence: 7,
      transactional: true,
      control: true,
      timestampType: 'append',
      offsetDeltas: [0, 10, 20],
      lastOffsetDelta: 30,
    }
    const batch = buildBatch(records, options)
    expect(batch.flaw()).toBeUndefined()
    expect(batch).toMatchObject({ codec: 'lz4', baseOffset: 2 ** 40, leaderEpoch: 4, producerId: 2 ** 50 })
    expect(batch).toMatchObject({ producerEpoch: 6, baseSequence: 7, isTransactional: true, isControl: true })
    expect(batch).toMatchObject({ isLogAppendTime: true, lastOffsetDelta: 30, lastOffset: 2 ** 40 + 30 })
    const read = [...recordsOf(batch, limits)]
    expect(read.map(record => record.offset - 2 ** 40)).toEqual([0, 10, 20])
    expect(read.map(record => record.timestamp)).toEqual([9, 9, 9])
  })

  it('takes exactly its bytes', () => {
    const batch = buildBatch(records)
    expect(batch.bytes).toBe(BATCH_HEADER_BYTES + 3 * 9)
  })

  it.each<{ what: string; run: () => unknown; says: string }>([
    { what: 'no records', run: () => buildBatch([]), says: 'needs a last offset delta' },
    {
      what: 'a time with a fraction',
      run: () => buildBatch([{ timestamp: 1.5, value: null }]),
      says: 'timestamp 1.5',
    },
    {
      what: 'too few offset deltas',
      run: () => buildBatch(records, { offsetDeltas: [1] }),
      says: '1 offset deltas for 3 records',
    },
    {
      what: 'offset deltas that repeat',
      run: () => buildBatch(records, { offsetDeltas: [1, 1, 2] }),
      says: 'offset delta 1 does not come after 1',
    },
    {
      what: 'a last offset delta below the last record',
      run: () => buildBatch(records, { lastOffsetDelta: 1 }),
      says: 'last offset delta 1 is below that of the last record, 2',
    },
  ])('refuses $what', ({ run, says }) => {
    expect(run).toThrow(says)
  })

  it.each<Codec>(['gzip', 'snappy', 'lz4', 'zstd'])('makes repeated values smaller with %s', codec => {
    const many = Array.from({ length: 500 }, (_, i) => ({
      timestamp: i,
      value: Buffer.from('the same value'),
    }))
    expect(buildBatch(many, { codec }).bytes * 2).toBeLessThan(buildBatch(many).bytes)
  })
})
