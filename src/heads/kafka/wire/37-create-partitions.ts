// CreatePartitions, API key 37.

import { api } from './api.ts'
import { array, bool, int16, int32, string, struct } from './kinds.ts'

export const CreatePartitions = api(
  { key: 37, name: 'CreatePartitions', versions: '0-3', flexible: '2+' },
  {
    topics: array(
      struct({
        name: string(),
        count: int32(),
        assignments: array(
          struct({
            brokerIds: array(int32()),
          }),
        ).nullable(),
      }),
    ),
    timeoutMs: int32(),
    validateOnly: bool(),
  },
  {
    throttleTimeMs: int32().default(0),
    results: array(
      struct({
        name: string(),
        errorCode: int16(),
        errorMessage: string().nullable().default(null),
      }),
    ),
  },
)
