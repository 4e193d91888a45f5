// DeleteShareGroupOffsets, API key 92.

import { api } from './api.ts'
import { array, int16, int32, string, struct, uuid } from './kinds.ts'

export const DeleteShareGroupOffsets = api(
  { key: 92, name: 'DeleteShareGroupOffsets', versions: '0', flexible: '0+' },
  {
    groupId: string(),
    topics: array(
      struct({
        topicName: string(),
      }),
    ),
  },
  {
    throttleTimeMs: int32().default(0),
    errorCode: int16(),
    errorMessage: string().nullable().default(null),
    responses: array(
      struct({
        topicName: string(),
        topicId: uuid(),
        errorCode: int16(),
        errorMessage: string().nullable().default(null),
      }),
    ),
  },
)
