// OffsetCommit, API key 8.

import { api } from './api.ts'
import { array, int16, int32, int64, string, struct } from './kinds.ts'

export const OffsetCommit = api(
  { key: 8, name: 'OffsetCommit', versions: '2-9', flexible: '8+' },
  {
    groupId: string(),
    generationIdOrMemberEpoch: int32().default(-1),
    memberId: string(),
    groupInstanceId: string().nullable(7).since(7).default(null),
    retentionTimeMs: int64().until(4).default(-1),
    topics: array(
      struct({
        name: string(),
        partitions: array(
          struct({
            partitionIndex: int32(),
            committedOffset: int64(),
            committedLeaderEpoch: int32().since(6).default(-1),
            committedMetadata: string().nullable(),
          }),
        ),
      }),
    ),
  },
  {
    throttleTimeMs: int32().since(3).default(0),
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
