// Power loss at every step: thousands of small random lives on the simulated disk (model.ts), and some small ones cut
// at each of their steps in turn. `POSTHORN_SIM_SECONDS` says for how long (8, in CI 60), `POSTHORN_SIM_SEED` from
// which seed (in CI always 1); a violation names its seed, and that seed alone repeats it.

import { describe, expect, it } from 'vitest'
import { type Outcome, type Plan, run } from './model.ts'
import { stores } from './stores.ts'

const seconds = Number(process.env.POSTHORN_SIM_SECONDS ?? (process.env.CI ? 60 : 8))
const chosen = process.env.POSTHORN_SIM_SEED
// CI repeats the same lives, so that a red run is the change's doing; everywhere else each run has new ones.
const firstSeed = Number(chosen ?? (process.env.CI ? 1 : Date.now() % 1e9))

for (const [store, { open, keeps }] of Object.entries(stores))
  describe(`power loss under the ${store} store`, () => {
    it.runIf(chosen === undefined)('loses nothing at any step of small workloads', async () => {
      let crashes = 0
      for (let seed = 1; seed <= 3; seed++)
        crashes += await everyStep(seed, { open, keeps, lives: 1, trouble: 'none' })
      expect(crashes).toBeGreaterThan(60)
    })

    it('does the same again with the same seed', async () => {
      for (let seed = 50; seed < 60; seed++)
        expect(await run(seed, { open, keeps })).toEqual(await run(seed, { open, keeps }))
    })

    it(
      `loses nothing in random lives, from seed ${firstSeed}`,
      async () => {
        const share = (seconds * 1000) / Object.keys(stores).length
        const total =
          chosen === undefined ? await until(share, { open, keeps }) : await run(firstSeed, { open, keeps })
        console.log(
          `${store}: ${total.crashes} power losses, ${total.steps} steps, ${total.told} batches kept`,
        )
        expect(total.steps).toBeGreaterThan(0)
      },
      seconds * 1000 + 60_000,
    )
  })

/** Cuts the same life at step 0, 1, 2, ... until it ends before. Gives the number of cuts. */
async function everyStep(seed: number, plan: Plan): Promise<number> {
  for (let crashAt = 0; ; crashAt++) {
    const { crashes, steps } = await run(seed, { ...plan, crashAt })
    if (crashes === 0 || steps < crashAt) return crashAt
  }
}

async function until(milliseconds: number, plan: Plan): Promise<Outcome> {
  const total = { crashes: 0, steps: 0, told: 0 }
  const end = performance.now() + milliseconds
  for (let seed = firstSeed; performance.now() < end; seed++) {
    const one = await run(seed, plan)
    total.crashes += one.crashes
    total.steps += one.steps
    total.told += one.told
  }
  return total
}
