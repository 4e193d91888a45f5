// Sub-protocols of ZWS 2.0 (RFC 45): the security mechanism is chosen by them, for there is no greeting.

import type { SocketOptionValues } from './options.ts'
import { mechanismOf } from './security/choice.ts'

/** What a socket with these options offers or serves. `ZWS2.0` alone means NULL with a routing id first, and is not spoken. */
export function wsProtocols(options: SocketOptionValues): readonly string[] {
  return [`ZWS2.0/${mechanismOf(options)}`]
}
