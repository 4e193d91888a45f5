// DeleteGroups, API key 42.

import { api } from './api.ts'
import { array, int16, int32, string, struct } from './kinds.ts'

export const DeleteGroups = api(
  { key: 42, name: 'DeleteGroups', versions: '0-2', flexible: '2+' },
  {
    groupsNames: array(string()),
  },
  {
    throttleTimeMs: int32().default(0),
    results: array(
      struct({
        groupId: string(),
        errorCode: int16(),
      }),
    ),
  },
)
