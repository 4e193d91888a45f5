// ApiVersions (KIP-35, KIP-511): what this broker speaks. It is the first request of most clients, before any login.

import { kafkaErrors } from '../errors.ts'
import { features } from '../features.ts'
import { verb } from '../verb.ts'
import { ApiVersions, apis } from '../wire/index.ts'

/** Since version 3 a client says who it is, in these characters only. */
const CLIENT_SOFTWARE = /^[a-zA-Z0-9](?:[a-zA-Z0-9\-.]*[a-zA-Z0-9])?$/

const ranges = apis.map(({ key, versions }) => ({
  apiKey: key,
  minVersion: versions.min,
  maxVersion: versions.max,
}))

const advertised = {
  supportedFeatures: features.map(({ name, level }) => ({ name, minVersion: level, maxVersion: level })),
  finalizedFeaturesEpoch: 0,
  finalizedFeatures: features.map(({ name, level }) => ({
    name,
    minVersionLevel: level,
    maxVersionLevel: level,
  })),
}

export const apiVersions = verb(ApiVersions, {
  handle(request, call) {
    const { clientSoftwareName, clientSoftwareVersion } = request
    if (
      call.version >= 3 &&
      !(CLIENT_SOFTWARE.test(clientSoftwareName) && CLIENT_SOFTWARE.test(clientSoftwareVersion))
    )
      return { errorCode: kafkaErrors.INVALID_REQUEST, apiKeys: [] }
    return { errorCode: kafkaErrors.NONE, apiKeys: ranges, ...advertised }
  },
  // A version that is not known is answered with the versions that are, so that the client can choose again.
  refuse: (_request, code) => ({
    errorCode: code,
    apiKeys:
      code === kafkaErrors.UNSUPPORTED_VERSION ? ranges.filter(one => one.apiKey === ApiVersions.key) : [],
  }),
})
