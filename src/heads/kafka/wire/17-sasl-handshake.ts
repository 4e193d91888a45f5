// SaslHandshake, API key 17.

import { api } from './api.ts'
import { array, int16, string } from './kinds.ts'

export const SaslHandshake = api(
  { key: 17, name: 'SaslHandshake', versions: '0-1', flexible: 'none' },
  {
    mechanism: string(),
  },
  {
    errorCode: int16(),
    mechanisms: array(string()),
  },
)
