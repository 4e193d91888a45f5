// DeleteAcls, API key 31.

import { api } from './api.ts'
import { array, int8, int16, int32, string, struct } from './kinds.ts'

export const DeleteAcls = api(
  { key: 31, name: 'DeleteAcls', versions: '1-3', flexible: '2+' },
  {
    filters: array(
      struct({
        resourceTypeFilter: int8(),
        resourceNameFilter: string().nullable(),
        patternTypeFilter: int8().default(3),
        principalFilter: string().nullable(),
        hostFilter: string().nullable(),
        operation: int8(),
        permissionType: int8(),
      }),
    ),
  },
  {
    throttleTimeMs: int32().default(0),
    filterResults: array(
      struct({
        errorCode: int16(),
        errorMessage: string().nullable().default(null),
        matchingAcls: array(
          struct({
            errorCode: int16(),
            errorMessage: string().nullable().default(null),
            resourceType: int8(),
            resourceName: string(),
            patternType: int8().default(3),
            principal: string(),
            host: string(),
            operation: int8(),
            permissionType: int8(),
          }),
        ),
      }),
    ),
  },
)
