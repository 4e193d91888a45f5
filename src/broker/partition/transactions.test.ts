// The list of aborted transactions that a committed reader gets with a range (KIP-98, "Fetching committed records"), and
// the last stable offset as a partition gives it.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openMemoryStore } from '../../log/memory/store.ts'
import { buildBatch } from '../../log/record/builder.ts'
import { buildEndMarker } from '../../log/record/control.ts'
import { ManualWorld } from '../../world/index.ts'
import { Broker } from '../broker.ts'
import { AbortedTransactions } from './transactions.ts'

describe('AbortedTransactions', () => {
  const list = new AbortedTransactions()
  list.add({ producerId: 1, firstOffset: 0, lastOffset: 4, stableAfter: 2 })
  list.add({ producerId: 2, firstOffset: 2, lastOffset: 6, stableAfter: 7 })
  list.add({ producerId: 3, firstOffset: 7, lastOffset: 8, stableAfter: 9 })

  it.each([
    [0, 1, [1]],
    [0, 3, [1, 2]],
    [4, 5, [1, 2]],
    [5, 7, [2]],
    [5, 8, [2, 3]],
    [9, 99, []],
  ])('gives those with batches within [%i, %i)', (from, to, producers) => {
    expect(list.within(from, to).map(one => one.producerId)).toEqual(producers)
  })

  it('forgets what ended below the start', () => {
    const own = new AbortedTransactions()
    own.restore(list.list())
    own.trim(5)
    expect(own.list().map(one => one.producerId)).toEqual([2, 3])
  })

  it('stops early without missing one, whatever the transactions', () => {
    const history = fc.array(fc.tuple(fc.nat(3), fc.boolean()), { maxLength: 40 })
    fc.assert(
      fc.property(history, fc.nat(40), fc.nat(40), (steps, from, length) => {
        const { aborted, all } = play(steps)
        const to = from + length
        const expected = all.filter(one => one.lastOffset >= from && one.firstOffset < to)
        expect(aborted.within(from, to)).toEqual(expected)
      }),
    )
  })
})

/** Each step writes a batch of a producer, or ends its transaction when it has one. */
function play(steps: readonly (readonly [producer: number, ends: boolean])[]) {
  const aborted = new AbortedTransactions()
  const open = new Map<number, number>()
  for (const [offset, [producerId, ends]] of steps.entries()) {
    const firstOffset = open.get(producerId)
    if (!ends || firstOffset === undefined) {
      if (firstOffset === undefined) open.set(producerId, offset)
      continue
    }
    open.delete(producerId)
    aborted.add({
      producerId,
      firstOffset,
      lastOffset: offset,
      stableAfter: Math.min(offset + 1, ...open.values()),
    })
  }
  return { aborted, all: aborted.list() }
}

describe('Partition: last stable offset', () => {
  async function open() {
    const memory = openMemoryStore()
    const broker = await Broker.open({ store: memory, world: new ManualWorld() })
    const [partition] = (await broker.topics.create({ name: 't', partitions: 1 })).partitions
    if (partition === undefined) throw new Error('no partition')
    return { memory, broker, partition }
  }
  const written = (sequence: number, producerId = 1) =>
    buildBatch([{ timestamp: 0, value: Buffer.from('x') }], {
      producerId,
      producerEpoch: 0,
      baseSequence: sequence,
      transactional: true,
    })
  const marker = (outcome: 'commit' | 'abort', producerId = 1) =>
    buildEndMarker({ outcome, producerId, producerEpoch: 0, coordinatorEpoch: 0, timestamp: 0 })

  it('is right for a reader that an append wakes', async () => {
    const { partition } = await open()
    const seen: number[] = []
    partition.watch(() => seen.push(partition.lastStableOffset))
    await partition.append(written(0))
    await partition.append(written(1))
    await partition.appendMarker(marker('commit'))
    expect(seen).toEqual([0, 0, 3])
  })

  it('never lies below the start of the log', async () => {
    const { partition } = await open()
    await partition.append(written(0))
    await partition.append(written(1))
    await partition.trim(1)
    expect(partition.lastStableOffset).toBe(1)
  })

  it.each(['with a snapshot', 'without one'])('is the same after a restart %s', async how => {
    const { memory, partition } = await open()
    await partition.append(written(0, 1))
    await partition.append(written(0, 2))
    await partition.append(written(0, 3))
    if (how === 'with a snapshot') await partition.snapshot()
    await partition.appendMarker(marker('abort', 1))
    await partition.appendMarker(marker('commit', 3))
    const aborted = partition.abortedWithin(0, 9)
    await memory.close()
    const again = await Broker.open({ store: openMemoryStore({ from: memory }), world: new ManualWorld() })
    const same = again.topics.partition('t', 0)
    await same?.warm()
    expect(same?.lastStableOffset).toBe(1)
    expect(same?.abortedWithin(0, 9)).toEqual(aborted)
    expect(aborted).toMatchObject([{ producerId: 1, firstOffset: 0, lastOffset: 3 }])
  })
})
