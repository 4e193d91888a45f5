// SASL EXTERNAL (RFC 4422 appendix A), the server's side: who somebody is was settled below, by a TLS client
// certificate. The one response is an authorization id: empty, or the very name that the certificate gives. Clients of
// RabbitMQ, which does not look at it, send anything there, such as two asterisks.
//
//   response -> done | failed

import { user } from '../principal.ts'
import {
  failed,
  type PeerCertificate,
  type PeerFacts,
  type SaslExchange,
  type SaslMechanism,
  type SaslStep,
} from './mechanism.ts'
import { decodeText, isUserName } from './text.ts'

/** Which name in the certificate's subject is the user name. */
export type CertificateIdentity = 'distinguished_name' | 'common_name'

export interface ExternalOptions {
  /** Which name is the user's; as RabbitMQ and Kafka, by default, the whole subject. */
  readonly identity?: CertificateIdentity | undefined
  /** Takes whatever stands in the response for no authorization id, as RabbitMQ does. */
  readonly ignoreResponse?: boolean
}

/** The EXTERNAL mechanism for listeners with TLS client authentication. */
export function external({
  identity = 'distinguished_name',
  ignoreResponse = false,
}: ExternalOptions = {}): SaslMechanism {
  return { name: 'EXTERNAL', start: (_users, peer) => new ExternalExchange(peer, identity, ignoreResponse) }
}

/** The user name that a verified certificate gives, or undefined if its subject has none that is usable. */
export function certificateUser(
  certificate: PeerCertificate,
  identity: CertificateIdentity,
): string | undefined {
  const name = identity === 'common_name' ? certificate.commonName : certificate.distinguishedName
  return name !== undefined && isUserName(name) ? name : undefined
}

class ExternalExchange implements SaslExchange {
  readonly #peer: PeerFacts
  readonly #identity: CertificateIdentity
  readonly #ignoresResponse: boolean
  #over = false

  constructor(peer: PeerFacts, identity: CertificateIdentity, ignoresResponse: boolean) {
    this.#peer = peer
    this.#identity = identity
    this.#ignoresResponse = ignoresResponse
  }

  step(response: Buffer): SaslStep {
    if (this.#over) return failed('a response after the end of the exchange')
    this.#over = true
    const { certificate } = this.#peer
    if (certificate === undefined) return failed('the peer showed no verified certificate')
    const name = certificateUser(certificate, this.#identity)
    if (name === undefined) return failed(`the certificate's subject has no usable ${this.#identity}`)
    if (this.#ignoresResponse) return { at: 'done', principal: user(name) }
    const authzid = decodeText(response)
    if (authzid === undefined) return failed('the authorization id is too long or not UTF-8')
    if (authzid !== '' && authzid !== name) return failed(`'${name}' asked to act as '${authzid}'`)
    return { at: 'done', principal: user(name) }
  }
}
