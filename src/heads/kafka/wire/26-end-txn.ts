// EndTxn, API key 26.

import { api } from './api.ts'
import { bool, int16, int32, int64, string } from './kinds.ts'

export const EndTxn = api(
  { key: 26, name: 'EndTxn', versions: '0-4', flexible: '3+' },
  {
    transactionalId: string(),
    producerId: int64(),
    producerEpoch: int16(),
    committed: bool(),
  },
  {
    throttleTimeMs: int32().default(0),
    errorCode: int16(),
  },
)
