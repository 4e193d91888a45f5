// Who may do what, kept: users' credentials and access control entries are sections of the metadata log, and the
// registries of auth/ answer from memory. Authorization is on when somebody asks for it: without, everything is allowed.

import {
  type AclBinding,
  type AclFilter,
  Authorizer,
  bindingKey,
  type OauthSettings,
  parseBinding,
  TokenLogins,
  type UserChange,
  Users,
  userChangeFromJson,
  userChangeToJson,
} from '../../auth/index.ts'
import type { Change, Journal, Json, Section } from '../journal.ts'

const ACL = 'acl'
const USER = 'user'

export interface AccessOptions {
  /** Principals that may do everything, such as `User:admin`. */
  readonly superUsers?: readonly string[]
  /** Whether a resource without any entry is open to all. Default true, so that a fresh broker serves. */
  readonly allowIfNone?: boolean
  /** Takes tokens of an OAuth 2 server in the place of passwords. Default: no. */
  readonly oauth?: OauthSettings
}

export class Access {
  readonly authorizer: Authorizer
  /** Undefined where tokens are not taken. */
  readonly tokens: TokenLogins | undefined
  /** The sections of the metadata log that this is kept in. */
  readonly sections: readonly Section[]
  readonly #acls = new Map<string, AclBinding>()
  readonly #userRecords = new Map<string, Json>()
  #users: Users | undefined
  #journal: Journal | undefined

  /** Errors: AUTH_KEYS_INVALID. */
  constructor({ superUsers = [], allowIfNone = true, oauth }: AccessOptions = {}) {
    this.authorizer = new Authorizer({ superUsers, allowIfNone })
    this.tokens = oauth && new TokenLogins(oauth)
    this.sections = [this.#aclSection(), this.#userSection()]
  }

  /** Everything was read back; `decoySecret` makes up the credentials of users that do not exist. */
  open(journal: Journal, decoySecret: Buffer): void {
    this.#journal = journal
    this.#users = new Users({ decoySecret })
    for (const record of this.#userRecords.values()) this.#users.apply(userChangeFromJson(record))
  }

  get users(): Users {
    if (this.#users === undefined) throw new TypeError('users are asked for before the broker is open')
    return this.#users
  }

  /** Adds entries; those that are there already stay. Resolves when they are durable. */
  async addAcls(bindings: readonly AclBinding[]): Promise<void> {
    await this.#write(
      bindings.map(binding => ({
        section: ACL,
        key: bindingKey(binding),
        value: binding as unknown as Json,
      })),
    )
  }

  /** Removes what any of the filters matches, and gives for each what it matched, also what others matched too. */
  async removeAcls(filters: readonly AclFilter[]): Promise<readonly (readonly AclBinding[])[]> {
    const matching = filters.map(filter => this.authorizer.list(filter))
    const keys = new Set(matching.flat().map(bindingKey))
    await this.#write(Array.from(keys, key => ({ section: ACL, key, value: null })))
    return matching
  }

  /** Applies changes of credentials. Resolves when they are durable. */
  async changeUsers(changes: readonly UserChange[]): Promise<void> {
    await this.#write(userRecords(changes))
  }

  async #write(changes: readonly Change[]): Promise<void> {
    await this.#journal?.write(changes)
  }

  #aclSection(): Section {
    return {
      name: ACL,
      apply: (key, value) => {
        const known = this.#acls.get(key)
        if (known !== undefined) this.authorizer.remove(known)
        this.#acls.delete(key)
        if (value === null) return
        const binding = parseBinding(value)
        this.#acls.set(key, binding)
        this.authorizer.add(binding)
      },
      entries: () => this.#acls.entries() as unknown as Iterable<readonly [string, Json]>,
      valueOf: key => this.#acls.get(key) as unknown as Json | undefined,
    }
  }

  #userSection(): Section {
    return {
      name: USER,
      apply: (key, value) => {
        const known = this.#userRecords.get(key)
        if (value === null) this.#userRecords.delete(key)
        else this.#userRecords.set(key, value)
        if (value !== null) this.#users?.apply(userChangeFromJson(value))
        else if (known !== undefined) this.#users?.apply(deletionOf(userChangeFromJson(known)))
      },
      entries: () => this.#userRecords.entries(),
      valueOf: key => this.#userRecords.get(key),
    }
  }
}

/** Changes of credentials as they are written, for whoever writes more with them. */
export function userRecords(changes: readonly UserChange[]): Change[] {
  return changes.map(change => ({
    section: USER,
    key: userKey(change),
    value: change.kind === 'set' ? (userChangeToJson(change) as Json) : null,
  }))
}

function userKey({ mechanism, user }: UserChange): string {
  return `${mechanism} ${user}`
}

function deletionOf({ mechanism, user }: UserChange): UserChange {
  return { kind: 'delete', user, mechanism }
}
