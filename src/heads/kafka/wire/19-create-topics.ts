// CreateTopics, API key 19.

import { api } from './api.ts'
import { array, bool, int8, int16, int32, string, struct, uuid } from './kinds.ts'

export const CreateTopics = api(
  { key: 19, name: 'CreateTopics', versions: '2-7', flexible: '5+' },
  {
    topics: array(
      struct({
        name: string(),
        numPartitions: int32(),
        replicationFactor: int16(),
        assignments: array(
          struct({
            partitionIndex: int32(),
            brokerIds: array(int32()),
          }),
        ),
        configs: array(
          struct({
            name: string(),
            value: string().nullable(),
          }),
        ),
      }),
    ),
    timeoutMs: int32().default(60000),
    validateOnly: bool().default(false),
  },
  {
    throttleTimeMs: int32().default(0),
    topics: array(
      struct({
        name: string(),
        topicId: uuid().since(7),
        errorCode: int16(),
        errorMessage: string().nullable().default(null),
        topicConfigErrorCode: int16().tagged(0, 5),
        numPartitions: int32().since(5).default(-1),
        replicationFactor: int16().since(5).default(-1),
        configs: array(
          struct({
            name: string().since(5),
            value: string().nullable(5).since(5),
            readOnly: bool().since(5),
            configSource: int8().since(5).default(-1),
            isSensitive: bool().since(5),
          }),
        )
          .nullable(5)
          .since(5),
      }),
    ),
  },
)
