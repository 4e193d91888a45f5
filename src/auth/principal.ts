// Who somebody is once authenticated. Kafka writes a principal as `Type:name`; we have users only, and one name that
// stands for everybody who did not log in.

import type { TokenGrant } from './oauth/token-logins.ts'

/** An authenticated somebody. */
export interface Principal {
  readonly kind: 'user'
  /** The name alone, without `User:`. */
  readonly name: string
  /** What the token allows that it logged in by; without one the broker's own permissions count. */
  readonly grant?: TokenGrant
}

/** Whoever came in on a listener without authentication: `User:ANONYMOUS`, as in Kafka. */
export const ANONYMOUS: Principal = { kind: 'user', name: 'ANONYMOUS' }

/** The principal of a user name. */
export function user(name: string): Principal {
  return { kind: 'user', name }
}

/** The principal that a token names. */
export function tokenUser(name: string, grant: TokenGrant): Principal {
  return { kind: 'user', name, grant }
}

/** `User:name`, the form that access control entries and super user lists use. */
export function principalText(principal: Principal): string {
  return `User:${principal.name}`
}

/** True for a text of the form `Type:name`, both not empty: what Kafka accepts as a principal. */
export function isPrincipalText(text: string): boolean {
  const colon = text.indexOf(':')
  return colon > 0 && colon < text.length - 1
}
