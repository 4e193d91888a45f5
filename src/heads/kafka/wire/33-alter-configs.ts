// AlterConfigs, API key 33.

import { api } from './api.ts'
import { array, bool, int8, int16, int32, string, struct } from './kinds.ts'

export const AlterConfigs = api(
  { key: 33, name: 'AlterConfigs', versions: '0-2', flexible: '2+' },
  {
    resources: array(
      struct({
        resourceType: int8(),
        resourceName: string(),
        configs: array(
          struct({
            name: string(),
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
