import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Run, Runs } from './runs.ts'

const idle = (from: number, to: number, count = 0): Run => ({
  ...{ from, to, count },
  ...{ holder: undefined, until: Number.POSITIVE_INFINITY },
})
const held = (from: number, to: number, holder = 'm', until = 5): Run => ({
  from,
  to,
  count: 1,
  holder,
  until,
})
const shown = (runs: Runs) =>
  [...runs].map(({ from, to, holder = '-', count }) => `${from}-${to} ${holder}${count}`)

describe('runs', () => {
  it('joins neighbours that are alike, and no others', () => {
    const runs = new Runs()
    for (const run of [idle(0, 5), idle(5, 7), held(7, 9), held(10, 12), held(12, 13, 'n')]) runs.push(run)
    expect(shown(runs)).toEqual(['0-7 -0', '7-9 m1', '10-12 m1', '12-13 n1'])
    expect([runs.offsets, runs.available, runs.firstAvailable, runs.nextDue]).toEqual([12, 7, 0, 5])
  })

  it('cuts what is changed in the middle, and joins it again', () => {
    const runs = new Runs()
    runs.push(held(0, 10))
    runs.replace(3, 5, piece => ({ ...piece, holder: undefined, until: Number.POSITIVE_INFINITY }))
    expect(shown(runs)).toEqual(['0-3 m1', '3-5 -1', '5-10 m1'])
    runs.replace(3, 5, piece => held(piece.from, piece.to))
    expect(shown(runs)).toEqual(['0-10 m1'])
    runs.replace(0, 4, () => undefined)
    runs.replace(9, 20, () => undefined)
    expect(shown(runs)).toEqual(['4-9 m1'])
    expect(runs.within(0, 6)).toEqual([held(4, 6)])
  })

  it('is what a table of single offsets would be', () => {
    const step = fc.record({
      from: fc.nat(40),
      length: fc.nat(12),
      to: fc.constantFrom('gone', 'idle', 'a', 'b'),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), steps => {
        const runs = new Runs()
        const model = new Map<number, string>()
        runs.push(held(0, 40, 'a'))
        for (let offset = 0; offset < 40; offset++) model.set(offset, 'a')
        for (const { from, length, to } of steps) {
          runs.replace(from, from + length, piece =>
            to === 'gone'
              ? undefined
              : { ...piece, holder: to === 'idle' ? undefined : to, until: to === 'idle' ? Infinity : 5 },
          )
          for (let offset = from; offset < from + length; offset++)
            if (to === 'gone') model.delete(offset)
            else if (model.has(offset)) model.set(offset, to)
        }
        const seen = new Map<number, string>()
        for (const run of runs)
          for (let offset = run.from; offset < run.to; offset++) seen.set(offset, run.holder ?? 'idle')
        expect(seen).toEqual(model)
        expect(runs.offsets).toBe(model.size)
        const free = [...model].filter(([, one]) => one === 'idle').map(([offset]) => offset)
        expect(runs.available).toBe(free.length)
        expect(runs.firstAvailable).toBe(free[0])
        const list = [...runs]
        list.forEach((run, at) => {
          const next = list[at + 1]
          expect(run.to > run.from && (next === undefined || run.to <= next.from)).toBe(true)
          if (next?.from === run.to) expect(next.holder).not.toBe(run.holder)
        })
      }),
      { numRuns: 200 },
    )
  })
})
