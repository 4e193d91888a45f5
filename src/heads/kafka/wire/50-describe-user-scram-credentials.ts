// DescribeUserScramCredentials, API key 50.

import { api } from './api.ts'
import { array, int8, int16, int32, string, struct } from './kinds.ts'

export const DescribeUserScramCredentials = api(
  { key: 50, name: 'DescribeUserScramCredentials', versions: '0-0', flexible: '0+' },
  {
    users: array(
      struct({
        name: string(),
      }),
    ).nullable(),
  },
  {
    throttleTimeMs: int32().default(0),
    errorCode: int16(),
    errorMessage: string().nullable().default(null),
    results: array(
      struct({
        user: string(),
        errorCode: int16(),
        errorMessage: string().nullable().default(null),
        credentialInfos: array(
          struct({
            mechanism: int8(),
            iterations: int32(),
          }),
        ),
      }),
    ),
  },
)
