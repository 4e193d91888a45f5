// Policies: settings for all queues and exchanges whose name matches, and operators' policies over them, which set
// bounds that users cannot lift. Of each kind the one with the highest priority applies, alone; what a queue or an
// exchange says in its own arguments is for its owner to put before them.

import { BrokerError } from './errors.ts'
import type { Change, Journal, Json, Section } from './journal.ts'
import { KeptTable } from './kept-table.ts'
import { namePattern } from './name-pattern.ts'
import { checkDefinition, mergeDefinitions, type PolicyDefinition } from './policy-keys.ts'
import type { QueueType } from './vhosts.ts'
import { Writes } from './writes.ts'

/** Policies of each of the two kinds, in all virtual hosts. Ours. */
export const POLICIES_MAX = 10_000
/** Longest name in UTF-8 bytes. */
export const POLICY_NAME_BYTES_MAX = 255

const appliesTo = {
  all: ['exchange', 'classic', 'quorum', 'stream'],
  exchanges: ['exchange'],
  queues: ['classic', 'quorum', 'stream'],
  classic_queues: ['classic'],
  quorum_queues: ['quorum'],
  streams: ['stream'],
} as const satisfies Readonly<Record<string, readonly (QueueType | 'exchange')[]>>

export type PolicyScope = keyof typeof appliesTo
export type PolicyKind = 'user' | 'operator'

export interface Policy {
  readonly vhost: string
  readonly name: string
  /** A regular expression that is searched for in names: see name-pattern.ts. */
  readonly pattern: string
  readonly applyTo: PolicyScope
  readonly priority: number
  readonly definition: PolicyDefinition
}

/** What applies to one queue or exchange. */
export interface PolicyEffect {
  readonly policy?: Policy
  readonly operatorPolicy?: Policy
  readonly definition: PolicyDefinition
}

interface Compiled {
  readonly policy: Policy
  readonly pattern: RegExp
}

const sectionOf: Readonly<Record<PolicyKind, string>> = { user: 'policy', operator: 'operator-policy' }

export class Policies {
  readonly sections: readonly Section[]
  readonly #tables: Readonly<Record<PolicyKind, KeptTable<Compiled>>>
  /** By virtual host, the first to be looked at first; made anew after a change. */
  readonly #ordered: Readonly<Record<PolicyKind, Map<string, readonly Compiled[]>>> = {
    user: new Map(),
    operator: new Map(),
  }
  readonly #vhosts: { has(name: string): boolean }
  readonly #writes = new Writes()
  readonly #listeners: ((vhost: string) => void)[] = []

  constructor({ vhosts }: { readonly vhosts: { has(name: string): boolean } }) {
    this.#vhosts = vhosts
    this.#tables = { user: this.#table('user'), operator: this.#table('operator') }
    this.sections = [this.#tables.user, this.#tables.operator]
  }

  attach(journal: Journal): void {
    this.#writes.attach(journal)
  }

  /** Called when policies of a virtual host changed, also when a change is undone: what applies is to be asked again. */
  onChange(listener: (vhost: string) => void): void {
    this.#listeners.push(listener)
  }

  list(vhost?: string, kind: PolicyKind = 'user'): Policy[] {
    const all = this.#tables[kind].values().map(one => one.policy)
    return vhost === undefined ? all : all.filter(one => one.vhost === vhost)
  }

  get(vhost: string, name: string, kind: PolicyKind = 'user'): Policy | undefined {
    return this.#tables[kind].get(keyOf(vhost, name))?.policy
  }

  /** Makes or replaces one. Errors: VHOST_UNKNOWN, ARGUMENT_INVALID, LIMIT_EXCEEDED, STORAGE_*. */
  async set(policy: Policy, kind: PolicyKind = 'user'): Promise<void> {
    if (!this.#vhosts.has(policy.vhost)) throw new BrokerError('VHOST_UNKNOWN', `no vhost '${policy.vhost}'`)
    checkPolicy(policy, kind)
    const table = this.#tables[kind]
    const key = keyOf(policy.vhost, policy.name)
    if (table.size >= POLICIES_MAX && !table.has(key))
      throw new BrokerError('LIMIT_EXCEEDED', `there are ${POLICIES_MAX} policies already; clear some`)
    const { vhost, name, pattern, applyTo, priority, definition } = policy
    const value = { vhost, name, pattern, applyTo, priority, definition }
    await this.#writes.write([{ section: table.name, key, value }])
  }

  /** Whether there was one. Errors: STORAGE_*. */
  async clear(vhost: string, name: string, kind: PolicyKind = 'user'): Promise<boolean> {
    const table = this.#tables[kind]
    const key = keyOf(vhost, name)
    if (!table.has(key)) return false
    await this.#writes.write([{ section: table.name, key, value: null }])
    return true
  }

  /** What applies to a queue. */
  forQueue(vhost: string, name: string, type: QueueType): PolicyEffect {
    return this.#effect(vhost, name, type)
  }

  /** What applies to an exchange. */
  forExchange(vhost: string, name: string): PolicyEffect {
    return this.#effect(vhost, name, 'exchange')
  }

  /** What takes the virtual host's policies out of the metadata log. */
  forgetVhost(vhost: string): readonly Change[] {
    return (['user', 'operator'] as const).flatMap(kind =>
      this.list(vhost, kind).map(({ name }) => ({
        section: sectionOf[kind],
        key: keyOf(vhost, name),
        value: null,
      })),
    )
  }

  #effect(vhost: string, name: string, what: QueueType | 'exchange'): PolicyEffect {
    const policy = this.#match('user', vhost, name, what)
    const operatorPolicy = this.#match('operator', vhost, name, what)
    return {
      ...(policy && { policy }),
      ...(operatorPolicy && { operatorPolicy }),
      definition: mergeDefinitions(policy?.definition, operatorPolicy?.definition),
    }
  }

  #match(kind: PolicyKind, vhost: string, name: string, what: QueueType | 'exchange'): Policy | undefined {
    return this.#orderedFor(kind, vhost).find(
      ({ policy, pattern }) => appliesTo[policy.applyTo].some(one => one === what) && pattern.test(name),
    )?.policy
  }

  #orderedFor(kind: PolicyKind, vhost: string): readonly Compiled[] {
    const known = this.#ordered[kind].get(vhost)
    if (known !== undefined) return known
    const ordered = this.#tables[kind]
      .values()
      .filter(({ policy }) => policy.vhost === vhost)
      .sort(byPriority)
    this.#ordered[kind].set(vhost, ordered)
    return ordered
  }

  #table(kind: PolicyKind): KeptTable<Compiled> {
    return new KeptTable<Compiled>(sectionOf[kind], {
      read: json => compiled(json),
      changed: (_key, value, before) => {
        const vhost = (value ?? before)?.policy.vhost
        if (vhost === undefined) return
        this.#ordered[kind].delete(vhost)
        for (const listener of this.#listeners) listener(vhost)
      },
    })
  }
}

function compiled(json: Json): Compiled {
  const policy = json as unknown as Policy
  return { policy, pattern: namePattern(policy.pattern) }
}

/** The highest first; of equal ones the first by name, so that there is one answer. */
function byPriority(a: Compiled, b: Compiled): number {
  return b.policy.priority - a.policy.priority || (a.policy.name < b.policy.name ? -1 : 1)
}

function keyOf(vhost: string, name: string): string {
  return JSON.stringify([vhost, name])
}

function checkPolicy({ name, pattern, applyTo, priority, definition }: Policy, kind: PolicyKind): void {
  const bytes = Buffer.byteLength(name)
  if (bytes < 1 || bytes > POLICY_NAME_BYTES_MAX)
    throw invalid(`the name of a policy has ${bytes} bytes; it must have 1 to ${POLICY_NAME_BYTES_MAX}`)
  namePattern(pattern)
  if (!Object.hasOwn(appliesTo, applyTo))
    throw invalid(`apply-to is '${applyTo}'; it must be one of ${Object.keys(appliesTo).join(', ')}`)
  if (!Number.isSafeInteger(priority)) throw invalid(`priority must be a whole number; it is ${priority}`)
  checkDefinition(definition, kind)
}

function invalid(message: string): BrokerError {
  return new BrokerError('ARGUMENT_INVALID', message)
}
