// ElectLeaders, API key 43.

import { api } from './api.ts'
import { array, int8, int16, int32, string, struct } from './kinds.ts'

export const ElectLeaders = api(
  { key: 43, name: 'ElectLeaders', versions: '0-2', flexible: '2+' },
  {
    electionType: int8().since(1),
    topicPartitions: array(
      struct({
        topic: string(),
        partitions: array(int32()),
      }),
    ).nullable(),
    timeoutMs: int32().default(60000),
  },
  {
    throttleTimeMs: int32().default(0),
    errorCode: int16().since(1),
    replicaElectionResults: array(
      struct({
        topic: string(),
        partitionResult: array(
          struct({
            partitionId: int32(),
            errorCode: int16(),
            errorMessage: string().nullable().default(null),
          }),
        ),
      }),
    ),
  },
)
