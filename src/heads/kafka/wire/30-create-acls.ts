// CreateAcls, API key 30.

import { api } from './api.ts'
import { array, int8, int16, int32, string, struct } from './kinds.ts'

export const CreateAcls = api(
  { key: 30, name: 'CreateAcls', versions: '1-3', flexible: '2+' },
  {
    creations: array(
      struct({
        resourceType: int8(),
        resourceName: string(),
        resourcePatternType: int8().default(3),
        principal: string(),
        host: string(),
        operation: int8(),
        permissionType: int8(),
      }),
    ),
  },
  {
    throttleTimeMs: int32().default(0),
    results: array(
      struct({
        errorCode: int16(),
        errorMessage: string().nullable().default(null),
      }),
    ),
  },
)
