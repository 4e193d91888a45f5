// Whether a signature of a JWS (RFC 7518 section 3, RFC 8037 section 3.1) is that of the key. Node does the arithmetic.

import { constants, createHmac, type KeyObject, timingSafeEqual, verify } from 'node:crypto'
import type { JwtAlgorithm } from './jwk.ts'

/** Bytes of a signature of ECDSA: r and s, without the frame of DER. */
const ecdsaBytes: Readonly<Partial<Record<JwtAlgorithm, number>>> = { ES256: 64, ES384: 96, ES512: 132 }

/** `algorithm` must be one that the key is for. */
export function isSignedBy(
  key: KeyObject,
  algorithm: JwtAlgorithm,
  signed: Buffer,
  signature: Buffer,
): boolean {
  if (algorithm === 'EdDSA') return verify(null, signed, key, signature)
  const hash = `sha${algorithm.slice(2)}`
  switch (algorithm.slice(0, 2)) {
    case 'HS': {
      const right = createHmac(hash, key).update(signed).digest()
      return right.length === signature.length && timingSafeEqual(right, signature)
    }
    case 'ES':
      if (signature.length !== ecdsaBytes[algorithm]) return false
      return verify(hash, signed, { key, dsaEncoding: 'ieee-p1363' }, signature)
    case 'PS': {
      const padding = constants.RSA_PKCS1_PSS_PADDING
      return verify(hash, signed, { key, padding, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }, signature)
    }
    default:
      return verify(hash, signed, { key, padding: constants.RSA_PKCS1_PADDING }, signature)
  }
}
