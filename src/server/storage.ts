// Where a server keeps its data, and how the store for it is opened.

import { type LogStore, openMemoryStore } from '../log/index.ts'
import type { Reporter, World } from '../world/index.ts'
import { ServerError } from './errors.ts'

/** When an append counts as durable: after its flush, or before, with flushes at intervals or left to the system. */
export const flushModes = ['always', 'interval', 'never'] as const

export type FlushMode = (typeof flushModes)[number]

export type Storage =
  /** Keeps nothing beyond this process. */
  | 'memory'
  | { readonly memory: { readonly maxBytes: number } }
  /** A folder of this broker alone; made when it is not there. `flush` is 'always' unless given. */
  | { readonly directory: string; readonly flush?: FlushMode }

/** Opens the store. Errors: LogError (LOG_LOCKED, LOG_FORMAT_UNKNOWN, ...), Node's own, SERVER_STORAGE_UNSUPPORTED. */
export async function openStorage(
  storage: Storage,
  _surroundings: { readonly world: World; readonly report: Reporter },
): Promise<LogStore> {
  if (storage === 'memory') return openMemoryStore()
  if ('memory' in storage) return openMemoryStore(storage.memory)
  throw new ServerError(
    'SERVER_STORAGE_UNSUPPORTED',
    `storage in a folder is not served yet: ${storage.directory}`,
    { directory: storage.directory },
  )
}
