// Sub-protocols of ZWS 2.0 (RFC 45): the security mechanism is chosen by them, for there is no greeting.

import type { SocketOptionValues } from './options.ts'
import { mechanismOf } from './security/choice.ts'

/** No mechanism and no READY: both begin with their routing id. Browsers can ask for no other, for a slash is no part of a token. */
export const ZWS_BARE = 'ZWS2.0'

/** What a socket with these options asks for. */
export function wsProtocols(options: SocketOptionValues): readonly string[] {
  return [`ZWS2.0/${mechanismOf(options)}`]
}

/** What it serves. */
export function servedWsProtocols(options: SocketOptionValues): readonly string[] {
  const asked = wsProtocols(options)
  return mechanismOf(options) === 'NULL' ? [...asked, ZWS_BARE] : asked
}
