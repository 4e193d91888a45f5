// DescribeProducers, API key 61.

import { api } from './api.ts'
import { array, int16, int32, int64, string, struct } from './kinds.ts'

export const DescribeProducers = api(
  { key: 61, name: 'DescribeProducers', versions: '0-0', flexible: '0+' },
  {
    topics: array(
      struct({
        name: string(),
        partitionIndexes: array(int32()),
      }),
    ),
  },
  {
    throttleTimeMs: int32().default(0),
    topics: array(
      struct({
        name: string(),
        partitions: array(
          struct({
            partitionIndex: int32(),
            errorCode: int16(),
            errorMessage: string().nullable().default(null),
            activeProducers: array(
              struct({
                producerId: int64(),
                producerEpoch: int32(),
                lastSequence: int32().default(-1),
                lastTimestamp: int64().default(-1),
                coordinatorEpoch: int32(),
                currentTxnStartOffset: int64().default(-1),
              }),
            ),
          }),
        ),
      }),
    ),
  },
)
