// The stores that the crash model runs on, each with sizes so small that everything that comes rarely comes often.

import type { OpenOnDisk } from './model.ts'
import { openPlainStore } from './plain-store.ts'

export const stores: Readonly<Record<string, OpenOnDisk>> = {
  plain: openPlainStore,
}
