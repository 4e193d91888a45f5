// Produce, API key 0.

import { api } from './api.ts'
import { array, int16, int32, int64, records, string, struct, uuid } from './kinds.ts'

export const Produce = api(
  { key: 0, name: 'Produce', versions: '0-13', flexible: '9+' },
  {
    transactionalId: string().nullable(3).since(3).default(null),
    acks: int16(),
    timeoutMs: int32(),
    topicData: array(
      struct({
        name: string().until(12),
        topicId: uuid().since(13),
        partitionData: array(
          struct({
            index: int32(),
            records: records().nullable(),
          }),
        ),
      }),
    ),
  },
  {
    responses: array(
      struct({
        name: string().until(12),
        topicId: uuid().since(13),
        partitionResponses: array(
          struct({
            index: int32(),
            errorCode: int16(),
            baseOffset: int64(),
            logAppendTimeMs: int64().since(2).default(-1),
            logStartOffset: int64().since(5).default(-1),
            recordErrors: array(
              struct({
                batchIndex: int32().since(8),
                batchIndexErrorMessage: string().nullable(8).since(8).default(null),
              }),
            ).since(8),
            errorMessage: string().nullable(8).since(8).default(null),
            currentLeader: struct({
              leaderId: int32().since(10).default(-1),
              leaderEpoch: int32().since(10).default(-1),
            }).tagged(0, 10),
          }),
        ),
      }),
    ),
    throttleTimeMs: int32().since(1).default(0),
    nodeEndpoints: array(
      struct({
        nodeId: int32().since(10),
        host: string().since(10),
        port: int32().since(10),
        rack: string().nullable(10).since(10).default(null),
      }),
    ).tagged(0, 10),
  },
)
