// What every SASL mechanism (RFC 4422) looks like to a protocol head: a machine without I/O that is fed the client's
// responses. The head carries the bytes in its own frames and maps the three outcomes on its own words.
// A step is synchronous unless a slow key derivation is needed; then it is a promise, which never rejects.

import type { World } from '../../world/index.ts'
import type { ScramCredential } from '../credentials.ts'
import type { Principal } from '../principal.ts'
import type { ScramName } from './scram-keys.ts'

/** What the transport knows of the peer. */
export interface PeerFacts {
  /** The peer's IP address, without port. */
  readonly address: string
  /** Present only if the peer showed a TLS certificate whose chain was verified against the configured authority. */
  readonly certificate?: PeerCertificate
}

/** Names in the subject of a verified client certificate. */
export interface PeerCertificate {
  /** The whole subject, e.g. `CN=orders,O=Shop`. */
  readonly distinguishedName: string
  readonly commonName?: string
}

/** What the machines need to know of users. `Users` implements it. */
export interface Credentials {
  /** The user's credential; for an unknown user a decoy that looks like one, the same at every call. */
  scram(user: string, mechanism: ScramName): { readonly known: boolean; readonly credential: ScramCredential }
  /**
   * Checks a plain password; takes as long for an unknown user as for a wrong password. A principal is an answer where
   * the password itself said who it is, as tokens do. Never rejects.
   */
  checkPassword(user: string, password: string): Promise<'right' | 'wrong' | 'busy' | Principal>
}

/** The outcome of one step. */
export type SaslStep =
  | { readonly at: 'continue'; readonly challenge: Buffer }
  | { readonly at: 'done'; readonly principal: Principal; readonly challenge?: Buffer }
  | SaslFailure

/** The end without a principal. */
export interface SaslFailure {
  readonly at: 'failed'
  /** For our log: what exactly was wrong. Never a secret. */
  readonly reason: string
  /** For the peer: says nothing that helps in guessing users or passwords. */
  readonly message: string
  /** What the mechanism itself says to the peer, where it has a way to (SCRAM's `e=`). */
  readonly challenge?: Buffer
}

/** One authentication under way. After `done` or `failed` each further step fails. */
export interface SaslExchange {
  /** Feeds the client's response; the initial response is the first. `response` is borrowed until the step ends. */
  step(response: Buffer): SaslStep | Promise<SaslStep>
}

/** A mechanism that a listener may offer. */
export interface SaslMechanism {
  /** The registered name, e.g. `SCRAM-SHA-256`. */
  readonly name: string
  start(users: Credentials, peer: PeerFacts, world: World): SaslExchange
}

/** What a peer is told about every wrong user, password, proof and certificate. */
export const REFUSED = 'Authentication failed: invalid credentials'

/** A failure with its reason for the log and its message for the peer. */
export function failed(reason: string, message: string = REFUSED): SaslFailure {
  return { at: 'failed', reason, message }
}
