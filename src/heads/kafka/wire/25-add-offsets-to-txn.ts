// AddOffsetsToTxn, API key 25.

import { api } from './api.ts'
import { int16, int32, int64, string } from './kinds.ts'

export const AddOffsetsToTxn = api(
  { key: 25, name: 'AddOffsetsToTxn', versions: '0-4', flexible: '3+' },
  {
    transactionalId: string(),
    producerId: int64(),
    producerEpoch: int16(),
    groupId: string(),
  },
  {
    throttleTimeMs: int32().default(0),
    errorCode: int16(),
  },
)
