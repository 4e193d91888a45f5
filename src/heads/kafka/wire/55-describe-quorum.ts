// DescribeQuorum, API key 55.

import { api } from './api.ts'
import { array, int16, int32, int64, string, struct, uint16, uuid } from './kinds.ts'

export const DescribeQuorum = api(
  { key: 55, name: 'DescribeQuorum', versions: '0-2', flexible: '0+' },
  {
    topics: array(
      struct({
        topicName: string(),
        partitions: array(
          struct({
            partitionIndex: int32(),
          }),
        ),
      }),
    ),
  },
  {
    errorCode: int16(),
    errorMessage: string().nullable(2).since(2).default(null),
    topics: array(
      struct({
        topicName: string(),
        partitions: array(
          struct({
            partitionIndex: int32(),
            errorCode: int16(),
            errorMessage: string().nullable(2).since(2).default(null),
            leaderId: int32(),
            leaderEpoch: int32(),
            highWatermark: int64(),
            currentVoters: array(
              struct({
                replicaId: int32(),
                replicaDirectoryId: uuid().since(2),
                logEndOffset: int64(),
                lastFetchTimestamp: int64().since(1).default(-1),
                lastCaughtUpTimestamp: int64().since(1).default(-1),
              }),
            ),
            observers: array(
              struct({
                replicaId: int32(),
                replicaDirectoryId: uuid().since(2),
                logEndOffset: int64(),
                lastFetchTimestamp: int64().since(1).default(-1),
                lastCaughtUpTimestamp: int64().since(1).default(-1),
              }),
            ),
          }),
        ),
      }),
    ),
    nodes: array(
      struct({
        nodeId: int32().since(2),
        listeners: array(
          struct({
            name: string().since(2),
            host: string().since(2),
            port: uint16().since(2),
          }),
        ).since(2),
      }),
    ).since(2),
  },
)
