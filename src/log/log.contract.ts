// What every engine promises, as tests that each engine's own test file calls with a way to open one:
//
//   logContract('memory', async () => {
//     let store = openMemoryStore()
//     return { store, reopen: async () => { await store.close(); return (store = openMemoryStore({ from: store })) } }
//   })
//
// Crashes are not here: test/sim has them, on a simulated disk.

import { describe } from 'vitest'
import { appendContract } from './contract/append.contract.ts'
import type { OpenStore } from './contract/opening.contract.ts'
import { readContract } from './contract/read.contract.ts'
import { shrinkContract } from './contract/shrink.contract.ts'
import { storeContract } from './contract/store.contract.ts'

export type { Opened, OpenStore } from './contract/opening.contract.ts'

/** Declares the tests of the Log and LogStore interfaces for one engine; `open` gives an empty store each time. */
export function logContract(engine: string, open: OpenStore): void {
  describe(`log contract: ${engine}`, () => {
    appendContract(open)
    readContract(open)
    shrinkContract(open)
    storeContract(open)
  })
}
