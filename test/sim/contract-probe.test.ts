import { logContract } from '../../src/log/log.contract.ts'
import { openMemoryStore } from '../../src/log/memory/store.ts'

logContract('memory', async () => {
  let store = openMemoryStore()
  return {
    store,
    reopen: async () => {
      await store.close()
      store = openMemoryStore({ from: store })
      return store
    },
  }
})
