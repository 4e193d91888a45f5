// ShareFetch, API key 78.

import { api } from './api.ts'
import { array, bool, int8, int16, int32, int64, records, string, struct, uuid } from './kinds.ts'

export const ShareFetch = api(
  { key: 78, name: 'ShareFetch', versions: '1-2', flexible: '0+' },
  {
    groupId: string().nullable().default(null),
    memberId: string().nullable(),
    shareSessionEpoch: int32(),
    maxWaitMs: int32(),
    minBytes: int32(),
    maxBytes: int32().default(2147483647),
    maxRecords: int32().since(1),
    batchSize: int32().since(1),
    shareAcquireMode: int8().since(2).default(0),
    isRenewAck: bool().since(2).default(false),
    topics: array(
      struct({
        topicId: uuid(),
        partitions: array(
          struct({
            partitionIndex: int32(),
            acknowledgementBatches: array(
              struct({
                firstOffset: int64(),
                lastOffset: int64(),
                acknowledgeTypes: array(int8()),
              }),
            ),
          }),
        ),
      }),
    ),
    forgottenTopicsData: array(
      struct({
        topicId: uuid(),
        partitions: array(int32()),
      }),
    ),
  },
  {
    throttleTimeMs: int32().default(0),
    errorCode: int16(),
    errorMessage: string().nullable().default(null),
    acquisitionLockTimeoutMs: int32().since(1),
    responses: array(
      struct({
        topicId: uuid(),
        partitions: array(
          struct({
            partitionIndex: int32(),
            errorCode: int16(),
            errorMessage: string().nullable().default(null),
            acknowledgeErrorCode: int16(),
            acknowledgeErrorMessage: string().nullable().default(null),
            currentLeader: struct({
              leaderId: int32(),
              leaderEpoch: int32(),
            }),
            records: records(),
            acquiredRecords: array(
              struct({
                firstOffset: int64(),
                lastOffset: int64(),
                deliveryCount: int16(),
              }),
            ),
          }),
        ),
      }),
    ),
    nodeEndpoints: array(
      struct({
        nodeId: int32(),
        host: string(),
        port: int32(),
        rack: string().nullable().default(null),
      }),
    ),
  },
)
