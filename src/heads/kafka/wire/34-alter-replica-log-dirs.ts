// AlterReplicaLogDirs, API key 34.

import { api } from './api.ts'
import { array, int16, int32, string, struct } from './kinds.ts'

export const AlterReplicaLogDirs = api(
  { key: 34, name: 'AlterReplicaLogDirs', versions: '1-2', flexible: '2+' },
  {
    dirs: array(
      struct({
        path: string(),
        topics: array(
          struct({
            name: string(),
            partitions: array(int32()),
          }),
        ),
      }),
    ),
  },
  {
    throttleTimeMs: int32().default(0),
    results: array(
      struct({
        topicName: string(),
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
