// FindCoordinator, API key 10.

import { api } from './api.ts'
import { array, int8, int16, int32, string, struct } from './kinds.ts'

export const FindCoordinator = api(
  { key: 10, name: 'FindCoordinator', versions: '0-6', flexible: '3+' },
  {
    key: string().until(3),
    keyType: int8().since(1).default(0),
    coordinatorKeys: array(string()).since(4),
  },
  {
    throttleTimeMs: int32().since(1).default(0),
    errorCode: int16().until(3),
    errorMessage: string().nullable(1, 3).since(1).until(3).default(null),
    nodeId: int32().until(3),
    host: string().until(3),
    port: int32().until(3),
    coordinators: array(
      struct({
        key: string().since(4),
        nodeId: int32().since(4),
        host: string().since(4),
        port: int32().since(4),
        errorCode: int16().since(4),
        errorMessage: string().nullable(4).since(4).default(null),
      }),
    ).since(4),
  },
)
