// SyncGroup, API key 14.

import { api } from './api.ts'
import { array, bytes, int16, int32, string, struct } from './kinds.ts'

export const SyncGroup = api(
  { key: 14, name: 'SyncGroup', versions: '0-5', flexible: '4+' },
  {
    groupId: string(),
    generationId: int32(),
    memberId: string(),
    groupInstanceId: string().nullable(3).since(3).default(null),
    protocolType: string().nullable(5).since(5).default(null),
    protocolName: string().nullable(5).since(5).default(null),
    assignments: array(
      struct({
        memberId: string(),
        assignment: bytes(),
      }),
    ),
  },
  {
    throttleTimeMs: int32().since(1).default(0),
    errorCode: int16(),
    protocolType: string().nullable(5).since(5).default(null),
    protocolName: string().nullable(5).since(5).default(null),
    assignment: bytes(),
  },
)
