// DescribeTransactions, API key 65.

import { api } from './api.ts'
import { array, int16, int32, int64, string, struct } from './kinds.ts'

export const DescribeTransactions = api(
  { key: 65, name: 'DescribeTransactions', versions: '0-0', flexible: '0+' },
  {
    transactionalIds: array(string()),
  },
  {
    throttleTimeMs: int32().default(0),
    transactionStates: array(
      struct({
        errorCode: int16(),
        transactionalId: string(),
        transactionState: string(),
        transactionTimeoutMs: int32(),
        transactionStartTimeMs: int64(),
        producerId: int64(),
        producerEpoch: int16(),
        topics: array(
          struct({
            topic: string(),
            partitions: array(int32()),
          }),
        ),
      }),
    ),
  },
)
