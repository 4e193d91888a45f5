// Which paths are the management API's, and what they take: small, since every HTTP listener needs it, and the API itself is
// loaded with its first request.

import { type HttpAcceptance, httpMethods, readOnly } from '../../transport/index.ts'
import { managementLimits as limits } from './limits.ts'

/** What every path of the API begins with. */
export const API_PREFIX = '/api'

/** Whether the path is the API's to answer. */
export function isApi(path: string): boolean {
  return path === API_PREFIX || path.startsWith(`${API_PREFIX}/`)
}

const all: HttpAcceptance = { methods: httpMethods, bodyBytesMax: limits.bodyBytesMax }

/** What the HTTP server lets through to the API; its routes say more. */
export function accepted(path: string): HttpAcceptance {
  return isApi(path) ? all : readOnly
}
