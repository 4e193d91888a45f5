// ApiVersions, API key 18.

import { api } from './api.ts'
import { array, bool, int16, int32, int64, string, struct } from './kinds.ts'

export const ApiVersions = api(
  { key: 18, name: 'ApiVersions', versions: '0-4', flexible: '3+' },
  {
    clientSoftwareName: string().since(3),
    clientSoftwareVersion: string().since(3),
  },
  {
    errorCode: int16(),
    apiKeys: array(
      struct({
        apiKey: int16(),
        minVersion: int16(),
        maxVersion: int16(),
      }),
    ),
    throttleTimeMs: int32().since(1).default(0),
    supportedFeatures: array(
      struct({
        name: string().since(3),
        minVersion: int16().since(3),
        maxVersion: int16().since(3),
      }),
    ).tagged(0, 3),
    finalizedFeaturesEpoch: int64().tagged(1, 3).default(-1),
    finalizedFeatures: array(
      struct({
        name: string().since(3),
        maxVersionLevel: int16().since(3),
        minVersionLevel: int16().since(3),
      }),
    ).tagged(2, 3),
    zkMigrationReady: bool().tagged(3, 3).default(false),
  },
)
