// The contract of `append`: offsets, what is patched and what is not, order, fencing, and who is told.

import { describe, expect, it } from 'vitest'
import {
  appendAll,
  batchOf,
  type OpenStore,
  readAll,
  readBatches,
  readShape,
  refusalOf,
  story,
} from './opening.contract.ts'

export function appendContract(open: OpenStore): void {
  describe('append', () => {
    it(
      'numbers records densely from 0 and resolves with the base offset',
      story(open, async ({ store }) => {
        const log = await store.open('a')
        expect([log.start, log.end, log.nextOffset, log.bytes]).toEqual([0, 0, 0, 0])
        expect(await appendAll(log, [1, 3, 2])).toEqual([0, 1, 4])
        expect([log.start, log.end, log.nextOffset]).toEqual([0, 6, 6])
        expect(await readShape(log, 0)).toBe('0+1 1+3 4+2')
      }),
    )

    it(
      'patches base offset and epoch at once and leaves the rest byte for byte',
      story(open, async ({ store }) => {
        const log = await store.open('a')
        await log.append(batchOf(5))
        const batch = batchOf(2, { bytes: 300, fill: 'q' })
        const before = Buffer.from(batch.buffer)
        const done = log.append(batch)
        expect([batch.baseOffset, batch.leaderEpoch]).toEqual([5, log.epoch])
        expect(log.epoch).toBe(store.epoch)
        expect(await done).toBe(5)
        const [found] = await readBatches(log, 5)
        expect(found?.buffer.subarray(16)).toEqual(before.subarray(16))
        expect([found?.baseOffset, found?.leaderEpoch, found?.flaw()]).toEqual([5, store.epoch, undefined])
      }),
    )

    it(
      'keeps the order of the calls, however many are on their way, and resolves in that order',
      story(open, async ({ store }) => {
        const log = await store.open('a')
        const resolved: number[] = []
        const all = Array.from({ length: 50 }, (_, at) =>
          log
            .append(batchOf(1 + (at % 3), { bytes: at * 37, fill: `${at}` }))
            .then(base => resolved.push(base)),
        )
        expect(log.nextOffset).toBe(50 + 49)
        await Promise.all(all)
        expect(resolved).toEqual(resolved.toSorted((a, b) => a - b))
        expect(log.end).toBe(99)
        const batches = await readAll(log)
        expect(batches.map(batch => batch.baseOffset)).toEqual(resolved)
      }),
    )

    it(
      'keeps logs apart when many append at once',
      story(open, async ({ store }) => {
        const logs = await Promise.all(Array.from({ length: 20 }, (_, at) => store.open(`log ${at}`)))
        await Promise.all(
          logs.flatMap((log, at) =>
            Array.from({ length: 10 }, (_, turn) =>
              log.append(batchOf(1, { fill: `${at}/${turn};`, bytes: 60 })),
            ),
          ),
        )
        for (const [at, log] of logs.entries()) {
          const batches = await readAll(log)
          expect(batches.map(batch => batch.baseOffset)).toEqual(
            Array.from({ length: 10 }, (_, base) => base),
          )
          for (const [turn, batch] of batches.entries())
            expect(batch.buffer.includes(`${at}/${turn};${at}/${turn};`)).toBe(true)
        }
      }),
    )

    it(
      'shows to readers nothing beyond `end` while appends are on their way, and all that was acknowledged',
      story(open, async ({ store }) => {
        const log = await store.open('a')
        let acknowledged = 0
        const appends: Promise<void>[] = []
        for (let round = 0; round < 30; round++) {
          const base = log.nextOffset
          appends.push(
            log.append(batchOf(2, { bytes: 2000 })).then(offset => {
              expect(offset).toBe(base)
              acknowledged = offset + 2
              expect(log.end).toBeGreaterThanOrEqual(acknowledged)
            }),
          )
          const floor = acknowledged
          const slice = await log.read(0, 1 << 20)
          expect(slice.next).toBeGreaterThanOrEqual(floor)
          expect(slice.next).toBeLessThanOrEqual(log.end)
          expect(log.end).toBeLessThanOrEqual(log.nextOffset)
        }
        await Promise.all(appends)
        expect(log.end).toBe(60)
      }),
    )

    it(
      'takes batches larger than a segment, and many segments',
      story(open, async ({ store }) => {
        const log = await store.open('a', { segmentBytes: 4096 })
        const sizes = [10, 5000, 300, 20_000, 1, 3000, 3000, 1_000_000, 5]
        for (const bytes of sizes) await log.append(batchOf(1, { bytes }))
        const batches = await readAll(log)
        expect(batches.map(batch => batch.baseOffset)).toEqual(sizes.map((_, at) => at))
        expect(log.segments.length).toBeGreaterThan(3)
        expect(log.bytes).toBe(batches.reduce((sum, batch) => sum + batch.bytes, 0))
      }),
    )

    it(
      'refuses a fence that is not its epoch (LOG_FENCED), before anything is written',
      story(open, async ({ store }) => {
        const log = await store.open('a')
        expect(await log.append(batchOf(), store.epoch)).toBe(0)
        expect(await refusalOf(() => log.append(batchOf(), store.epoch - 1))).toBe('LOG_FENCED')
        expect(await refusalOf(() => log.append(batchOf(), store.epoch + 1))).toBe('LOG_FENCED')
        expect([log.end, log.nextOffset]).toEqual([1, 1])
      }),
    )

    it(
      'calls watchers after `end` moved, until they leave',
      story(open, async ({ store }) => {
        const log = await store.open('a')
        const ends: number[] = []
        const leave = log.watch(() => ends.push(log.end))
        await log.append(batchOf(2))
        expect(ends.at(-1)).toBe(2)
        leave()
        const seen = ends.length
        await log.append(batchOf(2))
        expect(ends).toHaveLength(seen)
      }),
    )
  })
}
