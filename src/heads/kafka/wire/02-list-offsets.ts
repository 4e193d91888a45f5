// ListOffsets, API key 2.

import { api } from './api.ts'
import { array, int8, int16, int32, int64, string, struct } from './kinds.ts'

export const ListOffsets = api(
  { key: 2, name: 'ListOffsets', versions: '1-10', flexible: '6+' },
  {
    replicaId: int32(),
    isolationLevel: int8().since(2),
    topics: array(
      struct({
        name: string(),
        partitions: array(
          struct({
            partitionIndex: int32(),
            currentLeaderEpoch: int32().since(4).default(-1),
            timestamp: int64(),
          }),
        ),
      }),
    ),
    timeoutMs: int32().since(10),
  },
  {
    throttleTimeMs: int32().since(2).default(0),
    topics: array(
      struct({
        name: string(),
        partitions: array(
          struct({
            partitionIndex: int32(),
            errorCode: int16(),
            timestamp: int64().default(-1),
            offset: int64().default(-1),
            leaderEpoch: int32().since(4).default(-1),
          }),
        ),
      }),
    ),
  },
)
