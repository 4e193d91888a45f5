// LeaveGroup, API key 13.

import { api } from './api.ts'
import { array, int16, int32, string, struct } from './kinds.ts'

export const LeaveGroup = api(
  { key: 13, name: 'LeaveGroup', versions: '0-5', flexible: '4+' },
  {
    groupId: string(),
    memberId: string().until(2),
    members: array(
      struct({
        memberId: string().since(3),
        groupInstanceId: string().nullable(3).since(3).default(null),
        reason: string().nullable(5).since(5).default(null),
      }),
    ).since(3),
  },
  {
    throttleTimeMs: int32().since(1).default(0),
    errorCode: int16(),
    members: array(
      struct({
        memberId: string().since(3),
        groupInstanceId: string().nullable(3).since(3),
        errorCode: int16().since(3),
      }),
    ).since(3),
  },
)
