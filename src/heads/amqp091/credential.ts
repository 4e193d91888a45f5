// What a connection's login allows, and for how long. A password allows what the broker's permissions say, for ever; a
// token what its scopes say, until it expires. connection.update-secret (RabbitMQ) replaces a token by a newer one of the
// same user; for a password it changes nothing, and is not looked at, as in RabbitMQ.

import type { Principal, TokenGrant } from '../../auth/index.ts'
import type { Rights } from '../../broker/access/rights.ts'
import { TokenRights } from '../../broker/access/token-rights.ts'
import type { Broker } from '../../broker/index.ts'
import type { Timer } from '../../world/index.ts'

/** Longest wait of one timer, in ms: timers of Node end early beyond 24 days, and the wall clock may be set. */
const WAIT_MS_MAX = 3_600_000

export interface CredentialParts {
  readonly broker: Broker
  readonly onExpired: () => void
}

export class Credential {
  readonly #user: string
  readonly #parts: CredentialParts
  #grant: TokenGrant | undefined
  #rights: Rights
  #timer: Timer | undefined

  constructor({ name, grant }: Principal, parts: CredentialParts) {
    this.#user = name
    this.#parts = parts
    this.#grant = grant
    this.#rights = grant === undefined ? parts.broker.permissions.rightsOf(name) : new TokenRights(grant)
    this.#watch()
  }

  get rights(): Rights {
    return this.#rights
  }
  /** RabbitMQ's tags of the user, as they are now. */
  get tags(): readonly string[] {
    return this.#grant?.tags ?? this.#parts.broker.accounts.get(this.#user)?.tags ?? []
  }

  /** The new secret counts from now on. When it is refused everything stays as it was; gives the reason, for the log. */
  update(secret: string): string | undefined {
    if (this.#grant === undefined) return undefined
    const login = this.#parts.broker.accounts.tokenLogin(secret)
    if (login === undefined) return 'it is no token'
    if (login.at === 'refused') return login.reason
    if (login.user !== this.#user) return `it is the token of another user, '${login.user}'`
    this.#grant = login.grant
    this.#rights = new TokenRights(login.grant)
    this.#watch()
    return undefined
  }

  /** The connection is over. Idempotent. */
  end(): void {
    this.#timer?.cancel()
  }

  #watch(): void {
    this.#timer?.cancel()
    if (this.#grant === undefined) return
    const { onExpired } = this.#parts
    const { world } = this.#parts.broker // tokens are checked by its time, too
    const left = this.#grant.expiresAt - world.now()
    if (left <= 0) onExpired()
    else this.#timer = world.after(Math.min(left, WAIT_MS_MAX), () => this.#watch())
  }
}
