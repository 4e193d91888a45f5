import { describe, expect, it } from 'vitest'
import { buildBatch } from '../../log/record/builder.ts'
import { buildEndMarker } from '../../log/record/control.ts'
import { Visibility, wholeBatches } from './visible.ts'

const record = { timestamp: 1, value: Buffer.from('x') }

function batch(baseOffset: number, producerId = -1) {
  return buildBatch([record, record], { baseOffset, producerId, transactional: producerId >= 0 })
}

function marker(baseOffset: number, producerId: number, outcome: 'abort' | 'commit') {
  return buildEndMarker({
    outcome,
    producerId,
    producerEpoch: 0,
    coordinatorEpoch: 0,
    timestamp: 1,
    baseOffset,
  })
}

describe('whole batches', () => {
  const both = Buffer.concat([batch(0).buffer, batch(2).buffer])

  it('are given in order', () => {
    expect([...wholeBatches(both, 'p')].map(one => one.baseOffset)).toEqual([0, 2])
  })

  it.each([1, 11, 17, 60, 61, batch(0).bytes - 1])('leave out one of which only %i bytes came', bytes => {
    const cut = both.subarray(0, batch(0).bytes + bytes)
    expect([...wholeBatches(cut, 'p')].map(one => one.baseOffset)).toEqual([0])
  })

  it('are refused when damaged, and when of an older format', () => {
    const damaged = Buffer.from(both)
    damaged[70] = (damaged[70] ?? 0) ^ 1
    expect(() => [...wholeBatches(damaged, 'p')]).toThrow(/damaged batch: checksum/)
    const old = Buffer.from(both)
    old[16] = 1
    expect(() => [...wholeBatches(old, 'partition 0 of t')]).toThrow(
      'partition 0 of t holds records of format 1',
    )
  })
})

describe('what a committed reader sees (KIP-98)', () => {
  it('lacks the batches of an aborted transaction, up to its marker', () => {
    const seen = new Visibility([{ producerId: 7, firstOffset: 2 }])
    const story = [batch(0, 8), batch(2, 7), batch(4), batch(6, 7), marker(8, 7, 'abort'), batch(9, 7)]
    expect(story.filter(one => seen.isVisible(one)).map(one => one.baseOffset)).toEqual([0, 4, 9])
  })

  it('lacks markers also without any aborted transaction', () => {
    const seen = new Visibility(null)
    expect([batch(0, 7), marker(2, 7, 'commit')].map(one => seen.isVisible(one))).toEqual([true, false])
  })
})
