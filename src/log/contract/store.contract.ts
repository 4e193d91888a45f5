// The contract of the store: names, opening again, epochs, deleting and closing.

import { describe, expect, it } from 'vitest'
import {
  appendAll,
  batchOf,
  type OpenStore,
  readAll,
  readShape,
  refusalOf,
  shapeOf,
  story,
} from './opening.contract.ts'

const oddNames = [
  'a/b',
  '../up',
  '.',
  '..',
  '/',
  'a\\b',
  'con',
  'a b',
  'Ünïcode-日本-🐦',
  'e\u0301 and \u00e9',
  'A',
  'a',
  '%2F',
  'name.log',
  '*?"<>|:',
  'l'.repeat(512),
  '日'.repeat(512),
]

export function storeContract(open: OpenStore): void {
  describe('names', () => {
    it(
      'keeps logs of any name apart, and finds them again',
      story(open, async ({ store, reopen }) => {
        for (const [at, name] of oddNames.entries())
          await (await store.open(name)).append(batchOf(at + 1, { bytes: at + 1 }))
        expect(new Set(store.list())).toEqual(new Set(oddNames))
        const again = await reopen()
        expect([...again.list()].toSorted()).toEqual(oddNames.toSorted())
        for (const [at, name] of oddNames.entries()) {
          const log = await again.open(name)
          expect([log.name, log.end]).toEqual([name, at + 1])
        }
      }),
    )

    for (const name of ['', 'a\0b', 'a\nb', 'x'.repeat(100_000)])
      it(
        `refuses ${JSON.stringify(name.slice(0, 10))} of ${name.length} (LOG_NAME_INVALID)`,
        story(open, async ({ store }) => {
          expect(await refusalOf(() => store.open(name))).toBe('LOG_NAME_INVALID')
          expect([...store.list()]).toEqual([])
        }),
      )

    it(
      'gives the same object for an open log',
      story(open, async ({ store }) => {
        const [first, second] = await Promise.all([store.open('a'), store.open('a')])
        expect(first).toBe(second)
        expect(await store.open('a')).toBe(first)
      }),
    )

    it(
      'keeps a thousand logs',
      story(open, async ({ store, reopen }) => {
        const names = Array.from({ length: 1000 }, (_, at) => `log-${at}`)
        await Promise.all(
          names.map(async (name, at) => (await store.open(name)).append(batchOf(1 + (at % 5)))),
        )
        const again = await reopen()
        expect([...again.list()]).toHaveLength(1000)
        const ends = await Promise.all(names.map(async name => (await again.open(name)).end))
        expect(ends).toEqual(names.map((_, at) => 1 + (at % 5)))
      }),
    )
  })

  describe('reopen', () => {
    it(
      'finds everything as it was, byte for byte',
      story(open, async ({ store, reopen }) => {
        const log = await store.open('a', { segmentBytes: 5000 })
        for (let at = 0; at < 40; at++)
          await log.append(batchOf(1 + (at % 4), { bytes: at * 50, fill: `${at}` }))
        const before = (await readAll(log)).map(batch => Buffer.from(batch.buffer))
        const again = await (await reopen()).open('a')
        expect([again.start, again.end, again.bytes]).toEqual([0, 100, Buffer.concat(before).length])
        expect((await readAll(again)).map(batch => batch.buffer)).toEqual(before)
        expect(await again.append(batchOf())).toBe(100)
      }),
    )

    it(
      'keeps an empty log, and one that was never written to',
      story(open, async ({ store, reopen }) => {
        await store.open('empty')
        const again = await reopen()
        expect([...again.list()]).toEqual(['empty'])
        expect((await again.open('empty')).end).toBe(0)
      }),
    )

    it(
      'raises the epoch each time, stamps it, and remembers where each began (KIP-101)',
      story(open, async ({ store, reopen }) => {
        const epochs = [store.epoch]
        await appendAll(await store.open('a'), [2, 2])
        await store.open('quiet')
        let last = await reopen()
        epochs.push(last.epoch)
        last = await reopen()
        epochs.push(last.epoch)
        const log = await last.open('a')
        expect(log.epochs).toEqual([{ epoch: epochs[0], start: 0 }])
        await appendAll(log, [3, 3])
        expect(epochs).toEqual(epochs.toSorted((a, b) => a - b))
        expect(new Set(epochs).size).toBe(3)
        const table = [
          { epoch: epochs[0], start: 0 },
          { epoch: epochs[2], start: 4 },
        ]
        expect(log.epochs).toEqual(table)
        expect((await readAll(log)).map(one => one.leaderEpoch)).toEqual([0, 0, 2, 2].map(at => epochs[at]))
        last = await reopen()
        expect((await last.open('a')).epochs).toEqual(table)
        expect((await last.open('quiet')).epochs).toEqual([])
      }),
    )

    it(
      'forgets the epochs of what was trimmed',
      story(open, async ({ store, reopen }) => {
        await appendAll(await store.open('a'), [2, 2])
        const second = await reopen()
        const log = await second.open('a')
        await appendAll(log, [2, 2])
        await log.trim(6)
        expect(log.epochs.map(one => one.epoch)).toEqual([second.epoch])
        const third = await reopen()
        expect((await third.open('a')).epochs.map(one => one.epoch)).toEqual([second.epoch])
      }),
    )

    it(
      'reads what another epoch wrote after many openings',
      story(open, async ({ reopen }) => {
        for (let at = 0; at < 6; at++) {
          const log = await (await reopen()).open('a', { segmentBytes: 1000 })
          expect(log.end).toBe(at * 2)
          await appendAll(log, [1, 1], 400)
        }
        const log = await (await reopen()).open('a')
        expect(log.epochs).toHaveLength(6)
        expect((await readAll(log)).map(one => one.baseOffset)).toEqual(
          Array.from({ length: 12 }, (_, at) => at),
        )
      }),
    )
  })

  describe('delete', () => {
    it(
      'forgets a log, ends its object (LOG_DELETED), and tells its watchers',
      story(open, async ({ store, reopen }) => {
        const log = await store.open('a')
        await appendAll(log, [2])
        let told = 0
        log.watch(() => told++)
        await store.delete('a')
        expect(told).toBeGreaterThan(0)
        expect([...store.list()]).toEqual([])
        expect(await refusalOf(() => log.append(batchOf()))).toBe('LOG_DELETED')
        expect(await refusalOf(() => log.read(0, 100))).toBe('LOG_DELETED')
        expect([...(await reopen()).list()]).toEqual([])
      }),
    )

    it(
      'lets a new log of the same name begin at 0',
      story(open, async ({ store, reopen }) => {
        await appendAll(await store.open('a'), [2, 3], 500)
        await store.delete('a')
        const fresh = await store.open('a')
        expect([fresh.start, fresh.end]).toEqual([0, 0])
        await appendAll(fresh, [1])
        expect(shapeOf(await readAll(await (await reopen()).open('a')))).toBe('0+1')
      }),
    )

    it(
      'gives a new log to whoever opens the name after the call',
      story(open, async ({ store, reopen }) => {
        const log = await store.open('a')
        await appendAll(log, [2])
        const deleting = store.delete('a')
        const fresh = await store.open('a')
        await deleting
        expect([fresh.start, fresh.end]).toEqual([0, 0])
        expect(await refusalOf(() => log.append(batchOf()))).toBe('LOG_DELETED')
        await appendAll(fresh, [1])
        expect(shapeOf(await readAll(await (await reopen()).open('a')))).toBe('0+1')
      }),
    )

    it(
      'does nothing when there is none, and touches no other',
      story(open, async ({ store }) => {
        const log = await store.open('a')
        await appendAll(log, [2])
        await store.delete('b')
        expect(await readShape(log, 0)).toBe('0+2')
      }),
    )

    it(
      'forgets a log that this opening never opened',
      story(open, async ({ store, reopen }) => {
        await appendAll(await store.open('a'), [2])
        const second = await reopen()
        await second.delete('a')
        expect([...second.list()]).toEqual([])
        const third = await reopen()
        expect([...third.list()]).toEqual([])
        expect((await third.open('a')).end).toBe(0)
      }),
    )
  })

  describe('close', () => {
    it(
      'settles what was appended, and is idempotent',
      story(open, async ({ store, reopen }) => {
        const log = await store.open('a')
        const appends = Array.from({ length: 20 }, () => log.append(batchOf(1, { bytes: 3000 })))
        await Promise.all([store.close(), store.close()])
        expect(await Promise.all(appends)).toEqual(appends.map((_, at) => at))
        await store.close()
        expect((await (await reopen()).open('a')).end).toBe(20)
      }),
    )

    it(
      'ends every log (LOG_CLOSED) and tells its watchers',
      story(open, async ({ store }) => {
        const log = await store.open('a')
        await appendAll(log, [1])
        let told = 0
        log.watch(() => told++)
        await store.close()
        expect(told).toBeGreaterThan(0)
        expect(await refusalOf(() => log.append(batchOf()))).toBe('LOG_CLOSED')
        expect(await refusalOf(() => store.open('b'))).toBe('LOG_CLOSED')
        expect(await refusalOf(() => log.read(0, 100))).toBe('LOG_CLOSED')
      }),
    )
  })
}
