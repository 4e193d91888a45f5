// Heartbeat, API key 12.

import { api } from './api.ts'
import { int16, int32, string } from './kinds.ts'

export const Heartbeat = api(
  { key: 12, name: 'Heartbeat', versions: '0-4', flexible: '4+' },
  {
    groupId: string(),
    generationId: int32(),
    memberId: string(),
    groupInstanceId: string().nullable(3).since(3).default(null),
  },
  {
    throttleTimeMs: int32().since(1).default(0),
    errorCode: int16(),
  },
)
