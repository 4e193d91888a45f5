import { describe, expect, it } from 'vitest'
import type { NewRecord } from '../../log/record/builder.ts'
import { recordsOf } from '../../log/record/records.ts'
import { bytesOf, Outbox } from './outbox.ts'

const record = (text: string): NewRecord => ({ timestamp: 1, value: Buffer.from(text) })
const producer = { id: 9, epoch: 0 }

function filled(texts: readonly string[], batchBytes: number): Outbox<NewRecord> {
  const outbox = new Outbox<NewRecord>(0, batchBytes)
  for (const text of texts) outbox.add(record(text), bytesOf(record(text)), () => 0)
  outbox.seal()
  return outbox
}

/** Takes the next batch: its base sequence and values. */
function sent(outbox: Outbox<NewRecord>): string {
  const parcel = outbox.take()
  if (parcel === undefined) return 'nothing'
  const batch = outbox.encode(parcel, 'none', producer)
  const values = [...recordsOf(batch, { maxBytes: 1e6 })].map(one => String(one.value))
  return `${batch.baseSequence}:${values.join('')}`
}

describe('an outbox', () => {
  it('cuts batches by bytes and has one under way at a time', () => {
    const outbox = filled(['a', 'b', 'c', 'd', 'e'], bytesOf(record('a')) * 2)
    expect(sent(outbox)).toBe('0:ab')
    expect(sent(outbox)).toBe('nothing')
    outbox.acked()
    expect(sent(outbox)).toBe('2:cd')
    outbox.acked()
    expect(sent(outbox)).toBe('4:e')
    outbox.acked()
    expect(outbox.isEmpty).toBe(true)
  })

  it('sends a batch again with the same sequence, before all others (KIP-98)', () => {
    const outbox = filled(['a', 'b', 'c'], bytesOf(record('a')) * 2)
    expect(sent(outbox)).toBe('0:ab')
    outbox.putBack()
    expect(sent(outbox)).toBe('0:ab')
    outbox.acked()
    expect(sent(outbox)).toBe('2:c')
  })

  it('halves a batch that was too large, in order, down to one record', () => {
    const outbox = filled(['a', 'b', 'c'], 1e6)
    expect(sent(outbox)).toBe('0:abc')
    expect(outbox.split()).toBe(true)
    expect(sent(outbox)).toBe('0:a')
    expect(outbox.split()).toBe(false)
    outbox.acked()
    expect(sent(outbox)).toBe('1:bc')
  })

  it('takes a record that alone is larger than a batch', () => {
    const outbox = filled(['x'.repeat(100), 'y'], 10)
    expect(sent(outbox)).toBe(`0:${'x'.repeat(100)}`)
  })

  it('counts at least the bytes that a record takes', () => {
    const one = {
      timestamp: 1,
      key: Buffer.from('key'),
      value: Buffer.alloc(300),
      headers: [{ key: 'h', value: null }],
    }
    const outbox = new Outbox<NewRecord>(0, 1e6)
    for (let n = 0; n < 100; n++) outbox.add(one, bytesOf(one), () => 0)
    outbox.seal()
    const parcel = outbox.take()
    const batch = parcel && outbox.encode(parcel, 'none', undefined)
    expect((batch?.bytes ?? 0) - 61).toBeLessThanOrEqual(parcel?.bytes ?? 0)
  })
})
