// AlterPartitionReassignments, API key 45.

import { api } from './api.ts'
import { array, bool, int16, int32, string, struct } from './kinds.ts'

export const AlterPartitionReassignments = api(
  { key: 45, name: 'AlterPartitionReassignments', versions: '0-1', flexible: '0+' },
  {
    timeoutMs: int32().default(60000),
    allowReplicationFactorChange: bool().since(1).default(true),
    topics: array(
      struct({
        name: string(),
        partitions: array(
          struct({
            partitionIndex: int32(),
            replicas: array(int32()).nullable().default(null),
          }),
        ),
      }),
    ),
  },
  {
    throttleTimeMs: int32().default(0),
    allowReplicationFactorChange: bool().since(1).default(true),
    errorCode: int16(),
    errorMessage: string().nullable().default(null),
    responses: array(
      struct({
        name: string(),
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
