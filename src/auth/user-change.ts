// What can happen to a user's credentials, as a value: the owner keeps it in its log and then has the registry apply
// it. Made from a password, from Kafka's salted form, or read back from the log.

import type { World } from '../world/index.ts'
import {
  credentialFromJson,
  credentialFromPassword,
  credentialFromSalted,
  credentialToJson,
  type Derive,
  type SaltedCredential,
  type ScramCredential,
} from './credentials.ts'
import { AuthError } from './errors.ts'
import { SCRAM_SALT_BYTES, USER_NAME_BYTES_MAX } from './limits.ts'
import { isScramName, type ScramName, scramNames } from './sasl/scram-keys.ts'
import { isUserName } from './sasl/text.ts'

/** A change of one (user, mechanism). Applying it twice is the same as once. */
export type UserChange =
  | {
      readonly kind: 'set'
      readonly user: string
      readonly mechanism: ScramName
      readonly credential: ScramCredential
    }
  | { readonly kind: 'delete'; readonly user: string; readonly mechanism: ScramName }

/** A password user becomes a credential of every SCRAM mechanism. Throws AUTH_CREDENTIAL_UNACCEPTABLE. */
export async function passwordChanges(
  login: { readonly user: string; readonly password: string },
  {
    world,
    iterations,
    derive,
    mechanisms = scramNames,
  }: {
    readonly world: World
    readonly iterations?: number
    readonly derive?: Derive
    readonly mechanisms?: readonly ScramName[]
  },
): Promise<UserChange[]> {
  checkUserName(login.user)
  const options = { ...(iterations && { iterations }), ...(derive && { derive }) }
  return Promise.all(
    mechanisms.map(async mechanism => {
      const salt = world.randomBytes(SCRAM_SALT_BYTES)
      const credential = await credentialFromPassword(mechanism, login.password, { salt, ...options })
      return { kind: 'set' as const, user: login.user, mechanism, credential }
    }),
  )
}

/** What Kafka's AlterUserScramCredentials upserts. Throws AUTH_CREDENTIAL_UNACCEPTABLE. */
export function saltedChange(user: string, mechanism: ScramName, salted: SaltedCredential): UserChange {
  checkUserName(user)
  return { kind: 'set', user, mechanism, credential: credentialFromSalted(mechanism, salted) }
}

/** The change as it is kept in a log. */
export function userChangeToJson(change: UserChange): unknown {
  return change.kind === 'set' ? { ...change, credential: credentialToJson(change.credential) } : change
}

/** Reads what userChangeToJson wrote. Throws AUTH_RECORD_INVALID. */
export function userChangeFromJson(json: unknown): UserChange {
  const { kind, user, mechanism, credential } = Object(json) as Record<string, unknown>
  if (typeof user !== 'string' || !isUserName(user)) throw invalid('user')
  if (!isScramName(mechanism)) throw invalid('mechanism')
  if (kind === 'delete') return { kind, user, mechanism }
  if (kind !== 'set') throw invalid('kind')
  return { kind, user, mechanism, credential: credentialFromJson(mechanism, credential) }
}

/** Throws AUTH_CREDENTIAL_UNACCEPTABLE unless a user may have that name. */
export function checkUserName(user: string): void {
  if (isUserName(user)) return
  const shown = user.length > 64 ? `${user.slice(0, 64)}…` : user
  throw new AuthError(
    'AUTH_CREDENTIAL_UNACCEPTABLE',
    `user name '${shown}' must have 1 to ${USER_NAME_BYTES_MAX} bytes and no NUL`,
    { user: shown },
  )
}

function invalid(field: string): AuthError {
  return new AuthError('AUTH_RECORD_INVALID', `user record: field '${field}' is missing or wrong`, { field })
}
