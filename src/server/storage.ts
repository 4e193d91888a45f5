// Where a server keeps its data, and how the store for it is opened.

import { type LogStore, openFileStore, openMemoryStore } from '../log/index.ts'
import type { Reporter, World } from '../world/index.ts'

/** When an append counts as durable: after its flush, or before, with flushes at intervals or left to the system. */
export const flushModes = ['always', 'interval', 'never'] as const

export type FlushMode = (typeof flushModes)[number]

export type Storage =
  /** Keeps nothing beyond this process. */
  | 'memory'
  | { readonly memory: { readonly maxBytes: number } }
  /** A folder of this broker alone; made when it is not there. `flush` is 'always' unless given. */
  | { readonly directory: string; readonly flush?: FlushMode }

/** Opens the store. Errors: LogError (LOG_LOCKED, LOG_FORMAT_UNKNOWN, LOG_ROTTEN, ...), Node's own. */
export async function openStorage(
  storage: Storage,
  { world, report }: { readonly world: World; readonly report: Reporter },
): Promise<LogStore> {
  if (storage === 'memory') return openMemoryStore()
  if ('memory' in storage) return openMemoryStore(storage.memory)
  return openFileStore({ ...storage, world, report })
}
