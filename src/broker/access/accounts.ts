// Users as RabbitMQ's administrators see them: with tags, over the same SCRAM credentials that every head checks. A
// record here says what the credentials do not: the tags, a password hash that was imported, and what became of the
// built-in account.
// That is guest with the password guest, as RabbitMQ has it and every client library tries first: an administrator, from
// loopback only. It is no SCRAM user, so no other head knows it. It ends for good when it is deleted, and becomes an
// ordinary user when a password is set for it.

import { createHash, timingSafeEqual } from 'node:crypto'
import {
  AuthError,
  type AuthErrorCode,
  credentialFromJson,
  credentialToJson,
  passwordChanges,
  type ScramCredentialJson,
  type ScramName,
  scramNames,
  type TokenGrant,
  type TokenLogin,
  type UserChange,
  type Users,
} from '../../auth/index.ts'
import type { World } from '../../world/index.ts'
import { BrokerError } from '../errors.ts'
import type { Change, Journal, Section } from '../journal.ts'
import { KeptTable } from '../kept-table.ts'
import { DEFAULT_VHOST } from '../vhosts.ts'
import { Writes } from '../writes.ts'
import { type Access, userRecords } from './access.ts'
import { hashMatches, type PasswordHash } from './password-hash.ts'
import { fullPermission, type Permissions } from './permissions.ts'
import type { UserLimits } from './user-limits.ts'

const ACCOUNT = 'account'
/** Records of users. Ours. */
export const ACCOUNTS_MAX = 100_000
/** Tags of one user, and characters of one tag. Ours. */
export const TAGS_MAX = 32
export const TAG_LENGTH_MAX = 255
/** Longest user name in UTF-8 bytes: a short string of AMQP. */
export const ACCOUNT_NAME_BYTES_MAX = 255

/** The built-in account's name, and its password. */
export const GUEST = 'guest'

/** How a user proves who it is. */
export type NewCredential =
  | { readonly kind: 'password'; readonly password: string }
  | { readonly kind: 'hash'; readonly hash: PasswordHash }
  | { readonly kind: 'scram'; readonly scram: Readonly<Partial<Record<ScramName, ScramCredentialJson>>> }
  /** No password will do. */
  | { readonly kind: 'none' }

/** A user as it is listed. */
export interface Account {
  readonly name: string
  /** administrator, management, monitoring, policymaker, impersonator, or any other word. */
  readonly tags: readonly string[]
  readonly source: 'built-in' | 'configured' | 'stored'
}

/** A user with what is needed to make it elsewhere. */
export interface AccountDefinition extends Account {
  readonly hash?: PasswordHash
  readonly scram?: Readonly<Partial<Record<ScramName, ScramCredentialJson>>>
}

export type Authentication =
  | {
      readonly at: 'known'
      readonly user: string
      readonly tags: readonly string[]
      /** What it may do instead of what the broker's permissions say: it logged in by a token. */
      readonly grant?: TokenGrant
    }
  /** `reason` is for the log, not for the peer. */
  | { readonly at: 'refused'; readonly reason: string }
  /** Too many passwords are being checked; try again. */
  | { readonly at: 'busy' }

type AccountRecord =
  | { readonly at: 'user'; readonly tags: readonly string[]; readonly hash?: PasswordHash }
  /** The built-in account with other tags. */
  | { readonly at: 'built-in'; readonly tags: readonly string[] }
  /** The built-in account was deleted. */
  | { readonly at: 'gone' }

export interface AccountsParts {
  readonly access: Access
  readonly permissions: Permissions
  readonly limits: UserLimits
  readonly world: World
  /** Whether there is the account guest at first. Default true. */
  readonly guest?: boolean
}

export class Accounts {
  readonly sections: readonly Section[]
  readonly #parts: AccountsParts
  readonly #records: KeptTable<AccountRecord>
  /** Users of the server's configuration, with their tags. */
  readonly #configured = new Map<string, readonly string[]>()
  readonly #writes = new Writes()
  readonly #deletionListeners: ((name: string) => void)[] = []

  constructor(parts: AccountsParts) {
    this.#parts = parts
    this.#records = new KeptTable<AccountRecord>(ACCOUNT, { read: json => json as unknown as AccountRecord })
    this.sections = [this.#records]
  }

  attach(journal: Journal): void {
    this.#writes.attach(journal)
  }

  /** A user that the server was configured with: may do everything on '/' unless permissions that are set say otherwise. */
  grantDefault(user: string, tags: readonly string[] = []): void {
    this.#configured.set(user, tags)
  }

  /** For `Permissions`: whether the user may do everything on '/' by default. */
  hasDefault(user: string): boolean {
    if (this.#configured.has(user)) return true
    return user === GUEST && this.#guestStands()
  }

  /** Hears of a user once its deletion is durable. */
  onDeleted(listener: (name: string) => void): void {
    this.#deletionListeners.push(listener)
  }

  has(name: string): boolean {
    return this.get(name) !== undefined
  }

  get(name: string): Account | undefined {
    const record = this.#records.get(name)
    const configured = this.#configured.get(name)
    if (record?.at === 'user')
      return { name, tags: record.tags, source: configured ? 'configured' : 'stored' }
    if (configured !== undefined) return { name, tags: configured, source: 'configured' }
    if (this.#isBuiltIn(name))
      return { name, tags: record?.at === 'built-in' ? record.tags : ['administrator'], source: 'built-in' }
    return this.#users.describe(name) === undefined ? undefined : { name, tags: [], source: 'stored' }
  }

  /** All users by name, also those that only other heads' credentials make. */
  list(): Account[] {
    const names = new Set([
      ...this.#records.keys(),
      ...this.#configured.keys(),
      ...this.#users.names(),
      GUEST,
    ])
    return [...names].sort().flatMap(name => this.get(name) ?? [])
  }

  /** Everything that makes the user elsewhere; the built-in account has no credential to show. */
  definition(name: string): AccountDefinition | undefined {
    const account = this.get(name)
    if (account === undefined) return undefined
    const record = this.#records.get(name)
    const scram = this.#scramOf(name)
    return {
      ...account,
      ...(record?.at === 'user' && record.hash !== undefined && { hash: record.hash }),
      ...(Object.keys(scram).length > 0 && { scram }),
    }
  }

  /**
   * Makes or replaces a user with all its credentials, in one write. Errors: ARGUMENT_INVALID (also for a configured
   * user's credential), LIMIT_EXCEEDED, STORAGE_*.
   */
  async put(
    name: string,
    { tags, credential }: { readonly tags: readonly string[]; readonly credential: NewCredential },
  ): Promise<void> {
    checkName(name)
    checkTags(tags)
    if (this.#configured.has(name))
      throw invalid(`user '${name}' is configured where the server is started; change it there`)
    if (this.#records.size >= ACCOUNTS_MAX && !this.#records.has(name))
      throw new BrokerError('LIMIT_EXCEEDED', `there are ${ACCOUNTS_MAX} users already; delete some`)
    const changes = await this.#credentialChanges(name, credential)
    const hash = credential.kind === 'hash' ? { hash: { ...credential.hash } } : {}
    await this.#writes.write([
      ...this.#keepGuestsPermission(name),
      ...userRecords(changes),
      { section: ACCOUNT, key: name, value: { at: 'user', tags: [...tags], ...hash } },
    ])
  }

  /** Errors: USER_UNKNOWN, ARGUMENT_INVALID, STORAGE_*. */
  async setTags(name: string, tags: readonly string[]): Promise<void> {
    this.#require(name)
    checkTags(tags)
    const record = this.#records.get(name)
    const value = this.#isBuiltIn(name)
      ? { at: 'built-in', tags: [...tags] }
      : {
          ...(record?.at === 'user'
            ? { ...record, hash: record.hash && { ...record.hash } }
            : { at: 'user' }),
          tags: [...tags],
        }
    await this.#writes.write([{ section: ACCOUNT, key: name, value }])
  }

  /** Deletes the user with its credentials, permissions and limits. Errors: USER_UNKNOWN, ARGUMENT_INVALID, STORAGE_*. */
  async delete(name: string): Promise<void> {
    this.#require(name)
    if (this.#configured.has(name))
      throw invalid(`user '${name}' is configured where the server is started; take it out there`)
    const value = name === GUEST ? { at: 'gone' } : null
    await this.#writes.write([
      ...this.#parts.permissions.forgetUser(name),
      ...this.#parts.limits.forget(name),
      ...userRecords(this.#deletions(name)),
      { section: ACCOUNT, key: name, value },
    ])
    for (const listener of this.#deletionListeners) listener(name)
  }

  /** Checks a token at the time that it is; undefined where this is none, or tokens are not taken. */
  tokenLogin(token: string): TokenLogin | undefined {
    const { tokens } = this.#parts.access
    return tokens?.takes(token) ? tokens.login(token, this.#parts.world.now()) : undefined
  }

  /**
   * Checks a password, for PLAIN, AMQPLAIN and HTTP. Takes as long for unknown users as for wrong passwords. A token in
   * its place says itself who the user is.
   */
  async authenticate(
    user: string,
    password: string,
    { loopback }: { readonly loopback: boolean },
  ): Promise<Authentication> {
    const token = this.tokenLogin(password)
    if (token !== undefined) return authenticationOf(token)
    if (this.#isBuiltIn(user)) return this.#authenticateGuest(password, loopback)
    const record = this.#records.get(user)
    const hash = record?.at === 'user' ? record.hash : undefined
    // Always, so that the time does not tell which kind of credential there is, if any.
    const checked = await this.#users.checkPassword(user, password)
    if (checked === 'busy') return { at: 'busy' }
    const right =
      password !== '' && (checked === 'right' || (hash !== undefined && hashMatches(hash, password)))
    if (!right) return { at: 'refused', reason: `user '${user}' is unknown or the password is wrong` }
    return { at: 'known', user, tags: this.get(user)?.tags ?? [] }
  }

  #authenticateGuest(password: string, loopback: boolean): Authentication {
    const digest = (text: string) => createHash('sha256').update(text).digest()
    if (!timingSafeEqual(digest(password), digest(GUEST)))
      return { at: 'refused', reason: `the password of the built-in user '${GUEST}' is wrong` }
    if (!loopback) return { at: 'refused', reason: `user '${GUEST}' can only connect via localhost` }
    return { at: 'known', user: GUEST, tags: this.get(GUEST)?.tags ?? [] }
  }

  get #users(): Users {
    return this.#parts.access.users
  }

  /** Whether the built-in account was neither deleted nor made an ordinary user by `put`. */
  #guestStands(): boolean {
    const record = this.#records.get(GUEST)
    return this.#parts.guest !== false && (record === undefined || record.at === 'built-in')
  }

  /** Whether the name is that of the built-in account, and its password counts. */
  #isBuiltIn(name: string): boolean {
    if (name !== GUEST || !this.#guestStands()) return false
    return !this.#configured.has(name) && this.#users.describe(name) === undefined
  }

  #keepGuestsPermission(name: string): Change[] {
    const had = name === GUEST && this.#guestStands() && this.#parts.permissions.mayEnter(name, DEFAULT_VHOST)
    const set = this.#parts.permissions.list().some(one => one.user === name && one.vhost === DEFAULT_VHOST)
    return had && !set ? [fullPermission(name, DEFAULT_VHOST)] : []
  }

  async #credentialChanges(name: string, credential: NewCredential): Promise<UserChange[]> {
    try {
      const sets = await this.#sets(name, credential)
      for (const { mechanism } of sets) this.#users.checkRoom(name, mechanism)
      const kept = new Set(sets.map(one => one.mechanism))
      return [...this.#deletions(name).filter(one => !kept.has(one.mechanism)), ...sets]
    } catch (error) {
      if (!(error instanceof AuthError)) throw error
      throw new BrokerError(
        full.has(error.code) ? 'LIMIT_EXCEEDED' : 'ARGUMENT_INVALID',
        error.message,
        error,
      )
    }
  }

  async #sets(name: string, credential: NewCredential): Promise<UserChange[]> {
    switch (credential.kind) {
      case 'password':
        return passwordChanges(
          { user: name, password: credential.password },
          { world: this.#parts.world, derive: this.#users.derive },
        )
      case 'scram':
        return scramNames.flatMap(mechanism => {
          const json = credential.scram[mechanism]
          if (json === undefined) return []
          return [
            { kind: 'set' as const, user: name, mechanism, credential: credentialFromJson(mechanism, json) },
          ]
        })
      case 'hash':
      case 'none':
        return []
    }
  }

  #deletions(name: string): UserChange[] {
    return scramNames.filter(one => this.#users.has(name, one)).map(one => this.#users.deletion(name, one))
  }

  #scramOf(name: string): Partial<Record<ScramName, ScramCredentialJson>> {
    const known = scramNames.filter(one => this.#users.has(name, one))
    return Object.fromEntries(
      known.map(one => [one, credentialToJson(this.#users.scram(name, one).credential)]),
    )
  }

  #require(name: string): void {
    if (!this.has(name)) throw new BrokerError('USER_UNKNOWN', `there is no user '${name}'`)
  }
}

function authenticationOf(token: TokenLogin): Authentication {
  if (token.at === 'refused') return { at: 'refused', reason: `a token was refused: ${token.reason}` }
  const { user, grant } = token
  return { at: 'known', user, tags: grant.tags, grant }
}

/** What the credentials' room refuses for want of room, in memory or among the password checks that wait. */
const full: ReadonlySet<AuthErrorCode> = new Set(['AUTH_CREDENTIALS_FULL', 'AUTH_BUSY'])

function checkName(name: string): void {
  const bytes = Buffer.byteLength(name)
  if (bytes < 1 || bytes > ACCOUNT_NAME_BYTES_MAX)
    throw invalid(`the name of a user has ${bytes} bytes; it must have 1 to ${ACCOUNT_NAME_BYTES_MAX}`)
}

function checkTags(tags: readonly string[]): void {
  if (tags.length > TAGS_MAX)
    throw invalid(`${tags.length} tags are more than the ${TAGS_MAX} that a user may have`)
  const bad = tags.find(tag => tag === '' || tag.length > TAG_LENGTH_MAX || /[\s,]/.test(tag))
  if (bad !== undefined)
    throw invalid(
      `the tag '${bad.slice(0, 60)}' must be a word of 1 to ${TAG_LENGTH_MAX} characters without comma`,
    )
}

function invalid(message: string): BrokerError {
  return new BrokerError('ARGUMENT_INVALID', message)
}
