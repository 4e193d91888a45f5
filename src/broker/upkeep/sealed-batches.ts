// The batches of a range of a log, read piece by piece at the pace of background work.

import { batchesOf, type Log, type Offset, type RecordBatch } from '../../log/index.ts'
import type { Pace } from './pace.ts'

/** Bytes of one read. */
const READ_BYTES = 256 * 1024

/**
 * The batches that begin below `to`, from the one that holds `from`. What is trimmed away meanwhile is left out.
 * Borrowed until the next one is asked for. Errors: LogError as reads give it, Interrupted.
 */
export async function* batchesBetween(
  log: Log,
  from: Offset,
  to: Offset,
  pace: Pace,
): AsyncGenerator<RecordBatch> {
  for (let at = Math.max(from, log.start); at < to; at = Math.max(at, log.start)) {
    const slice = await log.read(at, READ_BYTES)
    for (const chunk of slice.chunks) {
      for (const batch of batchesOf(chunk)) {
        if (batch.baseOffset >= to) return
        yield batch
        // The time that the batch took its reader counts too: a small one may unfold to a lot.
        const pause = pace.spent(batch.bytes)
        if (pause !== undefined) await pause
      }
    }
    if (slice.next <= at) return
    at = slice.next
  }
}
