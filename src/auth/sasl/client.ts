// The client's side of PLAIN and SCRAM, without I/O: for the command line client and for tests. The first step takes
// no challenge and gives the initial response; SCRAM trusts the server only after its signature was checked.
//
//   scram:  first --> challenged --server-first--> proven --server-final--> over

import type { World } from '../../world/index.ts'
import { normalPassword } from '../credentials.ts'
import { SCRAM_CLIENT_ITERATIONS_MAX, SCRAM_ITERATIONS_MIN } from '../limits.ts'
import { freshNonce, type NonceSource } from './scram.ts'
import {
  clientKey,
  equalSecrets,
  type ScramName,
  saltedPassword,
  serverKey,
  signature,
  storedKey,
  xor,
} from './scram-keys.ts'
import { readServerFinal, readServerFirst, type ServerFirst } from './scram-messages.ts'
import { decodeText, encodeSaslName } from './text.ts'

/** The outcome of a client's step. `done` is trustworthy only together with the protocol's own word of success. */
export type SaslClientStep =
  | { readonly at: 'respond'; readonly response: Buffer }
  | { readonly at: 'done' }
  | { readonly at: 'failed'; readonly reason: string }

/** One authentication, seen from the client. */
export interface SaslClient {
  readonly mechanism: string
  /** Feeds the server's challenge; the first call takes an empty buffer. Its promise never rejects. */
  step(challenge: Buffer): SaslClientStep | Promise<SaslClientStep>
}

/** Who logs in. */
export interface Login {
  readonly user: string
  readonly password: string
}

type State =
  | { readonly at: 'first' }
  | { readonly at: 'challenged'; readonly bare: string; readonly nonce: string }
  | { readonly at: 'proven'; readonly serverSignature: Buffer }
  | { readonly at: 'over' }

/** The client's side of PLAIN (RFC 4616). */
export function plainClient({ user, password }: Login): SaslClient {
  let sent = false
  return {
    mechanism: 'PLAIN',
    step: () => {
      if (sent) return { at: 'done' }
      sent = true
      return { at: 'respond', response: Buffer.from(`\0${user}\0${password}`) }
    },
  }
}

/** The client's side of SCRAM (RFC 5802); `nonce` is for tests with published vectors. */
export function scramClient(
  mechanism: ScramName,
  login: Login,
  { world, nonce = freshNonce }: { readonly world: World; readonly nonce?: NonceSource },
): SaslClient {
  return new ScramClient(mechanism, login, () => nonce(world))
}

class ScramClient implements SaslClient {
  readonly mechanism: ScramName
  readonly #login: Login
  readonly #nonce: () => string
  #state: State = { at: 'first' }

  constructor(mechanism: ScramName, login: Login, nonce: () => string) {
    this.mechanism = mechanism
    this.#login = login
    this.#nonce = nonce
  }

  step(challenge: Buffer): SaslClientStep | Promise<SaslClientStep> {
    const state = this.#state
    this.#state = { at: 'over' }
    const text = decodeText(challenge)
    if (text === undefined) return failed('the message is too long or not UTF-8')
    switch (state.at) {
      case 'first':
        return this.#begin()
      case 'challenged':
        return this.#prove(state.bare, state.nonce, text)
      case 'proven':
        return conclude(state.serverSignature, text)
      case 'over':
        return failed('a challenge after the end of the exchange')
    }
  }

  #begin(): SaslClientStep {
    const nonce = this.#nonce()
    const bare = `n=${encodeSaslName(this.#login.user)},r=${nonce}`
    this.#state = { at: 'challenged', bare, nonce }
    return { at: 'respond', response: Buffer.from(`n,,${bare}`) }
  }

  #prove(bare: string, nonce: string, text: string): SaslClientStep | Promise<SaslClientStep> {
    const first = readServerFirst(text)
    if (first.at === 'malformed') return failed(`server-first: ${first.reason}`)
    if (!first.nonce.startsWith(nonce) || first.nonce.length === nonce.length)
      return failed('server-first: the nonce does not extend the one that was sent')
    if (first.iterations < SCRAM_ITERATIONS_MIN || first.iterations > SCRAM_CLIENT_ITERATIONS_MAX) {
      const allowed = `${SCRAM_ITERATIONS_MIN} to ${SCRAM_CLIENT_ITERATIONS_MAX}`
      return failed(`server-first: ${first.iterations} iterations asked for, allowed are ${allowed}`)
    }
    return this.#derive(bare, text, first)
  }

  async #derive(bare: string, serverFirst: string, first: ServerFirst): Promise<SaslClientStep> {
    const { mechanism } = this
    const password = normalPassword(this.#login.password)
    const salted = await saltedPassword(mechanism, password, first.salt, first.iterations)
    const withoutProof = `c=biws,r=${first.nonce}`
    const authMessage = `${bare},${serverFirst},${withoutProof}`
    const key = clientKey(mechanism, salted)
    const proof = xor(key, signature(mechanism, storedKey(mechanism, key), authMessage))
    const serverSignature = signature(mechanism, serverKey(mechanism, salted), authMessage)
    this.#state = { at: 'proven', serverSignature }
    return { at: 'respond', response: Buffer.from(`${withoutProof},p=${proof.toString('base64')}`) }
  }
}

function conclude(serverSignature: Buffer, text: string): SaslClientStep {
  const final = readServerFinal(text)
  if (final.at === 'malformed') return failed(`server-final: ${final.reason}`)
  if (final.at === 'refused') return failed(`the server refused: ${final.error}`)
  return equalSecrets(final.signature, serverSignature)
    ? { at: 'done' }
    : failed('the server does not know the password: its signature is wrong')
}

function failed(reason: string): SaslClientStep {
  return { at: 'failed', reason }
}
