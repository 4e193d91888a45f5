// AlterShareGroupOffsets, API key 91.

import { api } from './api.ts'
import { array, int16, int32, int64, string, struct, uuid } from './kinds.ts'

export const AlterShareGroupOffsets = api(
  { key: 91, name: 'AlterShareGroupOffsets', versions: '0', flexible: '0+' },
  {
    groupId: string(),
    topics: array(
      struct({
        topicName: string(),
        partitions: array(
          struct({
            partitionIndex: int32(),
            startOffset: int64(),
          }),
        ),
      }),
    ),
  },
  {
    throttleTimeMs: int32().default(0),
    errorCode: int16(),
    errorMessage: string().nullable().default(null),
    responses: array(
      struct({
        topicName: string(),
        topicId: uuid(),
        partitions: array(
          struct({
            partitionIndex: int32(),
            errorCode: int16(),
            errorMessage: string().nullable().default(null),
          }),
        ),
      }),
    ),
  },
)
