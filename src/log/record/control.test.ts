// Goal: end markers are Kafka's (KIP-98, "Control Messages"; EndTransactionMarker of Kafka's clients).

import { describe, expect, it } from 'vitest'
import { buildBatch } from './builder.ts'
import { buildEndMarker, readEndMarker } from './control.ts'
import { recordsOf } from './records.ts'

const marker = { coordinatorEpoch: 12, producerId: 5, producerEpoch: 3, timestamp: 1_700_000_000_000 }

describe('end markers', () => {
  it.each([
    { outcome: 'abort' as const, key: '00000000' },
    { outcome: 'commit' as const, key: '00000001' },
  ])('$outcome is written and read', ({ outcome, key }) => {
    const batch = buildEndMarker({ ...marker, outcome, baseOffset: 44, leaderEpoch: 2 })
    expect(batch.flaw()).toBeUndefined()
    expect(batch).toMatchObject({ isControl: true, isTransactional: true, producerId: 5, producerEpoch: 3 })
    expect(batch).toMatchObject({ baseOffset: 44, leaderEpoch: 2, baseSequence: -1, recordCount: 1 })
    const [record] = [...recordsOf(batch, { maxBytes: 0 })]
    expect(record?.key?.toString('hex')).toBe(key)
    expect(record?.value?.toString('hex')).toBe('00000000000c')
    expect(readEndMarker(batch)).toEqual({ outcome, coordinatorEpoch: 12 })
  })

  it('are not read from data, from emptied batches and from other control records', () => {
    const value = Buffer.from('000000000001', 'hex')
    const key = Buffer.from('00000002', 'hex')
    expect(readEndMarker(buildBatch([{ timestamp: 0, key, value }]))).toBeUndefined()
    expect(readEndMarker(buildBatch([], { control: true, lastOffsetDelta: 0 }))).toBeUndefined()
    expect(readEndMarker(buildBatch([{ timestamp: 0, key, value }], { control: true }))).toBeUndefined()
  })

  it('of a later version are read', () => {
    const key = Buffer.from('00010001', 'hex')
    const value = Buffer.from('00010000000900', 'hex')
    const batch = buildBatch([{ timestamp: 0, key, value }], { control: true })
    expect(readEndMarker(batch)).toEqual({ outcome: 'commit', coordinatorEpoch: 9 })
  })

  it.each([
    { key: null, value: null, says: 'a key of no bytes' },
    { key: Buffer.alloc(3), value: null, says: 'a key of 3 bytes' },
    { key: Buffer.alloc(4), value: null, says: 'a value of no bytes' },
    { key: Buffer.alloc(4), value: Buffer.alloc(5), says: 'a value of 5 bytes' },
  ])('with $says are refused', ({ key, value, says }) => {
    const batch = buildBatch([{ timestamp: 0, key, value }], { control: true })
    expect(() => readEndMarker(batch)).toThrow(says)
  })
})
