// ListGroups, API key 16.

import { api } from './api.ts'
import { array, int16, int32, string, struct } from './kinds.ts'

export const ListGroups = api(
  { key: 16, name: 'ListGroups', versions: '0-5', flexible: '3+' },
  {
    statesFilter: array(string()).since(4),
    typesFilter: array(string()).since(5),
  },
  {
    throttleTimeMs: int32().since(1).default(0),
    errorCode: int16(),
    groups: array(
      struct({
        groupId: string(),
        protocolType: string(),
        groupState: string().since(4),
        groupType: string().since(5),
      }),
    ),
  },
)
