// The registry of users in memory: a credential per (user, mechanism). It only applies changes; keeping them is its
// owner's business. Users that do not exist get a decoy credential derived from a secret of the server, the same at
// every call, so that neither the salt nor the time of a login tells who exists. The decoy's iterations are one
// setting: where users have other counts than that, or salts of another length, they can still be told apart.

import { createHmac } from 'node:crypto'
import { passwordMatches, type ScramCredential } from './credentials.ts'
import { Derivations } from './derivations.ts'
import { AuthError } from './errors.ts'
import { CREDENTIALS_MAX, SCRAM_ITERATIONS_DEFAULT, SCRAM_SALT_BYTES } from './limits.ts'
import type { Credentials } from './sasl/mechanism.ts'
import { keyBytes, type ScramName, scramNames } from './sasl/scram-keys.ts'
import type { UserChange } from './user-change.ts'

/** What Kafka's DescribeUserScramCredentials shows of a credential. */
export interface CredentialSummary {
  readonly mechanism: ScramName
  readonly iterations: number
}

type OfUser = Map<ScramName, ScramCredential>

export class Users implements Credentials {
  readonly #users = new Map<string, OfUser>()
  readonly #decoySecret: Buffer
  readonly #decoyIterations: number
  readonly #credentialsMax: number
  readonly #derivations: Derivations
  #count = 0

  /** `decoySecret`: random bytes that stay the same over restarts, or salts of unknown users would change with them. */
  constructor({
    decoySecret,
    decoyIterations = SCRAM_ITERATIONS_DEFAULT,
    credentialsMax = CREDENTIALS_MAX,
    derivations = new Derivations(),
  }: {
    readonly decoySecret: Buffer
    readonly decoyIterations?: number
    readonly credentialsMax?: number
    readonly derivations?: Derivations
  }) {
    this.#decoySecret = Buffer.from(decoySecret)
    this.#decoyIterations = decoyIterations
    this.#credentialsMax = credentialsMax
    this.#derivations = derivations
  }

  /** Number of (user, mechanism) credentials. */
  get count(): number {
    return this.#count
  }

  /** The bounded derivation of this registry, for making credentials from passwords. */
  get derive(): Derivations['derive'] {
    return this.#derivations.derive
  }

  /** Applies a change; the same one twice does no harm. Throws AUTH_CREDENTIALS_FULL. */
  apply(change: UserChange): void {
    if (change.kind === 'delete') this.#delete(change.user, change.mechanism)
    else this.#set(change.user, change.mechanism, change.credential)
  }

  /** Throws AUTH_CREDENTIALS_FULL if setting that credential would exceed the limit: ask before keeping a change. */
  checkRoom(user: string, mechanism: ScramName): void {
    if (this.#count < this.#credentialsMax || this.has(user, mechanism)) return
    const limit = this.#credentialsMax
    throw new AuthError('AUTH_CREDENTIALS_FULL', `there are ${limit} credentials already`, { limit })
  }

  /** The change that deletes a credential. Throws AUTH_CREDENTIAL_UNKNOWN if there is none. */
  deletion(user: string, mechanism: ScramName): UserChange {
    if (!this.has(user, mechanism))
      throw new AuthError('AUTH_CREDENTIAL_UNKNOWN', `user '${user}' has no ${mechanism} credential`, {
        user,
        mechanism,
      })
    return { kind: 'delete', user, mechanism }
  }

  has(user: string, mechanism: ScramName): boolean {
    return this.#users.get(user)?.has(mechanism) ?? false
  }

  /** The names of all users, sorted. */
  names(): string[] {
    return [...this.#users.keys()].sort()
  }

  /** The user's mechanisms and iterations, or undefined if there is no such user. Nothing secret. */
  describe(user: string): CredentialSummary[] | undefined {
    const ofUser = this.#users.get(user)
    if (ofUser === undefined) return undefined
    return scramNames.flatMap(mechanism => {
      const credential = ofUser.get(mechanism)
      return credential === undefined ? [] : [{ mechanism, iterations: credential.iterations }]
    })
  }

  /** Every credential as the change that makes it: for a snapshot. */
  *snapshot(): Generator<UserChange> {
    for (const [user, ofUser] of this.#users)
      for (const [mechanism, credential] of ofUser) yield { kind: 'set', user, mechanism, credential }
  }

  scram(user: string, mechanism: ScramName): { known: boolean; credential: ScramCredential } {
    // The decoy is made for known users too, so that the time is the same.
    const decoy = this.#decoy(user, mechanism)
    const credential = this.#users.get(user)?.get(mechanism)
    return { known: credential !== undefined, credential: credential ?? decoy }
  }

  async checkPassword(user: string, password: string): Promise<'right' | 'wrong' | 'busy'> {
    const mechanism = scramNames.find(name => this.has(user, name)) ?? 'SCRAM-SHA-256'
    const { known, credential } = this.scram(user, mechanism)
    try {
      const matches = await passwordMatches(mechanism, credential, password, this.derive)
      return matches && known ? 'right' : 'wrong'
    } catch (error) {
      return error instanceof AuthError && error.code === 'AUTH_BUSY' ? 'busy' : 'wrong'
    }
  }

  #set(user: string, mechanism: ScramName, credential: ScramCredential): void {
    this.checkRoom(user, mechanism)
    const ofUser: OfUser = this.#users.get(user) ?? new Map()
    if (!ofUser.has(mechanism)) this.#count++
    ofUser.set(mechanism, credential)
    this.#users.set(user, ofUser)
  }

  #delete(user: string, mechanism: ScramName): void {
    const ofUser = this.#users.get(user)
    if (!ofUser?.delete(mechanism)) return
    this.#count--
    if (ofUser.size === 0) this.#users.delete(user)
  }

  #decoy(user: string, mechanism: ScramName): ScramCredential {
    const draw = (what: string): Buffer =>
      createHmac('sha512', this.#decoySecret).update(`${what}\0${mechanism}\0${user}`).digest()
    return {
      salt: draw('salt').subarray(0, SCRAM_SALT_BYTES),
      iterations: this.#decoyIterations,
      storedKey: draw('stored key').subarray(0, keyBytes(mechanism)),
      serverKey: draw('server key').subarray(0, keyBytes(mechanism)),
    }
  }
}
