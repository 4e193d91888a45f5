// JSON Web Tokens as logins (RFC 7519) in the compact form of JWS (RFC 7515): signature first, then the claims that say for
// whom and how long. Nothing of a token is believed before its signature is right. Pure: keys and the time are handed in.
// A token that is refused is an outcome with a code, as every failed login, and not an error.

import { SASL_MESSAGE_BYTES_MAX } from '../limits.ts'
import { type JwtAlgorithm, jwtAlgorithms, type VerificationKey } from './jwk.ts'
import { isSignedBy } from './signature.ts'

export type Claims = Readonly<Record<string, unknown>>

export type JwtRefusal =
  | 'malformed'
  | 'algorithm-refused'
  | 'key-unknown'
  | 'signature-wrong'
  | 'claim-invalid'
  | 'expired'
  | 'not-yet-valid'
  | 'audience-wrong'
  | 'issuer-wrong'

export type JwtOutcome =
  | {
      readonly at: 'valid'
      readonly claims: Claims
      /** Ms since 1970. */
      readonly expiresAt: number
    }
  /** `reason` is for the log; it shows no part of the token that was not signed. */
  | { readonly at: 'refused'; readonly code: JwtRefusal; readonly reason: string }

export interface JwtRules {
  readonly keys: readonly VerificationKey[]
  /** Must be the claim `aud`, or in it. */
  readonly audience: string
  /** Must be the claim `iss`. Default: any. */
  readonly issuer?: string
}

const form = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]*)$/

/** Whether the text has the form of a token: three parts, of which the first is an object in JSON. */
export function looksLikeJwt(text: string): boolean {
  return text.startsWith('ey') && form.test(text)
}

/** Checks the token against the rules at a time, ms since 1970. Never throws for what is in the token. */
export function verifyJwt(token: string, rules: JwtRules, nowMs: number): JwtOutcome {
  if (token.length > SASL_MESSAGE_BYTES_MAX) return refused('malformed', 'the token is too long')
  const [, head, body, signature] = form.exec(token) ?? []
  if (head === undefined || body === undefined || signature === undefined)
    return refused('malformed', 'it does not have three parts in base64url')
  const header = objectOf(head)
  if (header === undefined) return refused('malformed', 'its header is no object in JSON')
  const found = keyFor(header, rules.keys)
  if (found.at === 'refused') return found
  const signed = Buffer.from(`${head}.${body}`)
  if (!isSignedBy(found.key.key, found.algorithm, signed, Buffer.from(signature, 'base64url')))
    return refused('signature-wrong', 'its signature is not that of the key')
  const claims = objectOf(body)
  if (claims === undefined) return refused('malformed', 'its claims are no object in JSON')
  return checkClaims(claims, rules, nowMs)
}

type Found =
  | { readonly at: 'found'; readonly key: VerificationKey; readonly algorithm: JwtAlgorithm }
  | (JwtOutcome & { readonly at: 'refused' })

/** The key that the header names; without a name the only one for its algorithm. */
function keyFor({ alg, kid, crit }: Claims, keys: readonly VerificationKey[]): Found {
  const algorithm = jwtAlgorithms.find(one => one === alg)
  if (algorithm === undefined) return refused('algorithm-refused', 'its algorithm is none that is taken')
  if (crit !== undefined) return refused('malformed', 'its header demands extensions (crit)')
  if (kid !== undefined) {
    const key = keys.find(({ id }) => id === kid)
    if (key === undefined) return refused('key-unknown', 'there is no key of its kid')
    if (key.algorithms.includes(algorithm)) return { at: 'found', key, algorithm }
    return refused('algorithm-refused', `the key of its kid is not for ${algorithm}`)
  }
  const [key, other] = keys.filter(one => one.algorithms.includes(algorithm))
  if (key === undefined) return refused('algorithm-refused', `no key is for ${algorithm}`)
  if (other !== undefined) return refused('key-unknown', 'it has no kid, and several keys could be meant')
  return { at: 'found', key, algorithm }
}

function checkClaims(claims: Claims, { audience, issuer }: JwtRules, nowMs: number): JwtOutcome {
  const { exp, nbf, aud, iss } = claims
  if (!isTime(exp)) return refused('claim-invalid', 'it has no time of expiry (exp)')
  if (nbf !== undefined && !isTime(nbf)) return refused('claim-invalid', 'its nbf is no time')
  const expiresAt = exp * 1000
  if (nowMs >= expiresAt) return refused('expired', `it expired at ${exp}`)
  if (nbf !== undefined && nowMs < nbf * 1000)
    return refused('not-yet-valid', `it is not valid before ${nbf}`)
  if (!(Array.isArray(aud) ? aud : [aud]).includes(audience))
    return refused('audience-wrong', `'${audience}' is not in its audience (aud)`)
  if (issuer !== undefined && iss !== issuer)
    return refused('issuer-wrong', `its issuer (iss) is not '${issuer}'`)
  return { at: 'valid', claims, expiresAt }
}

/** Seconds since 1970 that a date can hold. */
function isTime(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= LAST_SECOND
}

/** The last second that a Date knows. */
const LAST_SECOND = 8_640_000_000_000

function objectOf(part: string): Claims | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(part, 'base64url'))
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Claims)
      : undefined
  } catch {
    return undefined // not UTF-8 or not JSON: the caller says so
  }
}

function refused(code: JwtRefusal, reason: string): JwtOutcome & { readonly at: 'refused' } {
  return { at: 'refused', code, reason }
}
