// The key arithmetic of SCRAM (RFC 5802 section 3; RFC 7677 for SHA-256), apart from its messages, because stored
// credentials and PLAIN need it too. Only the salted password is slow, and it alone is asynchronous: node:crypto runs
// it on a pool thread, so the event loop never waits for it.

import { createHash, createHmac, pbkdf2, timingSafeEqual } from 'node:crypto'

/** The SCRAM mechanisms that Kafka has. */
export type ScramName = 'SCRAM-SHA-256' | 'SCRAM-SHA-512'

/** All of them, the one most clients choose first. */
export const scramNames: readonly ScramName[] = ['SCRAM-SHA-256', 'SCRAM-SHA-512']

const hashes = {
  'SCRAM-SHA-256': { hash: 'sha256', bytes: 32 },
  'SCRAM-SHA-512': { hash: 'sha512', bytes: 64 },
} as const

/** True for the name of a SCRAM mechanism that is known here. */
export function isScramName(name: unknown): name is ScramName {
  return name === 'SCRAM-SHA-256' || name === 'SCRAM-SHA-512'
}

/** Bytes of every key, proof and signature of the mechanism. */
export function keyBytes(mechanism: ScramName): number {
  return hashes[mechanism].bytes
}

/** SaltedPassword = Hi(password, salt, i): the slow step, off the event loop. */
export function saltedPassword(
  mechanism: ScramName,
  password: string,
  salt: Buffer,
  iterations: number,
): Promise<Buffer> {
  const { hash, bytes } = hashes[mechanism]
  return new Promise((resolve, reject) => {
    pbkdf2(password, salt, iterations, bytes, hash, (error, key) => (error ? reject(error) : resolve(key)))
  })
}

/** ClientKey = HMAC(SaltedPassword, "Client Key"): with it one can log in, so it is never kept. */
export function clientKey(mechanism: ScramName, salted: Buffer): Buffer {
  return hmac(mechanism, salted, 'Client Key')
}

/** StoredKey = H(ClientKey): what the server keeps to check a proof. */
export function storedKey(mechanism: ScramName, key: Buffer): Buffer {
  return createHash(hashes[mechanism].hash).update(key).digest()
}

/** ServerKey = HMAC(SaltedPassword, "Server Key"): what the server proves itself with. */
export function serverKey(mechanism: ScramName, salted: Buffer): Buffer {
  return hmac(mechanism, salted, 'Server Key')
}

/** ClientSignature (of StoredKey) or ServerSignature (of ServerKey) over the AuthMessage. */
export function signature(mechanism: ScramName, key: Buffer, authMessage: string): Buffer {
  return hmac(mechanism, key, authMessage)
}

/** ClientProof from ClientKey and ClientSignature, or ClientKey back from proof and signature. */
export function xor(left: Buffer, right: Buffer): Buffer {
  const out = Buffer.alloc(left.length)
  for (let at = 0; at < left.length; at++) out[at] = (left[at] ?? 0) ^ (right[at] ?? 0)
  return out
}

/** Equality in a time that tells nothing of the contents. */
export function equalSecrets(left: Buffer, right: Buffer): boolean {
  return left.length === right.length && timingSafeEqual(left, right)
}

function hmac(mechanism: ScramName, key: Buffer, text: string): Buffer {
  return createHmac(hashes[mechanism].hash, key).update(text, 'utf8').digest()
}
