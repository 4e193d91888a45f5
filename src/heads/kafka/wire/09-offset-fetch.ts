// OffsetFetch, API key 9.

import { api } from './api.ts'
import { array, bool, int16, int32, int64, string, struct } from './kinds.ts'

export const OffsetFetch = api(
  { key: 9, name: 'OffsetFetch', versions: '1-9', flexible: '6+' },
  {
    groupId: string().until(7),
    topics: array(
      struct({
        name: string().until(7),
        partitionIndexes: array(int32()).until(7),
      }),
    )
      .nullable(2, 7)
      .until(7),
    groups: array(
      struct({
        groupId: string().since(8),
        memberId: string().nullable(9).since(9).default(null),
        memberEpoch: int32().since(9).default(-1),
        topics: array(
          struct({
            name: string().since(8),
            partitionIndexes: array(int32()).since(8),
          }),
        )
          .nullable(8)
          .since(8),
      }),
    ).since(8),
    requireStable: bool().since(7).default(false),
  },
  {
    throttleTimeMs: int32().since(3).default(0),
    topics: array(
      struct({
        name: string().until(7),
        partitions: array(
          struct({
            partitionIndex: int32().until(7),
            committedOffset: int64().until(7),
            committedLeaderEpoch: int32().since(5).until(7).default(-1),
            metadata: string().nullable(0, 7).until(7),
            errorCode: int16().until(7),
          }),
        ).until(7),
      }),
    ).until(7),
    errorCode: int16().since(2).until(7).default(0),
    groups: array(
      struct({
        groupId: string().since(8),
        topics: array(
          struct({
            name: string().since(8),
            partitions: array(
              struct({
                partitionIndex: int32().since(8),
                committedOffset: int64().since(8),
                committedLeaderEpoch: int32().since(8).default(-1),
                metadata: string().nullable(8).since(8),
                errorCode: int16().since(8),
              }),
            ).since(8),
          }),
        ).since(8),
        errorCode: int16().since(8).default(0),
      }),
    ).since(8),
  },
)
