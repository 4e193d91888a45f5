// DescribeShareGroupOffsets, API key 90.

import { api } from './api.ts'
import { array, int16, int32, int64, string, struct, uuid } from './kinds.ts'

export const DescribeShareGroupOffsets = api(
  { key: 90, name: 'DescribeShareGroupOffsets', versions: '0-1', flexible: '0+' },
  {
    groups: array(
      struct({
        groupId: string(),
        topics: array(
          struct({
            topicName: string(),
            partitions: array(int32()),
          }),
        ).nullable(),
      }),
    ),
  },
  {
    throttleTimeMs: int32().default(0),
    groups: array(
      struct({
        groupId: string(),
        topics: array(
          struct({
            topicName: string(),
            topicId: uuid(),
            partitions: array(
              struct({
                partitionIndex: int32(),
                startOffset: int64(),
                leaderEpoch: int32(),
                lag: int64().since(1).default(-1),
                errorCode: int16(),
                errorMessage: string().nullable().default(null),
              }),
            ),
          }),
        ),
        errorCode: int16(),
        errorMessage: string().nullable().default(null),
      }),
    ),
  },
)
