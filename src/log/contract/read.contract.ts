// The contract of `read` and `seek`.

import { describe, expect, it } from 'vitest'
import { batchesOf } from '../record/batch.ts'
import { appendAll, batchOf, type OpenStore, readShape, refusalOf, story, T0 } from './opening.contract.ts'

/** A log of batches 0+3 3+1 4+4 8+2, each of the same size. */
const counts = [3, 1, 4, 2]

export function readContract(open: OpenStore): void {
  describe('read', () => {
    const cases = [
      ['the whole log from its start', 0, 1 << 20, '0+3 3+1 4+4 8+2'],
      ['the whole batch that an offset in its middle belongs to', 5, 1 << 20, '4+4 8+2'],
      ['the last record of a batch', 7, 1 << 20, '4+4 8+2'],
      ['the first record of a batch', 8, 1 << 20, '8+2'],
      ['one batch at least, even with no room for it', 3, 1, '3+1'],
      ['one batch at least, even for no bytes', 3, 0, '3+1'],
      ['nothing at the end', 10, 1 << 20, ''],
    ] as const
    for (const [what, from, maxBytes, shape] of cases)
      for (const segmentBytes of [1 << 20, 500])
        it(
          `gives ${what} (segments of ${segmentBytes})`,
          story(open, async ({ store }) => {
            const log = await store.open('a', { segmentBytes })
            await appendAll(log, counts, 400)
            expect(await readShape(log, from, maxBytes)).toBe(shape)
          }),
        )

    it(
      'stops at `maxBytes`, and says where it began, where to go on, and how much it is',
      story(open, async ({ store }) => {
        const log = await store.open('a', { segmentBytes: 3000 })
        await appendAll(log, [2, 2, 2, 2, 2, 2, 2, 2], 1000)
        for (let from = 0; from <= log.end; from++)
          for (const maxBytes of [0, 1, 1000, 1100, 2200, 5000, 1 << 20]) {
            const slice = await log.read(from, maxBytes)
            const batches = slice.chunks.flatMap(chunk => [...batchesOf(chunk)])
            const bytes = slice.chunks.reduce((sum, chunk) => sum + chunk.length, 0)
            expect(slice.bytes).toBe(bytes)
            expect(slice.next).toBe(batches.length === 0 ? from : (batches.at(-1)?.lastOffset ?? 0) + 1)
            expect(slice.start).toBe(batches.length === 0 ? slice.next : batches[0]?.baseOffset)
            expect(slice.start).toBe(from < log.end ? from - (from % 2) : from)
            if (batches.length > 1) expect(bytes).toBeLessThanOrEqual(maxBytes)
          }
      }),
    )

    it(
      'refuses offsets outside of [start, end] (LOG_OFFSET_OUT_OF_RANGE)',
      story(open, async ({ store }) => {
        const log = await store.open('a')
        await appendAll(log, counts)
        expect(await refusalOf(() => log.read(11, 100))).toBe('LOG_OFFSET_OUT_OF_RANGE')
        expect(await refusalOf(() => log.read(-1, 100))).toBe('LOG_OFFSET_OUT_OF_RANGE')
        expect(await refusalOf(() => log.read(10, 100))).toBe('no error')
      }),
    )

    it(
      'gives an empty slice of an empty log',
      story(open, async ({ store }) => {
        const log = await store.open('a')
        expect(await log.read(0, 100)).toEqual({ chunks: [], bytes: 0, start: 0, next: 0 })
      }),
    )
  })

  describe('seek', () => {
    for (const segmentBytes of [1 << 20, 500])
      it(
        `finds the first batch that may hold a record of at least a time (segments of ${segmentBytes})`,
        story(open, async ({ store }) => {
          const log = await store.open('a', { segmentBytes })
          expect(await log.seek(T0)).toBeUndefined()
          for (const at of [10, 20, 20, 15, 40]) await log.append(batchOf(2, { at: T0 + at, bytes: 300 }))
          // `may hold`: an engine with a sparse index may answer earlier than the best, never later.
          for (const [at, best] of [
            [0, 0],
            [10, 0],
            [11, 2],
            [20, 2],
            [21, 8],
            [40, 8],
          ] as const) {
            const found = await log.seek(T0 + at)
            expect(found, `at ${at}`).toBeDefined()
            expect(found, `at ${at}`).toBeLessThanOrEqual(best)
          }
          expect(await log.seek(T0 + 41)).toBeUndefined()
          await log.trim(4)
          expect(await log.seek(T0)).toBe(4)
        }),
      )
  })
}
