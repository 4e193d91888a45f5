// What a user may do in a virtual host, RabbitMQ's way: three regular expressions over names of queues and exchanges
// (configure, write, read), and for topic exchanges two over routing keys. Whoever has no entry for a virtual host may
// not even enter it. Answers are remembered, a bounded number for each expression, and forgotten with the entry.

import { BrokerError } from '../errors.ts'
import type { Change, Journal, Section } from '../journal.ts'
import { KeptTable } from '../kept-table.ts'
import { namePattern } from '../name-pattern.ts'
import { DEFAULT_VHOST } from '../vhosts.ts'
import { Writes } from '../writes.ts'
import { RememberedPattern } from './remembered-pattern.ts'
import type { Rights, TopicUse } from './rights.ts'

const PERMISSION = 'permission'
const TOPIC = 'topic-permission'
/** Entries of each of the two kinds. Ours. */
export const PERMISSIONS_MAX = 100_000

export type PermissionKind = 'configure' | 'write' | 'read'

/** Three expressions; '' matches nothing. */
export type PermissionPatterns = Readonly<Record<PermissionKind, string>>

export interface UserPermissions extends PermissionPatterns {
  readonly user: string
  readonly vhost: string
}

export interface TopicPermissions {
  readonly user: string
  readonly vhost: string
  readonly exchange: string
  /** May hold {username}, {vhost} and {client_id}. */
  readonly write: string
  readonly read: string
}

/** What {username} and so on stand for. */
export interface TopicVariables {
  readonly username: string
  readonly vhost: string
  /** Empty where the protocol has none. */
  readonly client_id?: string
}

export interface PermissionsParts {
  readonly vhosts: { has(name: string): boolean }
  isUser(name: string): boolean
  /** Whether the user may do everything on '/' as long as no entry says otherwise. */
  hasDefault(user: string): boolean
}

type Grant = Readonly<Record<PermissionKind, RememberedPattern>>

/** An entry, or the mark that the default was taken away. */
type Entry =
  | { readonly at: 'granted'; readonly permissions: UserPermissions; readonly grant: Grant }
  | { readonly at: 'cleared' }

interface TopicEntry {
  readonly permissions: TopicPermissions
  readonly grant: Readonly<Record<'write' | 'read', RememberedPattern>>
}

const everything: PermissionPatterns = { configure: '.*', write: '.*', read: '.*' }

export class Permissions {
  readonly sections: readonly Section[]
  readonly #parts: PermissionsParts
  readonly #entries: KeptTable<Entry>
  /** The entries by virtual host and user, for a quick answer. */
  readonly #byVhost = new Map<string, Map<string, Entry>>()
  readonly #topics: KeptTable<TopicEntry>
  readonly #topicsByVhost = new Map<string, Map<string, Map<string, TopicEntry>>>()
  readonly #writes = new Writes()

  constructor(parts: PermissionsParts) {
    this.#parts = parts
    this.#entries = new KeptTable<Entry>(PERMISSION, {
      read: json => entryOf(json as unknown as UserPermissions | { readonly cleared: true }),
      changed: (key, entry) => {
        const [vhost, user] = JSON.parse(key) as [string, string]
        place(this.#byVhost, vhost, user, entry)
      },
    })
    this.#topics = new KeptTable<TopicEntry>(TOPIC, {
      read: json => topicEntryOf(json as unknown as TopicPermissions),
      changed: (key, entry) => {
        const [vhost, user, exchange] = JSON.parse(key) as [string, string, string]
        const users = this.#topicsByVhost.get(vhost) ?? new Map<string, Map<string, TopicEntry>>()
        place(users, user, exchange, entry)
        if (users.size > 0) this.#topicsByVhost.set(vhost, users)
        else this.#topicsByVhost.delete(vhost)
      },
    })
    this.sections = [this.#entries, this.#topics]
  }

  attach(journal: Journal): void {
    this.#writes.attach(journal)
  }

  /** What a user may do, asked for with every question anew: changes count at once. */
  rightsOf(user: string): Rights {
    return {
      mayEnter: vhost => this.mayEnter(user, vhost),
      check: (vhost, kind, resource) => this.check(user, vhost, kind, resource),
      checkTopic: use => this.checkTopic(user, use),
    }
  }

  /** Whether the user may enter the virtual host at all. */
  mayEnter(user: string, vhost: string): boolean {
    return this.get(user, vhost) !== undefined
  }

  /** The name of the default exchange, '', is looked for as `amq.default`. */
  check(user: string, vhost: string, kind: PermissionKind, resource: string): boolean {
    const entry = this.#byVhost.get(vhost)?.get(user)
    if (entry === undefined) return this.#defaults(user, vhost)
    return entry.at === 'granted' && entry.grant[kind].matches(resource === '' ? 'amq.default' : resource)
  }

  /** Whether the routing key may be used on the exchange; where nothing is said of the exchange, any may. */
  checkTopic(user: string, { vhost, exchange, kind, routingKey, variables }: TopicUse): boolean {
    const entry = this.#topicsByVhost.get(vhost)?.get(user)?.get(exchange)
    return entry === undefined || entry.grant[kind].matches(routingKey, variables)
  }

  get(user: string, vhost: string): UserPermissions | undefined {
    const entry = this.#byVhost.get(vhost)?.get(user)
    if (entry === undefined) return this.#defaults(user, vhost) ? { user, vhost, ...everything } : undefined
    return entry.at === 'granted' ? entry.permissions : undefined
  }

  /** The entries that were set; what users have by default is `get`'s to say. */
  list(): UserPermissions[] {
    return this.#entries.values().flatMap(entry => (entry.at === 'granted' ? [entry.permissions] : []))
  }

  topics(): TopicPermissions[] {
    return this.#topics.values().map(entry => entry.permissions)
  }

  /** Errors: USER_UNKNOWN, VHOST_UNKNOWN, ARGUMENT_INVALID, LIMIT_EXCEEDED, STORAGE_*. */
  async set(permissions: UserPermissions): Promise<void> {
    this.#checkNames(permissions)
    for (const kind of ['configure', 'write', 'read'] as const) namePattern(permissions[kind])
    checkRoom(this.#entries, keyOf(permissions))
    await this.#writes.write([permissionChange(permissions)])
  }

  /** Takes a user out of a virtual host; whether there was anything. Errors: STORAGE_*. */
  async clear(user: string, vhost: string): Promise<boolean> {
    if (!this.mayEnter(user, vhost)) return false
    const value = this.#defaults(user, vhost) ? { cleared: true } : null
    await this.#writes.write([{ section: PERMISSION, key: keyOf({ vhost, user }), value }])
    return true
  }

  /** Errors: USER_UNKNOWN, VHOST_UNKNOWN, ARGUMENT_INVALID, LIMIT_EXCEEDED, STORAGE_*. */
  async setTopic(permissions: TopicPermissions): Promise<void> {
    this.#checkNames(permissions)
    for (const kind of ['write', 'read'] as const) namePattern(permissions[kind])
    const key = topicKeyOf(permissions)
    checkRoom(this.#topics, key)
    const { user, vhost, exchange, write, read } = permissions
    await this.#writes.write([{ section: TOPIC, key, value: { user, vhost, exchange, write, read } }])
  }

  /** Clears those of one exchange, or all of the user in the virtual host; whether there were any. Errors: STORAGE_*. */
  async clearTopics(user: string, vhost: string, exchange?: string): Promise<boolean> {
    const changes = this.#topicChanges(
      one => one.user === user && one.vhost === vhost && (exchange ?? one.exchange) === one.exchange,
    )
    await this.#writes.write(changes)
    return changes.length > 0
  }

  /** What takes the user's entries out of the metadata log. */
  forgetUser(user: string): readonly Change[] {
    return [...this.#keyChanges(([, name]) => name === user), ...this.#topicChanges(one => one.user === user)]
  }

  /** What takes the virtual host's entries out of the metadata log. */
  forgetVhost(vhost: string): readonly Change[] {
    return [
      ...this.#keyChanges(([name]) => name === vhost),
      ...this.#topicChanges(one => one.vhost === vhost),
    ]
  }

  #defaults(user: string, vhost: string): boolean {
    return vhost === DEFAULT_VHOST && this.#parts.hasDefault(user)
  }

  #keyChanges(matches: (key: readonly [string, string]) => boolean): Change[] {
    return [...this.#entries.keys()]
      .filter(key => matches(JSON.parse(key) as [string, string]))
      .map(key => ({ section: PERMISSION, key, value: null }))
  }

  #topicChanges(matches: (permissions: TopicPermissions) => boolean): Change[] {
    return this.topics()
      .filter(matches)
      .map(one => ({ section: TOPIC, key: topicKeyOf(one), value: null }))
  }

  #checkNames({ user, vhost }: { readonly user: string; readonly vhost: string }): void {
    if (!this.#parts.isUser(user)) throw new BrokerError('USER_UNKNOWN', `there is no user '${user}'`)
    if (!this.#parts.vhosts.has(vhost)) throw new BrokerError('VHOST_UNKNOWN', `no vhost '${vhost}'`)
  }
}

/** An entry that allows everything, as it is written. */
export function fullPermission(user: string, vhost: string): Change {
  return permissionChange({ user, vhost, ...everything })
}

function permissionChange({ user, vhost, configure, write, read }: UserPermissions): Change {
  return { section: PERMISSION, key: keyOf({ vhost, user }), value: { user, vhost, configure, write, read } }
}

function keyOf({ vhost, user }: { readonly vhost: string; readonly user: string }): string {
  return JSON.stringify([vhost, user])
}

function topicKeyOf({ vhost, user, exchange }: TopicPermissions): string {
  return JSON.stringify([vhost, user, exchange])
}

function entryOf(json: UserPermissions | { readonly cleared: true }): Entry {
  if ('cleared' in json) return { at: 'cleared' }
  const { configure, write, read } = json
  const grant = {
    configure: new RememberedPattern(configure),
    write: new RememberedPattern(write),
    read: new RememberedPattern(read),
  }
  return { at: 'granted', permissions: json, grant }
}

function topicEntryOf(permissions: TopicPermissions): TopicEntry {
  const { write, read } = permissions
  const pattern = (text: string) => new RememberedPattern(text, { variables: true })
  return { permissions, grant: { write: pattern(write), read: pattern(read) } }
}

function place<V>(outer: Map<string, Map<string, V>>, name: string, key: string, value: V | undefined): void {
  const inner = outer.get(name) ?? new Map<string, V>()
  if (value === undefined) inner.delete(key)
  else inner.set(key, value)
  if (inner.size > 0) outer.set(name, inner)
  else outer.delete(name)
}

function checkRoom(table: { readonly size: number; has(key: string): boolean }, key: string): void {
  if (table.size >= PERMISSIONS_MAX && !table.has(key))
    throw new BrokerError('LIMIT_EXCEEDED', `there are ${PERMISSIONS_MAX} permissions already; clear some`)
}
