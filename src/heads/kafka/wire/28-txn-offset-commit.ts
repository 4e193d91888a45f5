// TxnOffsetCommit, API key 28.

import { api } from './api.ts'
import { array, int16, int32, int64, string, struct } from './kinds.ts'

export const TxnOffsetCommit = api(
  { key: 28, name: 'TxnOffsetCommit', versions: '0-5', flexible: '3+' },
  {
    transactionalId: string(),
    groupId: string(),
    producerId: int64(),
    producerEpoch: int16(),
    generationId: int32().since(3).default(-1),
    memberId: string().since(3),
    groupInstanceId: string().nullable(3).since(3).default(null),
    topics: array(
      struct({
        name: string(),
        partitions: array(
          struct({
            partitionIndex: int32(),
            committedOffset: int64(),
            committedLeaderEpoch: int32().since(2).default(-1),
            committedMetadata: string().nullable(),
          }),
        ),
      }),
    ),
  },
  {
    throttleTimeMs: int32().default(0),
    topics: array(
      struct({
        name: string(),
        partitions: array(
          struct({
            partitionIndex: int32(),
            errorCode: int16(),
          }),
        ),
      }),
    ),
  },
)
