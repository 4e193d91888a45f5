// ListConfigResources, API key 74.

import { api } from './api.ts'
import { array, int8, int16, int32, string, struct } from './kinds.ts'

export const ListConfigResources = api(
  { key: 74, name: 'ListConfigResources', versions: '0-1', flexible: '0+' },
  {
    resourceTypes: array(int8()).since(1),
  },
  {
    throttleTimeMs: int32().default(0),
    errorCode: int16(),
    configResources: array(
      struct({
        resourceName: string(),
        resourceType: int8().since(1).default(16),
      }),
    ),
  },
)
