// IncrementalAlterConfigs, API key 44.

import { api } from './api.ts'
import { array, bool, int8, int16, int32, string, struct } from './kinds.ts'

export const IncrementalAlterConfigs = api(
  { key: 44, name: 'IncrementalAlterConfigs', versions: '0-1', flexible: '1+' },
  {
    resources: array(
      struct({
        resourceType: int8(),
        resourceName: string(),
        configs: array(
          struct({
            name: string(),
            configOperation: int8(),
            value: string().nullable(),
          }),
        ),
      }),
    ),
    validateOnly: bool(),
  },
  {
    throttleTimeMs: int32().default(0),
    responses: array(
      struct({
        errorCode: int16(),
        errorMessage: string().nullable().default(null),
        resourceType: int8(),
        resourceName: string(),
      }),
    ),
  },
)
