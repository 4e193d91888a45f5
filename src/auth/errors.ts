// What can go wrong in this room when an administrator or a stored record hands in something unusable. A failed login
// is no error: it is an outcome of the SASL machine.

/** Every code of this room: whether the same call may succeed later, and what to do next. */
export const authErrors = {
  AUTH_CREDENTIAL_UNACCEPTABLE: { retriable: false, next: 'hand in a credential within the limits' },
  AUTH_CREDENTIAL_UNKNOWN: { retriable: false, next: 'name a user and mechanism that exist' },
  AUTH_CREDENTIALS_FULL: { retriable: false, next: 'delete users that are not needed' },
  AUTH_MECHANISM_UNKNOWN: { retriable: false, next: 'use SCRAM-SHA-256 or SCRAM-SHA-512' },
  AUTH_RECORD_INVALID: { retriable: false, next: 'the stored record is damaged or of a newer version' },
  AUTH_ACL_INVALID: { retriable: false, next: 'correct the named field of the entry' },
  AUTH_ACLS_FULL: { retriable: false, next: 'delete entries, or replace many by one prefixed entry' },
  AUTH_KEYS_INVALID: { retriable: false, next: 'correct auth.oauth: its JWK set and its names' },
  AUTH_BUSY: { retriable: true, next: 'too many logins are waiting; try again shortly' },
} as const

export type AuthErrorCode = keyof typeof authErrors

/** An error of this room. `fields` are the values that the message names, for programs; never a secret. */
export class AuthError extends Error {
  override readonly name = 'AuthError'
  readonly code: AuthErrorCode
  readonly fields: Readonly<Record<string, string | number>>

  constructor(code: AuthErrorCode, message: string, fields: Readonly<Record<string, string | number>> = {}) {
    super(`${message} (${code}: ${authErrors[code].next})`)
    this.code = code
    this.fields = fields
  }

  get retriable(): boolean {
    return authErrors[this.code].retriable
  }
}
