// DeleteTopics, API key 20.

import { api } from './api.ts'
import { array, int16, int32, string, struct, uuid } from './kinds.ts'

export const DeleteTopics = api(
  { key: 20, name: 'DeleteTopics', versions: '1-6', flexible: '4+' },
  {
    topics: array(
      struct({
        name: string().nullable(6).since(6).default(null),
        topicId: uuid().since(6),
      }),
    ).since(6),
    topicNames: array(string()).until(5),
    timeoutMs: int32(),
  },
  {
    throttleTimeMs: int32().default(0),
    responses: array(
      struct({
        name: string().nullable(6),
        topicId: uuid().since(6),
        errorCode: int16(),
        errorMessage: string().nullable(5).since(5).default(null),
      }),
    ),
  },
)
