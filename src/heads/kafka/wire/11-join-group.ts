// JoinGroup, API key 11.

import { api } from './api.ts'
import { array, bool, bytes, int16, int32, string, struct } from './kinds.ts'

export const JoinGroup = api(
  { key: 11, name: 'JoinGroup', versions: '0-9', flexible: '6+' },
  {
    groupId: string(),
    sessionTimeoutMs: int32(),
    rebalanceTimeoutMs: int32().since(1).default(-1),
    memberId: string(),
    groupInstanceId: string().nullable(5).since(5).default(null),
    protocolType: string(),
    protocols: array(
      struct({
        name: string(),
        metadata: bytes(),
      }),
    ),
    reason: string().nullable(8).since(8).default(null),
  },
  {
    throttleTimeMs: int32().since(2).default(0),
    errorCode: int16(),
    generationId: int32().default(-1),
    protocolType: string().nullable(7).since(7).default(null),
    protocolName: string().nullable(7),
    leader: string(),
    skipAssignment: bool().since(9).default(false),
    memberId: string(),
    members: array(
      struct({
        memberId: string(),
        groupInstanceId: string().nullable(5).since(5).default(null),
        metadata: bytes(),
      }),
    ),
  },
)
