// Deadlines come in their order, each at its own time, and not when they were taken back.

import { describe, expect, it } from 'vitest'
import { ManualWorld } from '../../world/index.ts'
import { Deadlines, Due } from './deadlines.ts'

class Noted extends Due {
  readonly #note: () => void
  constructor(note: () => void) {
    super()
    this.#note = note
  }
  override due(): void {
    this.#note()
  }
}

function timed() {
  const world = new ManualWorld()
  const deadlines = new Deadlines(world)
  const came: string[] = []
  const arm = (name: string, ms: number, then = (): void => {}): Due => {
    const item = new Noted(() => {
      came.push(`${name} ${world.monotonic()}`)
      then()
    })
    deadlines.arm(item, ms)
    return item
  }
  return { world, deadlines, came, arm }
}

describe('deadlines', () => {
  it('come when they are due, of whatever length', () => {
    const { world, came, arm } = timed()
    arm('b', 20)
    arm('a', 10)
    world.advance(5)
    arm('c', 20)
    arm('d', 10)
    arm('never', Number.POSITIVE_INFINITY)
    world.advance(100)
    expect(came).toEqual(['a 10', 'd 15', 'b 20', 'c 25'])
    expect(world.pendingTimers).toBe(0)
  })

  it.each([[[0]], [[1]], [[2]], [[0, 1]], [[1, 2]], [[0, 2]], [[0, 1, 2]]])(
    'do not come when %j of 3 are disarmed',
    out => {
      const { world, came, arm } = timed()
      const items = [arm('0', 10), arm('1', 10), arm('2', 10)]
      for (const n of out) {
        items[n]?.disarm()
        items[n]?.disarm()
      }
      world.advance(10)
      expect(came).toEqual(['0 10', '1 10', '2 10'].filter((_, n) => !out.includes(n)))
    },
  )

  it('may arm and disarm others while they come', () => {
    const { world, came, arm } = timed()
    arm('first', 10, () => {
      second.disarm()
      arm('again', 10)
    })
    const second = arm('second', 10)
    world.advance(30)
    expect(came).toEqual(['first 10', 'again 20'])
  })

  it('leave no timers behind for time-outs that came once each', () => {
    const { world, arm } = timed()
    for (let ms = 1000; ms < 2000; ms++) arm('x', ms).disarm()
    expect(world.pendingTimers).toBeLessThanOrEqual(64)
    world.advance(3000)
    expect(world.pendingTimers).toBe(0)
  })

  it('can all be called off', () => {
    const { world, deadlines, came, arm } = timed()
    arm('a', 10)
    arm('b', 20)
    deadlines.clear()
    world.advance(100)
    expect([came, world.pendingTimers]).toEqual([[], 0])
  })
})
