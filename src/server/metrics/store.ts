// What a store may tell of its flushes: an engine that has something to say carries it as `stats`.

import type { LogStore } from '../../log/index.ts'
import type { Family, Histogram } from './exposition.ts'

/** Counted since the store was opened. */
export interface StoreStats {
  /** How long flushes took, seconds. Each was one group commit. */
  readonly flushSeconds: Histogram
  /** Bytes that one flush made durable. */
  readonly groupBytes: Histogram
  /** Bytes of the write-ahead log that are not checkpointed yet. */
  readonly walBytes?: number
  /** Bytes that the disk has left for the store. */
  readonly freeBytes?: number
}

/** The store's figures, when its engine has any. */
export function statsOf(store: LogStore & { readonly stats?: StoreStats }): StoreStats | undefined {
  return store.stats
}

export function* storeFamilies({
  flushSeconds,
  groupBytes,
  walBytes,
  freeBytes,
}: StoreStats): Generator<Family> {
  yield {
    name: 'posthorn_store_flush_seconds',
    help: 'Time that a flush of the store to the disk took.',
    type: 'histogram',
    histogram: flushSeconds,
  }
  yield {
    name: 'posthorn_store_flush_group_bytes',
    help: 'Bytes that one flush made durable.',
    type: 'histogram',
    histogram: groupBytes,
  }
  if (walBytes !== undefined)
    yield {
      name: 'posthorn_store_wal_bytes',
      help: 'Bytes of the write-ahead log that are not checkpointed yet.',
      type: 'gauge',
      samples: [{ value: walBytes }],
    }
  if (freeBytes !== undefined)
    yield {
      name: 'posthorn_store_free_bytes',
      help: 'Bytes that the disk has left for the store.',
      type: 'gauge',
      samples: [{ value: freeBytes }],
    }
}
