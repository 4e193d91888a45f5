// Keys and tokens for tests, made by node:crypto: what an OAuth 2 server would give.

import { constants, createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import type { JwtAlgorithm } from './jwk.ts'

/** A secret that is long enough for all HMACs. */
export const secret = Buffer.alloc(64, 7)

export const pairs = {
  rsa: generateKeyPairSync('rsa', { modulusLength: 2048 }),
  p256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  p384: generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  p521: generateKeyPairSync('ec', { namedCurve: 'P-521' }),
  ed: generateKeyPairSync('ed25519'),
}

/** A public key as a JWK with that kid. */
export function jwk(key: KeyObject, kid: string, more: object = {}): object {
  return { ...key.export({ format: 'jwk' }), kid, ...more }
}

export const keySet = {
  keys: [
    ...Object.entries(pairs).map(([kid, { publicKey }]) => jwk(publicKey, kid)),
    { kty: 'oct', kid: 'oct', k: secret.toString('base64url') },
  ],
}

/** The token; `key` is a private key, or a secret. */
export function token(
  header: { readonly alg: string; readonly kid?: string; readonly crit?: readonly string[] },
  claims: unknown,
  key: KeyObject | Buffer,
) {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const signed = `${part(header)}.${part(claims)}`
  const signature = signatureOf(header.alg as JwtAlgorithm, Buffer.from(signed), key)
  return `${signed}.${signature.toString('base64url')}`
}

/** A token of HS256 with the secret, which lasts so long, in seconds from a time in ms. */
export function secretToken(claims: object, nowMs: number, lasts = 60): string {
  const standard = { sub: 'ann', aud: 'orders', exp: Math.floor(nowMs / 1000) + lasts }
  return token({ alg: 'HS256', kid: 'oct' }, { ...standard, ...claims }, secret)
}

function signatureOf(alg: JwtAlgorithm, signed: Buffer, key: KeyObject | Buffer): Buffer {
  const hash = `sha${alg.slice(2)}`
  if (Buffer.isBuffer(key)) return createHmac(hash, key).update(signed).digest()
  if (alg === 'EdDSA') return sign(null, signed, key)
  if (alg.startsWith('ES')) return sign(hash, signed, { key, dsaEncoding: 'ieee-p1363' })
  if (alg.startsWith('RS')) return sign(hash, signed, key)
  return sign(hash, signed, {
    key,
    padding: constants.RSA_PKCS1_PSS_PADDING,
    saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
  })
}
