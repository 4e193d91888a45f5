// Decides who may do what, with the rules of Kafka's StandardAuthorizer (KIP-11, KIP-290, KIP-801): super users may do
// all; any matching deny wins; then any matching allow; a resource that no entry covers, for whomever, falls to
// `allowIfNone` (allow.everyone.if.no.acl.found). An allow of some operations implies describing; a deny never does.

import { AuthError } from '../errors.ts'
import { canonicalHost } from '../host.ts'
import { ACLS_MAX } from '../limits.ts'
import { type Principal, principalText } from '../principal.ts'
import {
  type AclBinding,
  bindingKey,
  EVERYBODY,
  type Operation,
  parseBinding,
  type ResourceType,
  WILDCARD,
} from './binding.ts'
import { type AclFilter, filterMatches } from './filter.ts'
import { type PatternEntries, Shelf } from './shelf.ts'

/** Who asks, and from where. Make it once per connection. */
export interface Requester {
  readonly principal: Principal
  /** The peer's IP address. */
  readonly host: string
}

/** What the request is about: always one resource, by its own name. */
export interface Resource {
  readonly type: ResourceType
  readonly name: string
}

/** A decision and what it rests on, for the audit log. */
export type Ruling =
  | { readonly allowed: true; readonly by: 'super_user' }
  | { readonly allowed: boolean; readonly by: 'acl'; readonly acl: AclBinding }
  /** No entry covers the resource at all. */
  | { readonly allowed: boolean; readonly by: 'no_acl' }
  /** Entries cover the resource, but none is for this requester and operation. */
  | { readonly allowed: false; readonly by: 'no_match' }

/** A change of the entries, as the owner keeps it in its log. Applying it twice is the same as once. */
export interface AclChange {
  readonly kind: 'add' | 'remove'
  readonly binding: AclBinding
}

const impliesDescribe: ReadonlySet<Operation> = new Set(['describe', 'read', 'write', 'delete', 'alter'])
const impliesDescribeConfigs: ReadonlySet<Operation> = new Set(['describe_configs', 'alter_configs'])

export class Authorizer {
  readonly #superUsers: ReadonlySet<string>
  readonly #allowIfNone: boolean
  readonly #aclsMax: number
  readonly #bindings = new Map<string, AclBinding>()
  readonly #shelves = new Map<ResourceType, Shelf>()

  /** `superUsers` are of the form `User:name`. */
  constructor({
    superUsers = [],
    allowIfNone = false,
    aclsMax = ACLS_MAX,
  }: {
    readonly superUsers?: readonly string[]
    readonly allowIfNone?: boolean
    readonly aclsMax?: number
  } = {}) {
    this.#superUsers = new Set(superUsers)
    this.#allowIfNone = allowIfNone
    this.#aclsMax = aclsMax
  }

  /** Number of entries. */
  get count(): number {
    return this.#bindings.size
  }

  /** Whether the requester may do that to the resource. */
  authorize(requester: Requester, operation: Operation, resource: Resource): boolean {
    return this.rule(requester, operation, resource).allowed
  }

  /** The decision with its ground. */
  rule(requester: Requester, operation: Operation, resource: Resource): Ruling {
    const principal = principalText(requester.principal)
    if (this.#superUsers.has(principal)) return { allowed: true, by: 'super_user' }
    const covering = this.#shelves.get(resource.type)?.covering(resource.name) ?? []
    return this.#decide(covering, principal, requester.host, operation)
  }

  /** Whether the requester may do that to at least one resource of the type, whatever its name (KIP-679). */
  authorizeByResourceType(requester: Requester, operation: Operation, type: ResourceType): boolean {
    const principal = principalText(requester.principal)
    if (this.#superUsers.has(principal)) return true
    const shelf = this.#shelves.get(type)
    if (shelf === undefined) return this.#allowIfNone
    // Some name is in no pattern but the wildcard: what holds for it is the first answer.
    const wildcard = shelf.wildcard()
    const unnamed = this.#decide(wildcard ? [wildcard] : [], principal, requester.host, operation)
    if (unnamed.allowed || unnamed.by === 'acl') return unnamed.allowed
    return allowsSome(shelf, binding => meets(binding, principal, requester.host, operation), principal)
  }

  /** Adds an entry; false if it was there. Throws AUTH_ACL_INVALID and AUTH_ACLS_FULL. */
  add(given: AclBinding): boolean {
    const binding = parseBinding(given)
    const key = bindingKey(binding)
    if (this.#bindings.has(key)) return false
    if (this.#bindings.size >= this.#aclsMax) {
      const limit = this.#aclsMax
      throw new AuthError('AUTH_ACLS_FULL', `there are ${limit} access control entries already`, { limit })
    }
    this.#bindings.set(key, binding)
    this.#shelf(binding.resourceType).add(binding)
    return true
  }

  /** Removes an entry; false if it was not there. */
  remove(given: AclBinding): boolean {
    const key = bindingKey(given)
    const binding = this.#bindings.get(key)
    if (binding === undefined) return false
    this.#bindings.delete(key)
    this.#shelf(binding.resourceType).remove(binding)
    return true
  }

  /** Applies a change from the owner's log. */
  apply(change: AclChange): void {
    if (change.kind === 'add') this.add(change.binding)
    else this.remove(change.binding)
  }

  has(binding: AclBinding): boolean {
    return this.#bindings.has(bindingKey(binding))
  }

  /** The entries that the filter selects, in the order in which they were added. */
  list(filter: AclFilter): AclBinding[] {
    return [...this.#bindings.values()].filter(binding => filterMatches(filter, binding))
  }

  /** Removes what the filter selects and gives what was removed. */
  removeMatching(filter: AclFilter): AclBinding[] {
    return this.list(filter).filter(binding => this.remove(binding))
  }

  #shelf(type: ResourceType): Shelf {
    const shelf = this.#shelves.get(type) ?? new Shelf()
    this.#shelves.set(type, shelf)
    return shelf
  }

  #decide(
    covering: readonly PatternEntries[],
    principal: string,
    host: string,
    operation: Operation,
  ): Ruling {
    if (covering.length === 0) return { allowed: this.#allowIfNone, by: 'no_acl' }
    let allow: AclBinding | undefined
    for (const entries of covering)
      for (const who of [principal, EVERYBODY])
        for (const acl of entries.get(who) ?? []) {
          if (!meets(acl, principal, host, operation)) continue
          if (acl.permission === 'deny') return { allowed: false, by: 'acl', acl }
          allow ??= acl
        }
    return allow === undefined ? { allowed: false, by: 'no_match' } : { allowed: true, by: 'acl', acl: allow }
  }
}

/** Whether the entry is about that principal, host and operation; the resource is not looked at. */
function meets(acl: AclBinding, principal: string, host: string, operation: Operation): boolean {
  if (acl.principal !== principal && acl.principal !== EVERYBODY) return false
  if (!operationMeets(acl, operation)) return false
  return acl.host === WILDCARD || acl.host === host || canonicalHost(acl.host) === canonicalHost(host)
}

function operationMeets(acl: AclBinding, operation: Operation): boolean {
  if (acl.operation === 'all' || acl.operation === operation) return true
  if (acl.permission === 'deny') return false
  if (operation === 'describe') return impliesDescribe.has(acl.operation)
  return operation === 'describe_configs' && impliesDescribeConfigs.has(acl.operation)
}

/** Whether some allow is not wholly covered by a deny: of its own name, or of a prefix of it. */
function allowsSome(shelf: Shelf, isMet: (acl: AclBinding) => boolean, principal: string): boolean {
  const met = [...new Set([principal, EVERYBODY])].flatMap(who => [...shelf.ofPrincipal(who)].filter(isMet))
  const denied = { literal: new Set<string>(), prefixed: new Set<string>() }
  for (const acl of met) if (acl.permission === 'deny') denied[acl.patternType].add(acl.resourceName)
  const lengths = new Set([...denied.prefixed].map(prefix => prefix.length))
  return met.some(
    ({ permission, patternType, resourceName }) =>
      permission === 'allow' &&
      !(patternType === 'literal' && denied.literal.has(resourceName)) &&
      ![...lengths].some(length => denied.prefixed.has(resourceName.slice(0, length))),
  )
}
