// Metadata, API key 3.

import { api } from './api.ts'
import { array, bool, int16, int32, string, struct, uuid } from './kinds.ts'

export const Metadata = api(
  { key: 3, name: 'Metadata', versions: '0-13', flexible: '9+' },
  {
    topics: array(
      struct({
        topicId: uuid().since(10),
        name: string().nullable(10),
      }),
    ).nullable(1),
    allowAutoTopicCreation: bool().since(4).default(true),
    includeClusterAuthorizedOperations: bool().since(8).until(10),
    includeTopicAuthorizedOperations: bool().since(8),
  },
  {
    throttleTimeMs: int32().since(3).default(0),
    brokers: array(
      struct({
        nodeId: int32(),
        host: string(),
        port: int32(),
        rack: string().nullable(1).since(1).default(null),
      }),
    ),
    clusterId: string().nullable(2).since(2).default(null),
    controllerId: int32().since(1).default(-1),
    topics: array(
      struct({
        errorCode: int16(),
        name: string().nullable(12),
        topicId: uuid().since(10),
        isInternal: bool().since(1).default(false),
        partitions: array(
          struct({
            errorCode: int16(),
            partitionIndex: int32(),
            leaderId: int32(),
            leaderEpoch: int32().since(7).default(-1),
            replicaNodes: array(int32()),
            isrNodes: array(int32()),
            offlineReplicas: array(int32()).since(5),
          }),
        ),
        topicAuthorizedOperations: int32().since(8).default(-2147483648),
      }),
    ),
    clusterAuthorizedOperations: int32().since(8).until(10).default(-2147483648),
    errorCode: int16().since(13),
  },
)
