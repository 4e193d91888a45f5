// UpdateFeatures, API key 57.

import { api } from './api.ts'
import { array, bool, int8, int16, int32, string, struct } from './kinds.ts'

export const UpdateFeatures = api(
  { key: 57, name: 'UpdateFeatures', versions: '0-2', flexible: '0+' },
  {
    timeoutMs: int32().default(60000),
    featureUpdates: array(
      struct({
        feature: string(),
        maxVersionLevel: int16(),
        allowDowngrade: bool().until(0).default(false),
        upgradeType: int8().since(1).default(1),
      }),
    ),
    validateOnly: bool().since(1).default(false),
  },
  {
    throttleTimeMs: int32().default(0),
    errorCode: int16(),
    errorMessage: string().nullable().default(null),
    results: array(
      struct({
        feature: string(),
        errorCode: int16(),
        errorMessage: string().nullable().default(null),
      }),
    ).until(1),
  },
)
