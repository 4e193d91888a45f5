// What a store tells of its flushes: an engine that flushes carries counts of them as `stats`.

import { FLUSH_BUCKETS, type FlushStats, type LogStore } from '../../log/index.ts'
import type { Family } from './exposition.ts'

/** The counts of the store, when its engine flushes at all. */
export function statsOf(store: LogStore & { readonly stats?: FlushStats }): FlushStats | undefined {
  return store.stats
}

export function* storeFamilies({ flushSeconds, flushedBytes, buckets }: FlushStats): Generator<Family> {
  yield {
    name: 'posthorn_store_flush_seconds',
    help: 'Time that a flush of the store to the disk took; one flush is one group commit.',
    type: 'histogram',
    histogram: { bounds: FLUSH_BUCKETS, counts: buckets, sum: flushSeconds },
  }
  yield {
    name: 'posthorn_store_flushed_bytes_total',
    help: 'Bytes that flushes of the store made durable.',
    type: 'counter',
    samples: [{ value: flushedBytes }],
  }
}
