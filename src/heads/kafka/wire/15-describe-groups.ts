// DescribeGroups, API key 15.

import { api } from './api.ts'
import { array, bool, bytes, int16, int32, string, struct } from './kinds.ts'

export const DescribeGroups = api(
  { key: 15, name: 'DescribeGroups', versions: '0-6', flexible: '5+' },
  {
    groups: array(string()),
    includeAuthorizedOperations: bool().since(3),
  },
  {
    throttleTimeMs: int32().since(1).default(0),
    groups: array(
      struct({
        errorCode: int16(),
        errorMessage: string().nullable(6).since(6).default(null),
        groupId: string(),
        groupState: string(),
        protocolType: string(),
        protocolData: string(),
        members: array(
          struct({
            memberId: string(),
            groupInstanceId: string().nullable(4).since(4).default(null),
            clientId: string(),
            clientHost: string(),
            memberMetadata: bytes(),
            memberAssignment: bytes(),
          }),
        ),
        authorizedOperations: int32().since(3).default(-2147483648),
      }),
    ),
  },
)
