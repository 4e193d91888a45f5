// Whose time a broker lives by: the system's, or one that its owner moves. With a manual clock everything that the
// broker decides by time (retention, sessions of groups, transactions, expiry of logins) waits for `advance`; waiting
// on the wire (long polls, idle connections, measuring) stays with the real clock, or clients would never be answered.

import { type Duration, ManualWorld, milliseconds, systemWorld, type World } from '../world/index.ts'

export interface Clock {
  /** Ms since 1970. */
  now(): number
  /**
   * Moves time forward and resolves when what came due had its turn: `await broker.clock.advance('30s')`.
   * Throws TypeError when the broker was not started with `clock: 'manual'`.
   */
  advance(by: Duration): Promise<void>
}

/** The clock, and the worlds that broker and heads are given. */
export interface Time {
  readonly clock: Clock
  readonly broker: World
  readonly heads: World
}

/** Work that came due may set timers of its own after an await: time goes forward in this many steps. */
const ADVANCE_STEPS = 50

export function systemTime(world: World = systemWorld): Time {
  const clock: Clock = {
    now: () => world.now(),
    advance: () =>
      Promise.reject(new TypeError("the clock is the system's: start the broker with clock: 'manual'")),
  }
  return { clock, broker: world, heads: world }
}

/** Stands at the present until it is moved. */
export function manualTime(): Time {
  const hand = new ManualWorld({ now: systemWorld.now() })
  const luck = { randomBytes: systemWorld.randomBytes, random: systemWorld.random }
  const broker: World = {
    now: () => hand.now(),
    monotonic: () => hand.monotonic(),
    after: (ms, run) => hand.after(ms, run),
    ...luck,
  }
  const heads: World = {
    now: () => hand.now(),
    monotonic: systemWorld.monotonic,
    after: systemWorld.after,
    ...luck,
  }
  return { clock: { now: () => hand.now(), advance: by => advance(hand, milliseconds(by)) }, broker, heads }
}

async function advance(hand: ManualWorld, ms: number): Promise<void> {
  const step = Math.max(1, Math.ceil(ms / ADVANCE_STEPS))
  for (let left = ms; left > 0; left -= step) {
    hand.advance(Math.min(step, left))
    await turn()
  }
  await turn()
}

/** Lets everything run that is ready. */
function turn(): Promise<void> {
  return new Promise(resolve => {
    setImmediate(resolve)
  })
}
