// OffsetForLeaderEpoch, API key 23.

import { api } from './api.ts'
import { array, int16, int32, int64, string, struct } from './kinds.ts'

export const OffsetForLeaderEpoch = api(
  { key: 23, name: 'OffsetForLeaderEpoch', versions: '2-4', flexible: '4+' },
  {
    replicaId: int32().since(3).default(-2),
    topics: array(
      struct({
        topic: string(),
        partitions: array(
          struct({
            partition: int32(),
            currentLeaderEpoch: int32().default(-1),
            leaderEpoch: int32(),
          }),
        ),
      }),
    ),
  },
  {
    throttleTimeMs: int32().default(0),
    topics: array(
      struct({
        topic: string(),
        partitions: array(
          struct({
            errorCode: int16(),
            partition: int32(),
            leaderEpoch: int32().default(-1),
            endOffset: int64().default(-1),
          }),
        ),
      }),
    ),
  },
)
