// DescribeCluster, API key 60.

import { api } from './api.ts'
import { array, bool, int8, int16, int32, string, struct } from './kinds.ts'

export const DescribeCluster = api(
  { key: 60, name: 'DescribeCluster', versions: '0-2', flexible: '0+' },
  {
    includeClusterAuthorizedOperations: bool(),
    endpointType: int8().since(1).default(1),
    includeFencedBrokers: bool().since(2),
  },
  {
    throttleTimeMs: int32().default(0),
    errorCode: int16(),
    errorMessage: string().nullable().default(null),
    endpointType: int8().since(1).default(1),
    clusterId: string(),
    controllerId: int32().default(-1),
    brokers: array(
      struct({
        brokerId: int32(),
        host: string(),
        port: int32(),
        rack: string().nullable().default(null),
        isFenced: bool().since(2),
      }),
    ),
    clusterAuthorizedOperations: int32().default(-2147483648),
  },
)
