// InitProducerId, API key 22.

import { api } from './api.ts'
import { int16, int32, int64, string } from './kinds.ts'

export const InitProducerId = api(
  { key: 22, name: 'InitProducerId', versions: '0-5', flexible: '2+' },
  {
    transactionalId: string().nullable(),
    transactionTimeoutMs: int32(),
    producerId: int64().since(3).default(-1),
    producerEpoch: int16().since(3).default(-1),
  },
  {
    throttleTimeMs: int32().default(0),
    errorCode: int16(),
    producerId: int64().default(-1),
    producerEpoch: int16(),
  },
)
