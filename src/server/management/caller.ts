// Who calls the API: a user with tags. Tags open routes, as in RabbitMQ, each with all that the ones before it open;
// permissions of the virtual host decide what may be done to queues and exchanges in it.

import type { TokenGrant } from '../../auth/index.ts'
import type { PermissionKind } from '../../broker/access/permissions.ts'
import type { Rights } from '../../broker/access/rights.ts'
import { TokenRights } from '../../broker/access/token-rights.ts'
import type { Broker } from '../../broker/index.ts'
import { notAllowed, notFound } from './answer.ts'

/** What a route asks of its caller: a tag, or only a login, or nothing. */
export type Role = 'anybody' | 'management' | 'policymaker' | 'monitoring' | 'administrator'

/** The tags that do for a role. */
const tagsFor: Readonly<Record<Exclude<Role, 'anybody'>, readonly string[]>> = {
  management: ['management', 'policymaker', 'monitoring', 'administrator'],
  policymaker: ['policymaker', 'administrator'],
  monitoring: ['monitoring', 'administrator'],
  administrator: ['administrator'],
}

export class Caller {
  readonly name: string
  readonly tags: readonly string[]
  /** Whether it is a user of the broker, and not of a token. */
  readonly isInternal: boolean
  readonly #broker: Broker
  readonly #rights: Rights

  /** `grant`: what a token allows, instead of the broker's permissions. */
  constructor(broker: Broker, name: string, tags: readonly string[], grant?: TokenGrant) {
    this.#broker = broker
    this.#rights = grant === undefined ? broker.permissions.rightsOf(name) : new TokenRights(grant)
    this.isInternal = grant === undefined
    this.name = name
    this.tags = tags
  }

  is(role: Role): boolean {
    return role === 'anybody' || tagsFor[role].some(tag => this.tags.includes(tag))
  }

  /** Whether the virtual host and what is in it is shown: monitoring sees everything. */
  sees(vhost: string): boolean {
    return this.is('monitoring') || this.#rights.mayEnter(vhost)
  }

  /** Errors: 404 for a virtual host that is not there, 401 for one that the caller does not see. */
  checkSees(vhost: string): void {
    if (!this.#broker.vhosts.has(vhost)) throw notFound()
    if (!this.sees(vhost)) throw notAllowed(`User not authorised to access virtual host`)
  }

  /** Errors: 404 and 401 likewise, for one that the caller may not change things in. */
  checkEnters(vhost: string): void {
    if (!this.#broker.vhosts.has(vhost)) throw notFound()
    if (!this.#rights.mayEnter(vhost)) throw notAllowed(`User not authorised to access virtual host`)
  }

  /** Errors: 401 with the words of the AMQP head. */
  demand(vhost: string, kind: PermissionKind, what: 'queue' | 'exchange', name: string): void {
    this.checkEnters(vhost)
    if (this.#rights.check(vhost, kind, name)) return
    throw notAllowed(
      `ACCESS_REFUSED - ${kind} access to ${what} '${name}' in vhost '${vhost}' refused for user '${this.name}'`,
    )
  }

  /** Errors: 401 when the key may not be used on a topic exchange. */
  demandTopic(vhost: string, kind: 'write' | 'read', exchange: string, routingKey: string): void {
    const variables = { username: this.name, vhost }
    const asked = { vhost, exchange, kind, routingKey, variables }
    if (this.#rights.checkTopic(asked)) return
    throw notAllowed(
      `ACCESS_REFUSED - ${kind} access to topic '${routingKey}' in exchange '${exchange}' in vhost '${vhost}' refused for user '${this.name}'`,
    )
  }
}
