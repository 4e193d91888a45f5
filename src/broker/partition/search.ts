// Finding records by time.

import { batchesOf, type Offset } from '../../log/index.ts'
import { recordsOf } from '../../log/record/records.ts'
import { storageError } from '../storage-error.ts'
import { UNFOLDED_BYTES_MAX } from './admission.ts'
import type { Partition } from './partition.ts'

export interface Found {
  readonly offset: Offset
  readonly timestamp: number
}

const READ_BYTES = 256 * 1024

/** The first record of at least `timestampMs`; undefined when there is none. */
export async function firstAtOrAfter(partition: Partition, timestampMs: number): Promise<Found | undefined> {
  const { log } = partition
  try {
    const from = await log.seek(timestampMs)
    if (from === undefined) return undefined
    for (let at = Math.max(from, log.start); at < log.end; ) {
      const slice = await log.read(at, READ_BYTES)
      for (const chunk of slice.chunks)
        for (const batch of batchesOf(chunk)) {
          if (batch.isControl || batch.maxTimestamp < timestampMs) continue
          for (const { offset, timestamp } of recordsOf(batch, { maxBytes: UNFOLDED_BYTES_MAX }))
            if (timestamp >= timestampMs && offset >= log.start) return { offset, timestamp }
        }
      at = slice.next
    }
    return undefined
  } catch (error) {
    throw storageError(error)
  }
}

/** The first record of the largest timestamp; undefined in an empty partition. */
export async function latestByTime(partition: Partition): Promise<Found | undefined> {
  const largest = Math.max(-1, ...partition.log.segments.map(one => one.maxTimestamp))
  return largest < 0 ? undefined : firstAtOrAfter(partition, largest)
}
