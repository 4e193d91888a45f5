// What is accepted from an idempotent producer (KIP-98, "Idempotent Producer Guarantees"; KIP-360), what a refusal of the
// store undoes, and what survives a snapshot.

import { describe, expect, it } from 'vitest'
import type { RecordBatch } from '../../log/index.ts'
import { buildBatch } from '../../log/record/builder.ts'
import { BrokerError } from '../errors.ts'
import { BATCHES_REMEMBERED, Producers } from './producers.ts'

interface Sent {
  readonly epoch?: number
  readonly sequence: number
  readonly count?: number
  readonly offset?: number
  readonly transactional?: boolean
  readonly producerId?: number
}

function batchOf({
  epoch = 0,
  sequence,
  count = 1,
  offset = sequence,
  transactional = false,
  producerId = 7,
}: Sent) {
  const records = Array.from({ length: count }, () => ({ timestamp: 0, value: Buffer.from('x') }))
  return buildBatch(records, {
    producerId,
    producerEpoch: epoch,
    baseSequence: sequence,
    baseOffset: offset,
    transactional,
  })
}

function having(...sent: readonly Sent[]): Producers {
  const producers = new Producers()
  for (const one of sent) producers.record(batchOf(one))
  return producers
}

function answerTo(producers: Producers, batch: RecordBatch): string {
  try {
    const repeated = producers.check(batch)
    return repeated === undefined ? 'new' : `repeats ${repeated.offset}`
  } catch (error) {
    return error instanceof BrokerError ? error.code : String(error)
  }
}

const MAX = 0x7fff_ffff
const gap = 'SEQUENCE_OUT_OF_ORDER'

describe('Producers: check', () => {
  it.each<[string, readonly Sent[], Sent, string]>([
    ['any first sequence of a producer it does not know', [], { sequence: 57 }, 'new'],
    ['the next sequence', [{ sequence: 0, count: 3 }], { sequence: 3 }, 'new'],
    ['a gap', [{ sequence: 0 }], { sequence: 2 }, gap],
    ['a repeat', [{ sequence: 0, count: 2, offset: 40 }], { sequence: 0, count: 2 }, 'repeats 40'],
    ['a repeat with another end', [{ sequence: 0, count: 2 }], { sequence: 0, count: 1 }, gap],
    ['the sequence after the largest', [{ sequence: MAX }], { sequence: 0 }, 'new'],
    ['a batch over the largest', [{ sequence: MAX, count: 3 }], { sequence: 2 }, 'new'],
    [
      'a repeat of such a batch',
      [{ sequence: MAX, count: 3, offset: 9 }],
      { sequence: MAX, count: 3 },
      'repeats 9',
    ],
    ['an older epoch', [{ epoch: 2, sequence: 0 }], { epoch: 1, sequence: 1 }, 'PRODUCER_FENCED'],
    ['a newer epoch from 0', [{ sequence: 5 }], { epoch: 1, sequence: 0 }, 'new'],
    ['a newer epoch from elsewhere', [{ sequence: 5 }], { epoch: 1, sequence: 6 }, gap],
    [
      'a repeat in its own epoch',
      [
        { sequence: 0, offset: 3 },
        { epoch: 1, sequence: 0, offset: 9 },
      ],
      { epoch: 1, sequence: 0 },
      'repeats 9',
    ],
    [
      'a repeat of the epoch before',
      [{ sequence: 0 }, { epoch: 1, sequence: 0 }],
      { sequence: 0 },
      'PRODUCER_FENCED',
    ],
  ])('answers %s', (_, sent, next, answer) => {
    expect(answerTo(having(...sent), batchOf(next))).toBe(answer)
  })

  it(`remembers ${BATCHES_REMEMBERED} batches and takes an older one for a gap`, () => {
    const producers = having(
      ...Array.from({ length: BATCHES_REMEMBERED + 1 }, (_, sequence) => ({ sequence })),
    )
    expect(answerTo(producers, batchOf({ sequence: 1 }))).toBe('repeats 1')
    expect(answerTo(producers, batchOf({ sequence: 0 }))).toBe(gap)
  })

  it('counts sequences by offsets, for compaction takes records away and keeps the range', () => {
    const compacted = buildBatch([{ timestamp: 0, value: null }], {
      producerId: 7,
      producerEpoch: 0,
      baseSequence: 10,
      lastOffsetDelta: 4,
    })
    const producers = new Producers()
    producers.record(compacted)
    expect(answerTo(producers, batchOf({ sequence: 15 }))).toBe('new')
    expect(answerTo(producers, batchOf({ sequence: 11 }))).toBe(gap)
  })
})

describe('Producers: end', () => {
  it('goes on with the sequence after a marker of the same epoch', () => {
    const producers = having({ sequence: 0, transactional: true, offset: 3 })
    expect(producers.end(7, 0, 1, 5)).toBe(3)
    expect(answerTo(producers, batchOf({ sequence: 1 }))).toBe('new')
    expect(answerTo(producers, batchOf({ sequence: 2 }))).toBe(gap)
  })

  it('begins at 0 after a marker that fences, and refuses the epoch before', () => {
    const producers = having({ sequence: 0, transactional: true })
    producers.end(7, 1, 1, 5)
    expect(answerTo(producers, batchOf({ sequence: 1 }))).toBe('PRODUCER_FENCED')
    expect(answerTo(producers, batchOf({ epoch: 1, sequence: 1 }))).toBe(gap)
    expect(answerTo(producers, batchOf({ epoch: 1, sequence: 0 }))).toBe('new')
  })

  it('knows nothing of the sequences of a producer of whom only a marker is left', () => {
    const producers = new Producers()
    expect(producers.end(7, 0, 1, 5)).toBeUndefined()
    expect(answerTo(producers, batchOf({ sequence: 57 }))).toBe('new')
  })

  it('knows the first of the open transactions', () => {
    const producers = having(
      { producerId: 1, sequence: 0, offset: 4, transactional: true },
      { producerId: 2, sequence: 0, offset: 5, transactional: true },
      { producerId: 1, sequence: 1, offset: 6, transactional: true },
    )
    expect(producers.firstOpen).toBe(4)
    producers.end(1, 0, 1, 5)
    expect(producers.firstOpen).toBe(5)
    producers.end(2, 0, 1, 5)
    expect(producers.firstOpen).toBeUndefined()
  })
})

describe('Producers: undoFrom', () => {
  it('expects the refused batch again, so that what was sent behind it makes no gap', () => {
    const producers = having({ sequence: 0 }, { sequence: 1 }, { sequence: 2 })
    producers.undoFrom(1)
    expect(answerTo(producers, batchOf({ sequence: 2 }))).toBe(gap)
    expect(answerTo(producers, batchOf({ sequence: 1 }))).toBe('new')
    const first = having({ sequence: 0 })
    first.undoFrom(0)
    expect(answerTo(first, batchOf({ sequence: 1 }))).toBe(gap)
  })

  it('closes a transaction whose first batch was refused, and no other', () => {
    const producers = having(
      { producerId: 1, sequence: 0, offset: 4, transactional: true },
      { producerId: 2, sequence: 0, offset: 5, transactional: true },
    )
    producers.undoFrom(5)
    expect(producers.get(2)?.openSince).toBeUndefined()
    expect(producers.firstOpen).toBe(4)
  })
})

describe('Producers: knownAt and restore', () => {
  it('keeps only what is below the end', () => {
    const kept = having({ sequence: 0 }, { sequence: 1, transactional: true }).knownAt(1)
    expect(kept).toMatchObject([{ nextSequence: 1, openSince: undefined, batches: [{ offset: 0 }] }])
  })

  it('comes back from JSON in the order of the transactions, and without what it knew before', () => {
    const kept = having(
      { producerId: 2, sequence: 0, offset: 4, transactional: true },
      { producerId: 1, sequence: 0, offset: 5, transactional: true },
    ).knownAt(9)
    const producers = having({ producerId: 3, sequence: 0, offset: 1, transactional: true })
    producers.restore(JSON.parse(JSON.stringify(kept.reverse())))
    expect(producers.size).toBe(2)
    expect(producers.firstOpen).toBe(4)
    expect(answerTo(producers, batchOf({ producerId: 1, sequence: 0, offset: 5 }))).toBe('repeats 5')
  })

  it('forgets idle producers, but none with an open transaction', () => {
    const producers = having(
      { producerId: 1, sequence: 0 },
      { producerId: 2, sequence: 0, transactional: true },
    )
    producers.expire(1)
    expect([...producers.list()].map(one => one.producerId)).toEqual([2])
  })
})
