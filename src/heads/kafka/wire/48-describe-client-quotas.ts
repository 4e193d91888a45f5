// DescribeClientQuotas, API key 48.

import { api } from './api.ts'
import { array, bool, float64, int8, int16, int32, string, struct } from './kinds.ts'

export const DescribeClientQuotas = api(
  { key: 48, name: 'DescribeClientQuotas', versions: '0-1', flexible: '1+' },
  {
    components: array(
      struct({
        entityType: string(),
        matchType: int8(),
        match: string().nullable(),
      }),
    ),
    strict: bool(),
  },
  {
    throttleTimeMs: int32().default(0),
    errorCode: int16(),
    errorMessage: string().nullable().default(null),
    entries: array(
      struct({
        entity: array(
          struct({
            entityType: string(),
            entityName: string().nullable(),
          }),
        ),
        values: array(
          struct({
            key: string(),
            value: float64(),
          }),
        ),
      }),
    ).nullable(),
  },
)
