// SaslHandshake: the client chooses a mechanism. Version 0 is followed by bare tokens, version 1 by SaslAuthenticate.

import { kafkaErrors } from '../errors.ts'
import { verb } from '../verb.ts'
import { SaslHandshake } from '../wire/index.ts'

export const saslHandshake = verb(SaslHandshake, {
  handle({ mechanism }, { session, version }) {
    const mechanisms = [...session.mechanisms]
    if (!session.needsLogin) return { errorCode: kafkaErrors.ILLEGAL_SASL_STATE, mechanisms }
    const chosen = session.handshake(mechanism, version)
    return { errorCode: chosen ? kafkaErrors.NONE : kafkaErrors.UNSUPPORTED_SASL_MECHANISM, mechanisms }
  },
  refuse: (_request, code) => ({ errorCode: code, mechanisms: [] }),
})
