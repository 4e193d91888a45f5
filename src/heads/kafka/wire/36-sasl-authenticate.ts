// SaslAuthenticate, API key 36.

import { api } from './api.ts'
import { bytes, int16, int64, string } from './kinds.ts'

export const SaslAuthenticate = api(
  { key: 36, name: 'SaslAuthenticate', versions: '0-2', flexible: '2+' },
  {
    authBytes: bytes(),
  },
  {
    errorCode: int16(),
    errorMessage: string().nullable().default(null),
    authBytes: bytes(),
    sessionLifetimeMs: int64().since(1).default(0),
  },
)
