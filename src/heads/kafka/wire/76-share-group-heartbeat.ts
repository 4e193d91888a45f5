// ShareGroupHeartbeat, API key 76.

import { api } from './api.ts'
import { array, int16, int32, string, struct, uuid } from './kinds.ts'

export const ShareGroupHeartbeat = api(
  { key: 76, name: 'ShareGroupHeartbeat', versions: '1', flexible: '0+' },
  {
    groupId: string(),
    memberId: string(),
    memberEpoch: int32(),
    rackId: string().nullable().default(null),
    subscribedTopicNames: array(string()).nullable().default(null),
  },
  {
    throttleTimeMs: int32().default(0),
    errorCode: int16(),
    errorMessage: string().nullable().default(null),
    memberId: string().nullable().default(null),
    memberEpoch: int32(),
    heartbeatIntervalMs: int32(),
    assignment: struct({
      topicPartitions: array(
        struct({
          topicId: uuid(),
          partitions: array(int32()),
        }),
      ),
    })
      .nullable()
      .default(null),
  },
)
