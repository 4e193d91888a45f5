// ListTransactions, API key 66.

import { api } from './api.ts'
import { array, int16, int32, int64, string, struct } from './kinds.ts'

export const ListTransactions = api(
  { key: 66, name: 'ListTransactions', versions: '0-1', flexible: '0+' },
  {
    stateFilters: array(string()),
    producerIdFilters: array(int64()),
    durationFilter: int64().since(1).default(-1),
  },
  {
    throttleTimeMs: int32().default(0),
    errorCode: int16(),
    unknownStateFilters: array(string()),
    transactionStates: array(
      struct({
        transactionalId: string(),
        producerId: int64(),
        transactionState: string(),
      }),
    ),
  },
)
