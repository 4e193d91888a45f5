// AlterClientQuotas, API key 49.

import { api } from './api.ts'
import { array, bool, float64, int16, int32, string, struct } from './kinds.ts'

export const AlterClientQuotas = api(
  { key: 49, name: 'AlterClientQuotas', versions: '0-1', flexible: '1+' },
  {
    entries: array(
      struct({
        entity: array(
          struct({
            entityType: string(),
            entityName: string().nullable(),
          }),
        ),
        ops: array(
          struct({
            key: string(),
            value: float64(),
            remove: bool(),
          }),
        ),
      }),
    ),
    validateOnly: bool(),
  },
  {
    throttleTimeMs: int32().default(0),
    entries: array(
      struct({
        errorCode: int16(),
        errorMessage: string().nullable().default(null),
        entity: array(
          struct({
            entityType: string(),
            entityName: string().nullable(),
          }),
        ),
      }),
    ),
  },
)
