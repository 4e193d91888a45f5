// The file engine against the contract of logs, on the real disk and on the simulated one.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SimDisk } from '../../sim/disk/index.ts'
import { ManualWorld, systemWorld } from '../../world/index.ts'
import { logContract } from '../log.contract.ts'
import { openMemoryStore } from '../memory/store.ts'
import { openFileStore } from './directory.ts'
import { openStoreOn } from './opening.ts'

logContract('file engine on a real folder', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'posthorn-log-'))
  let store = await openFileStore({ directory, world: systemWorld })
  return {
    store,
    reopen: async () => {
      await store.close()
      store = await openFileStore({ directory, world: systemWorld })
      return store
    },
    release: async () => {
      await store.close()
      rmSync(directory, { recursive: true, force: true })
    },
  }
})

logContract('file engine with tiny files on a simulated disk', async () => {
  const disk = new SimDisk({ seed: 1 })
  const options = {
    disk,
    world: new ManualWorld(),
    walFileBytes: 32 * 1024,
    checkpointBytes: 16 * 1024,
    tailBytesMax: 2048,
    sectionBytes: 1024,
  }
  let store = await openStoreOn(options)
  return {
    store,
    reopen: async () => {
      await store.close()
      store = await openStoreOn(options)
      return store
    },
    release: () => store.close(),
  }
})

logContract('memory engine', async () => {
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
