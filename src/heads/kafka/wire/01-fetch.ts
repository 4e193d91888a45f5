// Fetch, API key 1.

import { api } from './api.ts'
import { array, int8, int16, int32, int64, records, string, struct, uuid } from './kinds.ts'

export const Fetch = api(
  { key: 1, name: 'Fetch', versions: '4-17', flexible: '12+' },
  {
    clusterId: string().nullable(12).tagged(0, 12).default(null),
    replicaId: int32().until(14).default(-1),
    replicaState: struct({
      replicaId: int32().since(15).default(-1),
      replicaEpoch: int64().since(15).default(-1),
    }).tagged(1, 15),
    maxWaitMs: int32(),
    minBytes: int32(),
    maxBytes: int32().default(2147483647),
    isolationLevel: int8().default(0),
    sessionId: int32().since(7).default(0),
    sessionEpoch: int32().since(7).default(-1),
    topics: array(
      struct({
        topic: string().until(12),
        topicId: uuid().since(13),
        partitions: array(
          struct({
            partition: int32(),
            currentLeaderEpoch: int32().since(9).default(-1),
            fetchOffset: int64(),
            lastFetchedEpoch: int32().since(12).default(-1),
            logStartOffset: int64().since(5).default(-1),
            partitionMaxBytes: int32(),
            replicaDirectoryId: uuid().tagged(0, 17),
          }),
        ),
      }),
    ),
    forgottenTopicsData: array(
      struct({
        topic: string().since(7).until(12),
        topicId: uuid().since(13),
        partitions: array(int32()).since(7),
      }),
    ).since(7),
    rackId: string().since(11),
  },
  {
    throttleTimeMs: int32().default(0),
    errorCode: int16().since(7),
    sessionId: int32().since(7).default(0),
    responses: array(
      struct({
        topic: string().until(12),
        topicId: uuid().since(13),
        partitions: array(
          struct({
            partitionIndex: int32(),
            errorCode: int16(),
            highWatermark: int64(),
            lastStableOffset: int64().default(-1),
            logStartOffset: int64().since(5).default(-1),
            divergingEpoch: struct({
              epoch: int32().since(12).default(-1),
              endOffset: int64().since(12).default(-1),
            }).tagged(0, 12),
            currentLeader: struct({
              leaderId: int32().since(12).default(-1),
              leaderEpoch: int32().since(12).default(-1),
            }).tagged(1, 12),
            snapshotId: struct({
              endOffset: int64().default(-1),
              epoch: int32().default(-1),
            }).tagged(2, 12),
            abortedTransactions: array(
              struct({
                producerId: int64(),
                firstOffset: int64(),
              }),
            ).nullable(),
            preferredReadReplica: int32().since(11).default(-1),
            records: records().nullable(),
          }),
        ),
      }),
    ),
    nodeEndpoints: array(
      struct({
        nodeId: int32().since(16),
        host: string().since(16),
        port: int32().since(16),
        rack: string().nullable(16).since(16).default(null),
      }),
    ).tagged(0, 16),
  },
)
