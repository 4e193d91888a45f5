// SaslAuthenticate: one token of the login (KIP-152), and how long the login is good for (KIP-368).

import { kafkaErrors } from '../errors.ts'
import { verb } from '../verb.ts'
import { SaslAuthenticate } from '../wire/index.ts'

const NOTHING = Buffer.alloc(0)

export const saslAuthenticate = verb(SaslAuthenticate, {
  async handle({ authBytes }, { session, kafka, host }) {
    const step = await session.authenticate(authBytes, kafka.world.now())
    if (step.at === 'failed') {
      kafka.metrics.loginFailed()
      kafka.report.warn('a login was refused', { peer: host, reason: step.reason })
      const code =
        step.reason === 'a token without a handshake'
          ? kafkaErrors.ILLEGAL_SASL_STATE
          : kafkaErrors.SASL_AUTHENTICATION_FAILED
      return { errorCode: code, errorMessage: step.message, authBytes: NOTHING }
    }
    const sessionLifetimeMs = step.at === 'done' ? step.lifetimeMs : 0
    return { errorCode: kafkaErrors.NONE, errorMessage: null, authBytes: step.challenge, sessionLifetimeMs }
  },
  refuse: (_request, code, message) => ({ errorCode: code, errorMessage: message, authBytes: NOTHING }),
})
