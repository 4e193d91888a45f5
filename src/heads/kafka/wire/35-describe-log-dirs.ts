// DescribeLogDirs, API key 35.

import { api } from './api.ts'
import { array, bool, int16, int32, int64, string, struct } from './kinds.ts'

export const DescribeLogDirs = api(
  { key: 35, name: 'DescribeLogDirs', versions: '1-4', flexible: '2+' },
  {
    topics: array(
      struct({
        topic: string(),
        partitions: array(int32()),
      }),
    ).nullable(),
  },
  {
    throttleTimeMs: int32().default(0),
    errorCode: int16().since(3),
    results: array(
      struct({
        errorCode: int16(),
        logDir: string(),
        topics: array(
          struct({
            name: string(),
            partitions: array(
              struct({
                partitionIndex: int32(),
                partitionSize: int64(),
                offsetLag: int64(),
                isFutureKey: bool(),
              }),
            ),
          }),
        ),
        totalBytes: int64().since(4).default(-1),
        usableBytes: int64().since(4).default(-1),
      }),
    ),
  },
)
