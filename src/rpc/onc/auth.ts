// Credentials (RFC 5531, section 8.2; AUTH_SYS: appendix A): who calls. AUTH_SYS is a claim that nobody proves: whoever
// can reach the server can say that it is root.

import type { Reader, Writer } from '../../bytes/index.ts'
import { WireError } from '../../bytes/index.ts'
import * as xdr from '../xdr/index.ts'

/** Flavors by name. */
export const flavors = { none: 0, sys: 1, short: 2, dh: 3, gss: 6, tls: 7 } as const

/** Bytes of a credential or verifier. */
const BODY_BYTES_MAX = 400
/** Of AUTH_NONE: its number, and the length of an empty body. */
const NO_AUTH_BYTES = 8

/** A credential or a verifier as it travels. */
export interface OpaqueAuth {
  readonly flavor: number
  readonly body: Uint8Array
}

const opaqueAuth = xdr.struct({ flavor: xdr.uint, body: xdr.varOpaque(BODY_BYTES_MAX) })

/** AUTH_NONE. */
export const noAuth: OpaqueAuth = { flavor: flavors.none, body: new Uint8Array(0) }

/** What AUTH_SYS says of a caller. */
export interface SystemCredential {
  /** Any number; callers take the time. */
  readonly stamp: number
  /** Name of the caller's machine, at most 255 bytes. */
  readonly machine: string
  readonly uid: number
  readonly gid: number
  /** Further groups, at most 16. */
  readonly gids: readonly number[]
}

const systemBody = xdr.struct({
  stamp: xdr.uint,
  machine: xdr.string(255),
  uid: xdr.uint,
  gid: xdr.uint,
  gids: xdr.varArray(xdr.uint, 16),
})

/** An AUTH_SYS credential. Errors: WireError when it is too long, or has more than 16 groups. */
export function systemAuth(who: SystemCredential): OpaqueAuth {
  return { flavor: flavors.sys, body: systemBody.encode({ ...who, gids: [...who.gids] }) }
}

/** What the server knows of a caller. */
export type Credential =
  | { readonly kind: 'none' }
  | ({ readonly kind: 'sys' } & SystemCredential)
  | { readonly kind: 'other'; readonly flavor: number; readonly body: Uint8Array }

/** Reads what a caller says of itself; undefined when it is broken. */
export function credentialOf({ flavor, body }: OpaqueAuth): Credential | undefined {
  if (flavor === flavors.none) return { kind: 'none' }
  if (flavor !== flavors.sys) return { kind: 'other', flavor, body }
  try {
    return { kind: 'sys', ...systemBody.decode(body) }
  } catch (error) {
    if (error instanceof WireError) return undefined
    throw error
  }
}

/** Why a credential is refused (auth_stat). */
export const authStatuses = {
  badCredential: 1,
  rejectedCredential: 2,
  badVerifier: 3,
  rejectedVerifier: 4,
  tooWeak: 5,
  invalidResponse: 6,
  failed: 7,
} as const

export type AuthStatus = keyof typeof authStatuses

/** The name of a number, or the number. */
export function authStatusName(status: number): string {
  return Object.entries(authStatuses).find(([, number]) => number === status)?.[0] ?? String(status)
}

/** Where the reader stands. Errors: WireError, also for more than 400 bytes. */
export function readAuth(from: Reader): OpaqueAuth {
  // AUTH_NONE without a body is nearly all there is, and each message has two.
  const { at, remaining } = from
  if (remaining >= NO_AUTH_BYTES && from.uint32() === flavors.none && from.uint32() === 0) return noAuth
  from.at = at
  return opaqueAuth.read(from)
}

export function writeAuth(to: Writer, auth: OpaqueAuth): void {
  if (auth !== noAuth) {
    opaqueAuth.write(to, auth)
    return
  }
  to.word(flavors.none)
  to.word(0)
}
