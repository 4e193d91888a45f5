// Goal: a compacted batch loses the records it should and nothing else: offsets, producer state and times stay
// (Kafka's log compaction; delete horizon: KIP-534).

import { describe, expect, it } from 'vitest'
import { codecs } from './batch.ts'
import { buildBatch } from './builder.ts'
import { rebuildBatch } from './rebuild.ts'
import { recordsOf } from './records.ts'

const limits = { maxBytes: 1 << 20 }
const NOW = 1_700_000_000_000
const records = Array.from({ length: 10 }, (_, i) => ({
  timestamp: NOW + i * 1000,
  key: Buffer.from(`key ${i % 3}`),
  value: i === 4 ? null : Buffer.from(`value ${i}`),
  headers: i === 5 ? [{ key: 'h', value: null }] : [],
}))
const producer = { producerId: 9, producerEpoch: 1, baseSequence: 40, transactional: true }

describe.each(codecs)('rebuildBatch with codec %s', codec => {
  const batch = buildBatch(records, { codec, baseOffset: 100, leaderEpoch: 3, ...producer })
  const all = [...recordsOf(batch, limits)]

  it('keeps what is kept, and the header', () => {
    const rebuilt = rebuildBatch(batch, record => record.offset % 2 === 0, limits)
    if (rebuilt === undefined) throw new Error('nothing was kept')
    expect(rebuilt.flaw()).toBeUndefined()
    expect([...recordsOf(rebuilt, limits)]).toEqual(all.filter(record => record.offset % 2 === 0))
    expect(rebuilt).toMatchObject({ codec, baseOffset: 100, lastOffset: 109, leaderEpoch: 3, recordCount: 5 })
    expect(rebuilt).toMatchObject({
      producerId: 9,
      producerEpoch: 1,
      baseSequence: 40,
      isTransactional: true,
    })
    expect(rebuilt).toMatchObject({ baseTimestamp: NOW, maxTimestamp: NOW + 8000 })
  })

  it('gives the same batch when all is kept', () => {
    expect(rebuildBatch(batch, () => true, limits)).toBe(batch)
  })

  it('gives undefined, or an empty batch on request, when nothing is kept', () => {
    expect(rebuildBatch(batch, () => false, limits)).toBeUndefined()
    const empty = rebuildBatch(batch, () => false, { ...limits, keepEmpty: true })
    expect(empty?.flaw()).toBeUndefined()
    expect(empty).toMatchObject({
      codec: 'none',
      recordCount: 0,
      lastOffset: 109,
      baseSequence: 40,
      bytes: 61,
    })
    expect(empty).toMatchObject({ maxTimestamp: batch.maxTimestamp, isTransactional: true })
  })

  it('takes a delete horizon as base timestamp and keeps the times of the records', () => {
    const rebuilt = rebuildBatch(batch, record => record.offset > 102, {
      ...limits,
      deleteHorizon: NOW + 86_400_000,
    })
    if (rebuilt === undefined) throw new Error('nothing was kept')
    expect(rebuilt).toMatchObject({ hasDeleteHorizon: true, baseTimestamp: NOW + 86_400_000 })
    expect([...recordsOf(rebuilt, limits)]).toEqual(all.slice(3))
    const again = rebuildBatch(rebuilt, record => record.offset > 103, { ...limits, deleteHorizon: 1 })
    expect(again).toMatchObject({ hasDeleteHorizon: true, baseTimestamp: NOW + 86_400_000 })
    expect(again && [...recordsOf(again, limits)]).toEqual(all.slice(4))
  })

  it('keeps the time of the append', () => {
    const stamped = buildBatch(records, { codec })
    stamped.stampLogAppendTime(NOW + 777)
    for (const deleteHorizon of [undefined, NOW]) {
      const options = deleteHorizon === undefined ? limits : { ...limits, deleteHorizon }
      const rebuilt = rebuildBatch(stamped, record => record.offset < 2, options)
      const times = rebuilt && [...recordsOf(rebuilt, limits)].map(record => record.timestamp)
      expect(times).toEqual([NOW + 777, NOW + 777])
    }
  })
})

describe('rebuildBatch', () => {
  it('keeps header keys that are not UTF-8 as they are', () => {
    const value = Buffer.from('v')
    const batch = buildBatch([
      { timestamp: 0, value, headers: [{ key: 'ab', value: null }] },
      { timestamp: 0, value },
    ])
    const at = batch.buffer.indexOf('ab')
    batch.buffer[at] = 0xff
    batch.seal()
    const rebuilt = rebuildBatch(batch, record => record.offset === 0, limits)
    expect(rebuilt?.buffer.indexOf(Buffer.from([0xff, 0x62]))).toBe(at)
  })

  it('refuses a damaged batch', () => {
    const batch = buildBatch(records)
    batch.buffer[61] = 0x7f
    expect(() => rebuildBatch(batch, () => true, limits)).toThrow('record length -64')
  })
})
