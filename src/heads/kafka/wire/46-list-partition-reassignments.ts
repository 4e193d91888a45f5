// ListPartitionReassignments, API key 46.

import { api } from './api.ts'
import { array, int16, int32, string, struct } from './kinds.ts'

export const ListPartitionReassignments = api(
  { key: 46, name: 'ListPartitionReassignments', versions: '0-0', flexible: '0+' },
  {
    timeoutMs: int32().default(60000),
    topics: array(
      struct({
        name: string(),
        partitionIndexes: array(int32()),
      }),
    )
      .nullable()
      .default(null),
  },
  {
    throttleTimeMs: int32().default(0),
    errorCode: int16(),
    errorMessage: string().nullable().default(null),
    topics: array(
      struct({
        name: string(),
        partitions: array(
          struct({
            partitionIndex: int32(),
            replicas: array(int32()),
            addingReplicas: array(int32()),
            removingReplicas: array(int32()),
          }),
        ),
      }),
    ),
  },
)
