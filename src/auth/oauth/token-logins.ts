// Logins by tokens of an OAuth 2 server, as RabbitMQ's rabbitmq_auth_backend_oauth2 has them: a token in the place of the
// password says who it is, with which tags, what is allowed and until when. The keys are handed in once: nothing is
// fetched from anywhere.

import { AuthError } from '../errors.ts'
import { USER_NAME_BYTES_MAX } from '../limits.ts'
import { isUserName } from '../sasl/text.ts'
import { keysOf } from './jwk.ts'
import { type Claims, type JwtRefusal, type JwtRules, looksLikeJwt, verifyJwt } from './jwt.ts'
import { grantOf, type ScopeGrant, type ScopeOptions } from './scopes.ts'

/** What `auth.oauth` of the configuration says, with the keys read. */
export interface OauthSettings {
  /** A JWK set as parsed from JSON. */
  readonly keys: unknown
  /** Must be in the audience of each token. */
  readonly resourceServerId: string
  /** The only issuer that is taken. Default: any whose key is known. */
  readonly issuer?: string
  /** Default: the resource server's id and a dot. */
  readonly scopePrefix?: string
  /** Claims that hold the user's name; the first that is there counts. Default: sub, client_id. */
  readonly usernameClaims?: readonly string[]
  readonly scopeAliases?: Readonly<Record<string, readonly string[]>>
}

/** What a token brought: whoever logged in by it may do this, until then. */
export interface TokenGrant extends ScopeGrant {
  /** Ms since 1970. */
  readonly expiresAt: number
}

export type TokenLogin =
  | { readonly at: 'known'; readonly user: string; readonly grant: TokenGrant }
  | { readonly at: 'refused'; readonly code: JwtRefusal; readonly reason: string }

export class TokenLogins {
  readonly #rules: JwtRules
  readonly #scopes: ScopeOptions
  readonly #usernameClaims: readonly string[]

  /** Errors: AUTH_KEYS_INVALID. */
  constructor(settings: OauthSettings) {
    const { keys, resourceServerId, issuer, scopeAliases, usernameClaims } = settings
    if (resourceServerId === '')
      throw new AuthError('AUTH_KEYS_INVALID', 'the id of the resource server is empty')
    this.#rules = { keys: keysOf(keys), audience: resourceServerId, ...(issuer !== undefined && { issuer }) }
    this.#scopes = {
      prefix: settings.scopePrefix ?? `${resourceServerId}.`,
      ...(scopeAliases && { aliases: scopeAliases }),
    }
    this.#usernameClaims = usernameClaims ?? ['sub', 'client_id']
  }

  /** Whether this is to be asked about the password at all. */
  takes(password: string): boolean {
    return looksLikeJwt(password)
  }

  /** Checks a token at a time, ms since 1970. */
  login(token: string, nowMs: number): TokenLogin {
    const outcome = verifyJwt(token, this.#rules, nowMs)
    if (outcome.at === 'refused') return outcome
    const { claims, expiresAt } = outcome
    const user = this.#nameIn(claims)
    if (user === undefined) {
      const reason = `none of its claims ${this.#usernameClaims.join(', ')} is the name of a user of 1 to ${USER_NAME_BYTES_MAX} bytes`
      return { at: 'refused', code: 'claim-invalid', reason }
    }
    return { at: 'known', user, grant: { ...grantOf(claims.scope, this.#scopes), expiresAt } }
  }

  #nameIn(claims: Claims): string | undefined {
    for (const claim of this.#usernameClaims) {
      const name = Object.hasOwn(claims, claim) ? claims[claim] : undefined
      if (typeof name === 'string' && isUserName(name)) return name
    }
    return undefined
  }
}
