// The RPC engine in a bad network, by seeds (rpc/model.ts). `POSTHORN_SIM_RUNS` says how many runs (10,000 take some minutes),
// `POSTHORN_SIM_SEED` which one alone; a violation names its seed. Then the test of the test: planted errors must be found.

import { afterEach, describe, expect, it, vi } from 'vitest'
import { Deadlines } from '../../src/rpc/engine/deadlines.ts'
import { Replies } from '../../src/rpc/engine/replies.ts'
import { References } from '../../src/rpc/refs/references.ts'
import { type Outcome, type Plant, run, Violation } from './rpc/model.ts'
import { declared } from './rpc/service.ts'

const runs = Number(process.env.POSTHORN_SIM_RUNS ?? 40)
const chosen = process.env.POSTHORN_SIM_SEED
// CI repeats the same runs, so that a red one is the change's doing.
const firstSeed = Number(chosen ?? (process.env.CI ? 1 : Date.now() % 1e9))

describe('RPC in a network that loses, delays and keeps silent', () => {
  it(`keeps what is declared, in ${runs} runs from seed ${firstSeed}`, { timeout: 3_600_000 }, async () => {
    const total = { runs: 0, calls: 0, answered: 0, kills: 0 }
    const failed: Record<string, number> = {}
    for (let n = 0; n < (chosen === undefined ? runs : 1); n++) add(total, failed, await run(firstSeed + n))
    console.log('rpc:', JSON.stringify({ ...total, failed }))
    expect(total.answered).toBeGreaterThan(0)
  })

  it('does the same again with the same seed', async () => {
    expect(await run(50)).toEqual(await run(50))
  })
})

function add(
  total: { runs: number; calls: number; answered: number; kills: number },
  failed: Record<string, number>,
  one: Outcome,
): void {
  total.runs++
  total.calls += one.calls
  total.answered += one.answered
  total.kills += one.kills
  for (const [code, count] of Object.entries(one.failed)) failed[code] = (failed[code] ?? 0) + count
}

describe('the simulation', () => {
  afterEach(() => {
    vi.restoreAllMocks()
  })

  it.each<[string, RegExp, Plant, () => void]>([
    [
      'replies that forget',
      /ran 2 times/,
      {},
      () => {
        vi.spyOn(Replies.prototype, 'arrived').mockImplementation((_id, _key, _below, _again, waiting) => ({
          state: 'new',
          entry: { waiting, answer: undefined, isForgotten: false },
        }))
      },
    ],
    [
      'calls that are sent again though nobody said that they may be',
      /note .* ran \d times/,
      { declaredByClients: { ...declared, note: { idempotent: true } } },
      () => {},
    ],
    [
      'an answer of another call',
      /was answered/,
      { answer: (right, dice) => (dice.chance(0.01) ? `${right}?` : right) },
      () => {},
    ],
    [
      'deadlines that do not come',
      /hangs/,
      {},
      () => {
        vi.spyOn(Deadlines.prototype, 'arm').mockImplementation(() => {})
      },
    ],
    [
      'references that nobody gives back',
      /holds \d+/,
      {},
      () => {
        vi.spyOn(References.prototype, 'released').mockImplementation(() => {})
      },
    ],
    ['clients that are dead and hold on', /holds \d+/, { serverLeaseMs: 3_600_000 }, () => {}],
  ])('finds %s', async (_, said, plant, make) => {
    make()
    const found = await firstViolation(plant)
    expect(found).toMatch(said)
  })
})

/** None needs more than 30. */
const SEEDS_MAX = 150

async function firstViolation(plant: Plant): Promise<string | undefined> {
  for (let seed = 1; seed <= SEEDS_MAX; seed++)
    try {
      await run(seed, plant)
    } catch (error) {
      if (error instanceof Violation) return error.message
      throw error
    }
  return undefined
}
