// A topic that names a codec stores every batch in it (compression.type).

import type { RecordBatch } from '../../log/index.ts'
import { buildBatch } from '../../log/record/builder.ts'
import { recordsOf } from '../../log/record/records.ts'
import type { TopicSettings } from '../topics/settings.ts'
import { UNFOLDED_BYTES_MAX } from './admission.ts'

/** The same batch when the topic keeps what producers send, or when it is in the right codec already. */
export function recompressed(batch: RecordBatch, compression: TopicSettings['compression']): RecordBatch {
  const codec = compression === 'uncompressed' ? 'none' : compression
  if (codec === 'producer' || codec === batch.codec) return batch
  return buildBatch([...recordsOf(batch, { maxBytes: UNFOLDED_BYTES_MAX })], {
    codec,
    producerId: batch.producerId,
    producerEpoch: batch.producerEpoch,
    baseSequence: batch.baseSequence,
    transactional: batch.isTransactional,
    timestampType: batch.isLogAppendTime ? 'append' : 'create',
  })
}
