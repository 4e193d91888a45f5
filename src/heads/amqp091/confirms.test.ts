// Publisher confirms: each number is told once, with what became of it, in whatever order the messages are stored.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Confirms } from './confirms.ts'

function scene() {
  const told: [number, 'ack' | 'nack'][] = []
  const frames: string[] = []
  let last = 0
  const say = (what: 'ack' | 'nack') => (tag: number, multiple: boolean) => {
    frames.push(`${what} ${tag}${multiple ? ' multiple' : ''}`)
    const known = new Set(told.map(([one]) => one))
    for (let one = multiple ? 1 : tag; one <= tag; one++) if (!known.has(one)) told.push([one, what])
  }
  const confirms = new Confirms({
    ack: say('ack'),
    nack: say('nack'),
    wanted() {},
    refused() {},
  })
  const receipts = (count: number) =>
    Array.from({ length: count }, () => ({ tag: ++last, receipt: confirms.receipt() }))
  return { confirms, told, frames, receipts }
}

describe('confirms', () => {
  it('are one frame for a run that is stored together', () => {
    const { confirms, frames, receipts } = scene()
    for (const { receipt } of receipts(3)) receipt.done()
    confirms.tell()
    expect(frames).toEqual(['ack 3 multiple'])
    expect(confirms.waiting).toBe(0)
  })

  it('tell of each alone while an earlier one waits', () => {
    const { confirms, frames, receipts } = scene()
    const [first, second, third] = receipts(3)
    third?.receipt.done()
    second?.receipt.done(new Error('full'))
    confirms.tell()
    first?.receipt.done()
    confirms.tell()
    expect(frames).toEqual(['ack 3', 'nack 2', 'ack 1'])
  })

  it('tell nothing after their channel', () => {
    const { confirms, frames, receipts } = scene()
    const [one] = receipts(1)
    confirms.close()
    one?.receipt.done()
    confirms.tell()
    expect(frames).toEqual([])
  })

  it('tell each number once, with its own outcome', () => {
    const step = fc.record({ order: fc.nat(), fails: fc.boolean(), tells: fc.boolean() })
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 40 }), steps => {
        const { confirms, told, receipts } = scene()
        const waiting = receipts(steps.length)
        const outcomes: [number, 'ack' | 'nack'][] = []
        for (const { order, fails, tells } of steps) {
          const [one] = waiting.splice(order % waiting.length, 1)
          one?.receipt.done(fails ? new Error('full') : undefined)
          outcomes.push([one?.tag ?? 0, fails ? 'nack' : 'ack'])
          if (tells) confirms.tell()
        }
        confirms.tell()
        expect(told.sort(([a], [b]) => a - b)).toEqual(outcomes.sort(([a], [b]) => a - b))
        expect(confirms.waiting).toBe(0)
      }),
    )
  })
})
