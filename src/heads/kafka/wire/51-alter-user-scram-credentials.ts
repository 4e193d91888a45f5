// AlterUserScramCredentials, API key 51.

import { api } from './api.ts'
import { array, bytes, int8, int16, int32, string, struct } from './kinds.ts'

export const AlterUserScramCredentials = api(
  { key: 51, name: 'AlterUserScramCredentials', versions: '0-0', flexible: '0+' },
  {
    deletions: array(
      struct({
        name: string(),
        mechanism: int8(),
      }),
    ),
    upsertions: array(
      struct({
        name: string(),
        mechanism: int8(),
        iterations: int32(),
        salt: bytes(),
        saltedPassword: bytes(),
      }),
    ),
  },
  {
    throttleTimeMs: int32().default(0),
    results: array(
      struct({
        user: string(),
        errorCode: int16(),
        errorMessage: string().nullable().default(null),
      }),
    ),
  },
)
