// The cursor log: what was settled comes back, whatever the log went through: snapshots, a full disk, cursors that went.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openMemoryStore } from '../../log/index.ts'
import { ManualWorld } from '../../world/index.ts'
import { fillable } from '../fillable.contract.ts'
import { OffsetRanges } from './offset-ranges.ts'
import { settled as turns } from './scene.contract.ts'
import { packSettlement, unpackSettlement } from './settlement-format.ts'
import {
  CURSOR_LOG,
  freshState,
  type SettledState,
  type SettlementChange,
  Settlements,
} from './settlements.ts'

/** A cursor that settles what it is told. */
class Cursor {
  readonly name: string
  readonly state: SettledState
  readonly #unsaved = new OffsetRanges()
  kept = () => {}

  constructor(name: string, state = freshState()) {
    this.name = name
    this.state = state
  }
  settle(from: number, to: number): void {
    this.state.settled.add(from, to)
    this.state.cursor = this.state.settled.absorb(this.state.cursor)
    this.#unsaved.add(from, to)
  }
  takeChange(): SettlementChange {
    const settled = [...this.#unsaved]
    this.#unsaved.clear()
    return { cursor: this.state.cursor, acquiredUpTo: this.state.acquiredUpTo, settled, failures: [] }
  }
  refused({ settled }: SettlementChange): void {
    for (const { from, to } of settled) this.#unsaved.add(from, to)
  }
}

const shown = ({ cursor, settled }: SettledState) => ({ cursor, settled: [...settled] })

describe('a settlement', () => {
  const offset = fc.oneof(fc.nat(1000), fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER - 2000 }))
  it('comes back from its bytes', () => {
    fc.assert(
      fc.property(
        offset,
        fc.array(fc.tuple(offset, fc.integer({ min: 1, max: 1000 }))),
        fc.array(fc.tuple(offset, fc.nat(100))),
        (cursor, ranges, failed) => {
          const settled = new OffsetRanges()
          for (const [from, length] of ranges) settled.add(from, from + length)
          const failures = [...new Map(failed)].sort(([a], [b]) => a - b)
          const change = { cursor, acquiredUpTo: cursor, settled: [...settled], failures }
          expect(unpackSettlement(packSettlement(change))).toEqual(change)
        },
      ),
    )
  })
})

describe('the cursor log', () => {
  it('gives back what was settled, and forgets what was removed', async () => {
    const store = openMemoryStore()
    const settlements = await Settlements.open(store, new ManualWorld())
    const [a, b] = [new Cursor('a'), new Cursor('b')]
    for (const one of [a, b]) settlements.add(one)
    a.settle(0, 3)
    a.settle(7, 9)
    b.settle(0, 1)
    for (const one of [a, b]) settlements.touch(one)
    await settlements.flush()
    a.settle(3, 5)
    settlements.touch(a)
    settlements.remove('b')
    await settlements.close()
    const again = await Settlements.open(store, new ManualWorld())
    expect(shown(again.restore('a'))).toEqual({ cursor: 5, settled: [{ from: 7, to: 9 }] })
    expect(shown(again.restore('b'))).toEqual({ cursor: 0, settled: [] })
  })

  it('writes one batch for all that was settled while the last was on its way', async () => {
    const store = openMemoryStore()
    const settlements = await Settlements.open(store, new ManualWorld())
    const cursors = Array.from({ length: 100 }, (_, n) => new Cursor(`c${n}`))
    for (const one of cursors) {
      settlements.add(one)
      for (let offset = 0; offset < 10; offset++) {
        one.settle(offset, offset + 1)
        settlements.touch(one)
      }
    }
    await settlements.flush()
    expect((await store.open(CURSOR_LOG)).end).toBe(100) // a record for each cursor
  })

  it('stays small, and says the same, when it has grown', async () => {
    const store = openMemoryStore()
    const settlements = await Settlements.open(store, new ManualWorld())
    const cursors = Array.from({ length: 2000 }, (_, n) => new Cursor(`cursor-with-a-long-name-${n}`))
    for (const one of cursors) settlements.add(one)
    for (let round = 0; round < 250; round++) {
      for (const one of cursors) {
        one.settle(round * 2, round * 2 + 1)
        settlements.touch(one)
      }
      await settlements.flush()
    }
    const log = await store.open(CURSOR_LOG)
    expect(log.bytes).toBeLessThan(40 * 1024 * 1024)
    expect(log.start).toBeGreaterThan(0)
    await settlements.close()
    const again = await Settlements.open(store, new ManualWorld())
    for (const one of cursors) expect(shown(again.restore(one.name))).toEqual(shown(one.state))
  })

  it('keeps in memory what a full disk refuses, and writes it when there is room', async () => {
    const world = new ManualWorld()
    let isFull = false
    const store = fillable(openMemoryStore(), () => isFull)
    const settlements = await Settlements.open(store, world)
    const one = new Cursor('a')
    settlements.add(one)
    isFull = true
    one.settle(0, 4)
    settlements.touch(one)
    await turns()
    isFull = false
    one.settle(4, 6)
    settlements.touch(one)
    world.advance('2s')
    await turns()
    await settlements.close()
    const again = await Settlements.open(store, world)
    expect(again.restore('a').cursor).toBe(6)
  })
})
