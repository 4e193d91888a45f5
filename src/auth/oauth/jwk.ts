// Keys that signatures of tokens are checked with, out of a JWK set (RFC 7517, RFC 7518 section 6, RFC 8037). Each key says
// which algorithms may be used with it, so that the token cannot choose: an RSA key never becomes a secret of HMAC.

import { createPublicKey, createSecretKey, type KeyObject } from 'node:crypto'
import { AuthError } from '../errors.ts'
import { JWK_RSA_BITS_MIN, JWKS_KEYS_MAX } from '../limits.ts'

export const jwtAlgorithms = [
  ...(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'] as const),
  ...(['ES256', 'ES384', 'ES512', 'EdDSA', 'HS256', 'HS384', 'HS512'] as const),
] as const
export type JwtAlgorithm = (typeof jwtAlgorithms)[number]

/** A key, and what may be checked with it. */
export interface VerificationKey {
  readonly id?: string
  readonly algorithms: readonly JwtAlgorithm[]
  readonly key: KeyObject
}

type Members = Readonly<Record<string, unknown>>

const ofCurve: Readonly<Record<string, JwtAlgorithm>> = {
  'P-256': 'ES256',
  'P-384': 'ES384',
  'P-521': 'ES512',
  Ed25519: 'EdDSA',
}
const ofRsa: readonly JwtAlgorithm[] = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']
/** By the bytes that a secret must have: RFC 7518 section 3.2. */
const ofSecret: readonly (readonly [JwtAlgorithm, number])[] = [
  ['HS256', 32],
  ['HS384', 48],
  ['HS512', 64],
]

/**
 * The usable keys of a JWK set, as it was parsed from JSON. Keys of a kind that is not known, and those that are not for
 * signatures, are passed over (RFC 7517 section 5). Of private keys only the public half is taken.
 * Errors: AUTH_KEYS_INVALID; never with a part of a key.
 */
export function keysOf(set: unknown): VerificationKey[] {
  const keys = isObject(set) ? set.keys : undefined
  if (!Array.isArray(keys)) throw invalid('a JWK set is an object with a list "keys"')
  if (keys.length > JWKS_KEYS_MAX) throw invalid(`${keys.length} keys are more than ${JWKS_KEYS_MAX}`)
  const usable = keys.flatMap((jwk, n) => (isObject(jwk) ? keyOf(jwk, `key ${n}`) : []))
  if (usable.length === 0) throw invalid('there is no key in it that signatures could be checked with')
  const ids = usable.flatMap(({ id }) => id ?? [])
  const twice = ids.find((id, n) => ids.indexOf(id) !== n)
  if (twice !== undefined) throw invalid(`two keys have the kid '${twice.slice(0, 60)}'`)
  return usable
}

function keyOf(jwk: Members, where: string): VerificationKey[] {
  const { use, key_ops: uses, kid, alg } = jwk
  if (use !== undefined && use !== 'sig') return []
  if (Array.isArray(uses) && !uses.includes('verify') && !uses.includes('sign')) return []
  const key = imported(jwk, where)
  if (key === undefined) return []
  const able = ablesOf(jwk, key, where)
  const algorithms = alg === undefined ? able : able.filter(one => one === alg)
  if (algorithms.length === 0 && able.length > 0)
    throw invalid(`${where}: its alg is not one of ${able.join(', ')}, which such a key is for`)
  if (algorithms.length === 0) return []
  return [{ ...(typeof kid === 'string' && { id: kid }), algorithms, key }]
}

function imported(jwk: Members, where: string): KeyObject | undefined {
  const { kty, n, e, crv, x, y, k } = jwk
  try {
    if (kty === 'oct' && typeof k === 'string') return createSecretKey(Buffer.from(k, 'base64url'))
    if (kty === 'RSA') return publicKey({ kty, n, e })
    if (kty === 'EC') return publicKey({ kty, crv, x, y })
    if (kty === 'OKP') return publicKey({ kty, crv, x })
    return undefined
  } catch {
    throw invalid(`${where}: it cannot be read as a key of kind ${String(kty)}`) // the cause may hold the key
  }
}

function publicKey(members: Members): KeyObject {
  return createPublicKey({ key: members as Record<string, string>, format: 'jwk' })
}

function ablesOf({ kty, crv }: Members, key: KeyObject, where: string): readonly JwtAlgorithm[] {
  if (kty === 'oct') {
    const bytes = key.symmetricKeySize ?? 0
    const able = ofSecret.flatMap(([name, least]) => (bytes >= least ? [name] : []))
    if (able.length === 0) throw invalid(`${where}: the secret has ${bytes} bytes, 32 are the fewest`)
    return able
  }
  if (kty === 'RSA') {
    const bits = key.asymmetricKeyDetails?.modulusLength ?? 0
    if (bits < JWK_RSA_BITS_MIN)
      throw invalid(`${where}: the modulus has ${bits} bits, ${JWK_RSA_BITS_MIN} are the fewest`)
    return ofRsa
  }
  const found = ofCurve[String(crv)]
  return found === undefined ? [] : [found]
}

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function invalid(what: string): AuthError {
  return new AuthError('AUTH_KEYS_INVALID', what)
}
