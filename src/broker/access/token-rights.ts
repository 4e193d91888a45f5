// What the scopes of a token allow, as RabbitMQ has it: a virtual host may be entered when any rule names it, and a routing
// key be used on a topic exchange only by a rule that has one. Answers are remembered, a bounded number of them, because a
// publisher asks the same with every message.

import type { ScopeRule, TokenGrant } from '../../auth/index.ts'
import type { PermissionKind } from './permissions.ts'
import { REMEMBERED_MAX } from './remembered-pattern.ts'
import type { Rights, TopicUse } from './rights.ts'

/** Virtual hosts that a token's rules are kept sorted for. Ours; a connection of AMQP has one. */
const VHOSTS_REMEMBERED_MAX = 100

type Answers = Readonly<Record<PermissionKind, Map<string, boolean>>>

/** The rules that name a virtual host. */
interface OfVhost {
  readonly rules: readonly ScopeRule[]
  readonly answers: Answers
}

export class TokenRights implements Rights {
  readonly #grant: TokenGrant
  readonly #vhosts = new Map<string, OfVhost>()

  constructor(grant: TokenGrant) {
    this.#grant = grant
  }

  mayEnter(vhost: string): boolean {
    return this.#of(vhost).rules.length > 0
  }

  check(vhost: string, kind: PermissionKind, resource: string): boolean {
    const { rules, answers } = this.#of(vhost)
    const known = answers[kind].get(resource)
    if (known !== undefined) return known
    const name = resource === '' ? 'amq.default' : resource
    const answer = rules.some(rule => rule.kind === kind && rule.name.matches(name))
    if (answers[kind].size >= REMEMBERED_MAX) answers[kind].clear()
    answers[kind].set(resource, answer)
    return answer
  }

  checkTopic({ vhost, exchange, kind, routingKey }: TopicUse): boolean {
    return this.#of(vhost).rules.some(
      rule =>
        rule.kind === kind && rule.routingKey?.matches(routingKey) === true && rule.name.matches(exchange),
    )
  }

  #of(vhost: string): OfVhost {
    const known = this.#vhosts.get(vhost)
    if (known !== undefined) return known
    const found: OfVhost = {
      rules: this.#grant.rules.filter(rule => rule.vhost.matches(vhost)),
      answers: { configure: new Map(), write: new Map(), read: new Map() },
    }
    if (this.#vhosts.size >= VHOSTS_REMEMBERED_MAX) this.#vhosts.clear()
    this.#vhosts.set(vhost, found)
    return found
  }
}
