// The test of the test: each planted error must be found by the crash model within a bounded number of seeds. If one
// is not, the model has gone blind (the usual reason: no crash point between an answer and what it promised).

import { describe, expect, it } from 'vitest'
import { Violation } from './ledger.ts'
import { type Plan, run } from './model.ts'
import { lyingDisk, plantedErrors } from './planted.ts'
import { stores } from './stores.ts'

/** The plain store needs at most 70 (600 seeds tried for each error, 2026-11). */
const SEEDS_MAX = 500

for (const [store, { open }] of Object.entries(stores).filter(([, { keeps }]) => keeps === 'all'))
  describe(`the crash model on the ${store} store`, () => {
    for (const [error, makeLie] of Object.entries(plantedErrors))
      it(`finds a store that ${error}`, async () => {
        const plan: Plan = { open, wrap: (disk, dice) => lyingDisk(disk, makeLie(dice)) }
        const found = await firstViolation(plan)
        expect(found?.message).toMatch(/^seed \d+/)
        console.log(`${store}: ${error}: seed ${found?.seed}`)
      })
  })

async function firstViolation(plan: Plan): Promise<{ seed: number; message: string } | undefined> {
  for (let seed = 0; seed < SEEDS_MAX; seed++)
    try {
      await run(seed, plan)
    } catch (error) {
      if (error instanceof Violation) return { seed, message: error.message }
      throw error
    }
  return undefined
}
