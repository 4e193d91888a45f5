// The stores that the crash model runs on, each with sizes so small that everything that comes rarely comes often.

import type { Flush } from '../../src/log/file/committer.ts'
import { openStoreOn } from '../../src/log/file/opening.ts'
import type { Keeps, OpenOnDisk } from './model.ts'
import { openPlainStore } from './plain-store.ts'

export interface Store {
  readonly open: OpenOnDisk
  readonly keeps: Keeps
}

export const stores: Readonly<Record<string, Store>> = {
  plain: { open: openPlainStore, keeps: 'all' },
  file: { open: fileStore('always'), keeps: 'all' },
  'file (flushed at intervals)': { open: fileStore('interval'), keeps: 'a first part' },
  'file (never flushed)': { open: fileStore('never'), keeps: 'a first part' },
}

function fileStore(flush: Flush): OpenOnDisk {
  return (disk, world) =>
    openStoreOn({
      disk,
      world,
      flush,
      flushMs: 20,
      walFileBytes: 24 * 1024,
      checkpointBytes: 16 * 1024,
      tailBytesMax: 4 * 1024,
      sectionBytes: 1024,
      ballastBytes: 2 * 1024,
      openFilesMax: 3,
    })
}
