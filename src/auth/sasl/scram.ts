// SCRAM-SHA-256 and SCRAM-SHA-512 (RFC 5802, RFC 7677), the server's side, without channel binding. An unknown user is
// led through the whole exchange with a decoy credential, so that nobody can find out who exists.
//
//   first --client-first--> final --client-final--> over
//     each may fail, with an `e=` value for the peer

import type { World } from '../../world/index.ts'
import type { ScramCredential } from '../credentials.ts'
import { SCRAM_NONCE_BYTES } from '../limits.ts'
import { user as userPrincipal } from '../principal.ts'
import {
  type Credentials,
  failed,
  REFUSED,
  type SaslExchange,
  type SaslFailure,
  type SaslMechanism,
  type SaslStep,
} from './mechanism.ts'
import { equalSecrets, type ScramName, signature, storedKey, xor } from './scram-keys.ts'
import {
  type ClientFinal,
  type ClientFirst,
  readClientFinal,
  readClientFirst,
  type ScramErrorValue,
  writeServerFirst,
} from './scram-messages.ts'
import { decodeText } from './text.ts'

type State = { readonly at: 'first' } | Challenged | { readonly at: 'over' }

interface Challenged {
  readonly at: 'final'
  readonly first: ClientFirst
  readonly nonce: string
  readonly serverFirst: string
  readonly known: boolean
  readonly credential: ScramCredential
}

/** Draws one side's half of the nonce. */
export type NonceSource = (world: World) => string

/** A fresh nonce: printable and without a comma. */
export const freshNonce: NonceSource = world => world.randomBytes(SCRAM_NONCE_BYTES).toString('base64')

/** The SCRAM mechanism of that name; `nonce` is for tests with published vectors. */
export function scram(
  name: ScramName,
  { nonce = freshNonce }: { readonly nonce?: NonceSource } = {},
): SaslMechanism {
  return { name, start: (users, _peer, world) => new ScramExchange(name, users, () => nonce(world)) }
}

class ScramExchange implements SaslExchange {
  readonly #mechanism: ScramName
  readonly #users: Credentials
  readonly #nonce: () => string
  #state: State = { at: 'first' }

  constructor(mechanism: ScramName, users: Credentials, nonce: () => string) {
    this.#mechanism = mechanism
    this.#users = users
    this.#nonce = nonce
  }

  step(response: Buffer): SaslStep {
    const state = this.#state
    this.#state = { at: 'over' }
    const text = decodeText(response)
    if (text === undefined) return refused('invalid-encoding', 'the message is too long or not UTF-8')
    switch (state.at) {
      case 'first':
        return this.#challenge(text)
      case 'final':
        return this.#verify(state, text)
      case 'over':
        return refused('other-error', 'a response after the end of the exchange')
    }
  }

  #challenge(text: string): SaslStep {
    const first = readClientFirst(text)
    if (first.at === 'malformed') return refused(first.value, `client-first: ${first.reason}`)
    const { known, credential } = this.#users.scram(first.user, this.#mechanism)
    const nonce = first.nonce + this.#nonce()
    const serverFirst = writeServerFirst({ nonce, salt: credential.salt, iterations: credential.iterations })
    this.#state = { at: 'final', first, nonce, serverFirst, known, credential }
    return { at: 'continue', challenge: Buffer.from(serverFirst) }
  }

  /**
   * librdkafka before 2.6.1 puts its own nonce before ours a second time (its pull request 4895). Kafka takes that too;
   * the proof signs the message as it was sent, so nothing is lost.
   */
  #verify(state: Challenged, text: string): SaslStep {
    const final = readClientFinal(text)
    if (final.at === 'malformed') return refused(final.value, `client-final: ${final.reason}`)
    if (!final.channelBinding.equals(Buffer.from(state.first.gs2Header)))
      return refused('channel-bindings-dont-match', 'client-final: c= is not the gs2 header')
    if (final.nonce !== state.nonce && final.nonce !== state.first.nonce + state.nonce)
      return refused('other-error', 'client-final: the nonce is not the one that was sent')
    return this.#conclude(state, final)
  }

  #conclude({ first, serverFirst, known, credential }: Challenged, final: ClientFinal): SaslStep {
    const authMessage = `${first.bare},${serverFirst},${final.withoutProof}`
    // A decoy's StoredKey is the hash of nothing, so `known` changes no outcome; it is the second lock on the door.
    if (!this.#proves(credential, authMessage, final.proof) || !known)
      return refused('invalid-proof', `unknown user or wrong password for '${first.user}'`)
    if (first.authzid !== '' && first.authzid !== first.user)
      return refused('other-error', `'${first.user}' asked to act as '${first.authzid}'`)
    const proof = signature(this.#mechanism, credential.serverKey, authMessage)
    return {
      at: 'done',
      principal: userPrincipal(first.user),
      challenge: Buffer.from(`v=${proof.toString('base64')}`),
    }
  }

  /** H(proof XOR ClientSignature) must be StoredKey (RFC 5802 section 3). */
  #proves(credential: ScramCredential, authMessage: string, proof: Buffer): boolean {
    const clientSignature = signature(this.#mechanism, credential.storedKey, authMessage)
    if (proof.length !== clientSignature.length) return false
    return equalSecrets(storedKey(this.#mechanism, xor(proof, clientSignature)), credential.storedKey)
  }
}

const messages: Partial<Record<ScramErrorValue, string>> = {
  'channel-binding-not-supported': 'Authentication failed: channel binding is not supported',
  'extensions-not-supported': 'Authentication failed: a mandatory SCRAM extension is not supported',
  'invalid-encoding': 'Authentication failed: malformed SCRAM message',
  'invalid-username-encoding': 'Authentication failed: malformed user name in a SCRAM message',
}

function refused(value: ScramErrorValue, reason: string): SaslFailure {
  return { ...failed(reason, messages[value] ?? REFUSED), challenge: Buffer.from(`e=${value}`) }
}
