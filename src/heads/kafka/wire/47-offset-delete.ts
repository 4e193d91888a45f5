// OffsetDelete, API key 47.

import { api } from './api.ts'
import { array, int16, int32, string, struct } from './kinds.ts'

export const OffsetDelete = api(
  { key: 47, name: 'OffsetDelete', versions: '0-0', flexible: 'none' },
  {
    groupId: string(),
    topics: array(
      struct({
        name: string(),
        partitions: array(
          struct({
            partitionIndex: int32(),
          }),
        ),
      }),
    ),
  },
  {
    errorCode: int16(),
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
