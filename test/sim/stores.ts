// The stores that the crash model runs on, each with sizes so small that everything that comes rarely comes often.

import { openStoreOn } from '../../src/log/file/store.ts'
import type { OpenOnDisk } from './model.ts'
import { openPlainStore } from './plain-store.ts'

export const stores: Readonly<Record<string, OpenOnDisk>> = {
  plain: openPlainStore,
  file: (disk, world) =>
    openStoreOn({
      disk,
      world,
      walFileBytes: 24 * 1024,
      checkpointBytes: 16 * 1024,
      tailBytesMax: 4 * 1024,
      ballastBytes: 2 * 1024,
    }),
}
