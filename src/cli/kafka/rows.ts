// The records of fetched pieces, one at a time, with topic and partition.

import { type LogRecord, recordsOf } from '../../log/record/records.ts'
import type { Piece } from './fetcher.ts'
import { limits } from './limits.ts'

export interface ConsumedRecord extends LogRecord {
  readonly topic: string
  readonly partition: number
}

/** The records of a piece from its first offset to before `until`. */
export function* recordsIn(
  piece: Piece,
  topic: string,
  until = Number.POSITIVE_INFINITY,
): Generator<ConsumedRecord> {
  const { partition, from } = piece
  for (const batch of piece.batches)
    for (const record of recordsOf(batch, { maxBytes: limits.batchBytesMax })) {
      if (record.offset < from) continue
      if (record.offset >= until) return
      yield { topic, partition, ...record }
    }
}
