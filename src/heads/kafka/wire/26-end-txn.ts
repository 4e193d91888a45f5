// EndTxn, API key 26.

import { api } from './api.ts'
import { bool, int16, int32, int64, string } from './kinds.ts'

export const EndTxn = api(
  { key: 26, name: 'EndTxn', versions: '0-5', flexible: '3+' },
  {
    transactionalId: string(),
    producerId: int64(),
    producerEpoch: int16(),
    committed: bool(),
  },
  {
    throttleTimeMs: int32().default(0),
    errorCode: int16(),
    producerId: int64().since(5).default(-1),
    producerEpoch: int16().since(5).default(-1),
  },
)
