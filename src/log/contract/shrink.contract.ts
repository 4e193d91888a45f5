// The contract of what makes a log smaller: `trim`, `roll` and `rewrite`.

import { describe, expect, it } from 'vitest'
import type { Log } from '../log.ts'
import {
  appendAll,
  batchOf,
  copyOf,
  type OpenStore,
  readAll,
  readBatches,
  readShape,
  refusalOf,
  shapeOf,
  story,
  stream,
} from './opening.contract.ts'

export function shrinkContract(open: OpenStore): void {
  describe('trim', () => {
    it(
      'moves `start` at once, refuses reads below it, and tells watchers',
      story(open, async ({ store }) => {
        const log = await store.open('a')
        await appendAll(log, [3, 3, 3])
        const starts: number[] = []
        log.watch(() => starts.push(log.start))
        const done = log.trim(4)
        expect(log.start).toBe(4)
        await done
        expect(starts).toContain(4)
        expect(await refusalOf(() => log.read(3, 100))).toBe('LOG_OFFSET_OUT_OF_RANGE')
        expect(await readShape(log, 4)).toBe('3+3 6+3')
        expect([log.end, log.nextOffset]).toEqual([9, 9])
      }),
    )

    it(
      'never moves back, and takes everything up to the end',
      story(open, async ({ store }) => {
        const log = await store.open('a')
        await appendAll(log, [3, 3])
        await log.trim(5)
        await log.trim(2)
        expect(log.start).toBe(5)
        await log.trim(6)
        expect([log.start, log.end]).toEqual([6, 6])
        expect(await readShape(log, 6)).toBe('')
        expect(await log.append(batchOf(2))).toBe(6)
        expect(await readShape(log, 6)).toBe('6+2')
      }),
    )

    it(
      'gives space back by whole segments',
      story(open, async ({ store }) => {
        const log = await store.open('a', { segmentBytes: 2000 })
        await appendAll(
          log,
          Array.from({ length: 20 }, () => 1),
          900,
        )
        const before = { bytes: log.bytes, segments: log.segments.length }
        await log.trim(15)
        expect(log.segments.length).toBeLessThan(before.segments)
        expect(log.bytes).toBeLessThan(before.bytes)
        expect(log.segments[0]?.end).toBeGreaterThan(15)
        expect(shapeOf(await readAll(log))).toBe('15+1 16+1 17+1 18+1 19+1')
      }),
    )

    it(
      'refuses a place beyond the end',
      story(open, async ({ store }) => {
        const log = await store.open('a')
        await appendAll(log, [3])
        expect(await refusalOf(() => log.trim(4))).toBe('LOG_OFFSET_OUT_OF_RANGE')
        expect(log.start).toBe(0)
      }),
    )

    it(
      'survives opening again, with nothing left and with something',
      story(open, async ({ store, reopen }) => {
        const [half, whole] = [await store.open('half'), await store.open('whole')]
        await appendAll(half, [3, 3])
        await appendAll(whole, [3, 3])
        await half.trim(4)
        await whole.trim(6)
        const again = await reopen()
        const [first, second] = [await again.open('half'), await again.open('whole')]
        expect([first.start, first.end, second.start, second.end]).toEqual([4, 6, 6, 6])
        expect(await second.append(batchOf())).toBe(6)
      }),
    )
  })

  describe('roll', () => {
    it(
      'seals the segment being written, and an empty one never',
      story(open, async ({ store }) => {
        const log = await store.open('a')
        await log.roll()
        expect(log.segments.filter(one => one.sealed)).toHaveLength(0)
        await appendAll(log, [2, 2])
        await log.roll()
        await log.roll()
        await appendAll(log, [3])
        const sealed = log.segments.filter(one => one.sealed)
        expect(sealed.map(({ base, end }) => [base, end])).toEqual([[0, 4]])
        expect(log.segments.at(-1)).toMatchObject({ base: 4, sealed: false })
        expect(await readShape(log, 0)).toBe('0+2 2+2 4+3')
      }),
    )

    it(
      'says of no segment that it is sealed before its batches are durable',
      story(open, async ({ store }) => {
        const log = await store.open('a', { segmentBytes: 1000 })
        const appends = Array.from({ length: 6 }, () => log.append(batchOf(2, { bytes: 900 })))
        for (const one of log.segments) expect(one.end).toBeLessThanOrEqual(log.end)
        await Promise.all(appends)
        expect(log.segments.filter(one => one.sealed).map(one => one.end)).toEqual([2, 4, 6, 8, 10])
      }),
    )

    it(
      'seals by the size that the options say at the time, also of a log opened again',
      story(open, async ({ store, reopen }) => {
        const options = { segmentBytes: 10_000 }
        const live = {
          get segmentBytes() {
            return options.segmentBytes
          },
        }
        const sealed = (log: Log) => log.segments.filter(one => one.sealed).length
        const log = await store.open('a', live)
        await appendAll(log, [1, 1, 1], 900)
        expect(sealed(log)).toBe(0)
        options.segmentBytes = 1000
        await store.open('a')
        await appendAll(log, [1, 1], 900)
        expect(sealed(log)).toBe(2)
        const again = await (await reopen()).open('a', live)
        const before = sealed(again)
        await appendAll(again, [1, 1], 900)
        expect(sealed(again)).toBe(before + 2)
      }),
    )

    it(
      'reports segments that lie side by side and add up',
      story(open, async ({ store, reopen }) => {
        await appendAll(await store.open('a', { segmentBytes: 1500 }), [1, 2, 3, 4, 5, 6], 700)
        const check = ({ segments, end, bytes }: Log) => {
          expect(segments[0]?.base).toBe(0)
          for (const [at, one] of segments.entries()) if (at > 0) expect(one.base).toBe(segments[at - 1]?.end)
          expect(segments.at(-1)?.end).toBe(end)
          expect(segments.reduce((sum, one) => sum + one.bytes, 0)).toBe(bytes)
          expect(segments.length).toBeGreaterThan(2)
        }
        check(await store.open('a'))
        check(await (await reopen()).open('a'))
      }),
    )
  })

  describe('rewrite', () => {
    it(
      'leaves gaps in the offsets, over which reads go on',
      story(open, async ({ store, reopen }) => {
        const log = await sealedLog(store.open('a'))
        const kept = (await readBatches(log, 0))
          .filter(batch => [2, 6].includes(batch.baseOffset))
          .map(copyOf)
        const before = log.bytes
        await log.rewrite(0, stream(kept))
        expect(log.bytes).toBeLessThan(before)
        const check = async (one: Log) => {
          expect([one.start, one.end, one.nextOffset]).toEqual([0, 12, 12])
          expect(await readShape(one, 0)).toBe('2+2 6+2 10+2')
          expect(await readShape(one, 4)).toBe('6+2 10+2')
          expect(await readShape(one, 8, 1)).toBe('10+2')
          expect(shapeOf(await readAll(one, 0, 1))).toBe('2+2 6+2 10+2')
        }
        await check(log)
        await check(await (await reopen()).open('a'))
      }),
    )

    it(
      'can leave nothing of a segment',
      story(open, async ({ store, reopen }) => {
        const log = await sealedLog(store.open('a'))
        await log.rewrite(0, stream([]))
        expect(await readShape(log, 0)).toBe('10+2')
        expect(await log.append(batchOf(1))).toBe(12)
        const again = await (await reopen()).open('a')
        expect(shapeOf(await readAll(again))).toBe('10+2 12+1')
      }),
    )

    it(
      'goes on with what was appended meanwhile',
      story(open, async ({ store }) => {
        const log = await sealedLog(store.open('a'))
        const [first] = await readBatches(log, 0)
        const slow = async function* () {
          await log.append(batchOf(4))
          if (first) yield copyOf(first)
          await log.append(batchOf(1))
        }
        await log.rewrite(0, slow())
        expect(shapeOf(await readAll(log))).toBe('0+2 10+2 12+4 16+1')
      }),
    )

    it(
      'keeps the old segment when the batches end with an error, and can be tried again',
      story(open, async ({ store, reopen }) => {
        const log = await sealedLog(store.open('a'))
        const [first] = await readBatches(log, 0)
        const failing = async function* () {
          if (first) yield copyOf(first)
          throw Object.assign(new Error('read failed'), { code: 'EIO', syscall: 'read' })
        }
        await expect(log.rewrite(0, failing())).rejects.toThrow('read failed')
        expect(shapeOf(await readAll(log))).toBe('0+2 2+2 4+2 6+2 8+2 10+2')
        expect(await log.append(batchOf(1))).toBe(12)
        await log.rewrite(0, stream(first ? [copyOf(first)] : []))
        expect(shapeOf(await readAll(log))).toBe('0+2 10+2 12+1')
        const again = await (await reopen()).open('a')
        expect(shapeOf(await readAll(again))).toBe('0+2 10+2 12+1')
      }),
    )

    it(
      'is refused when the log is deleted meanwhile (LOG_DELETED), and the store goes on',
      story(open, async ({ store }) => {
        const log = await sealedLog(store.open('a'))
        const batches = await readBatches(log, 0)
        const deleting = async function* () {
          await store.delete('a')
          yield* batches.slice(0, 2).map(copyOf)
        }
        expect(await refusalOf(() => log.rewrite(0, deleting()))).toBe('LOG_DELETED')
        expect(await (await store.open('b')).append(batchOf(1))).toBe(0)
      }),
    )

    it(
      'is refused for what is not a sealed segment',
      story(open, async ({ store }) => {
        const log = await sealedLog(store.open('a'))
        expect(await refusalOf(() => log.rewrite(10, stream([])))).not.toBe('no error')
        expect(await refusalOf(() => log.rewrite(1, stream([])))).not.toBe('no error')
        expect(await readShape(log, 0)).toBe('0+2 2+2 4+2 6+2 8+2 10+2')
      }),
    )
  })
}

/** Ten records in a sealed segment, two after it. */
async function sealedLog(opening: Promise<Log>): Promise<Log> {
  const log = await opening
  await appendAll(log, [2, 2, 2, 2, 2], 200)
  await log.roll()
  await appendAll(log, [2], 200)
  return log
}
