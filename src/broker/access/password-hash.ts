// Passwords as RabbitMQ keeps them: four bytes of salt and the hash of salt and password, in base64. Definitions that
// are exported there carry them, so they can be taken over; one pass of a hash is weak, so none are made here.

import { createHash, timingSafeEqual } from 'node:crypto'
import { BrokerError } from '../errors.ts'

export type HashName = 'sha256' | 'sha512'

/** A password that is kept as a salted hash. */
export interface PasswordHash {
  readonly algorithm: HashName
  /** base64 of the salt and the hash. */
  readonly hash: string
}

const SALT_BYTES = 4
const hashBytes: Readonly<Record<HashName, number>> = { sha256: 32, sha512: 64 }
const PREFIX = 'rabbit_password_hashing_'

/** Reads `password_hash` and `hashing_algorithm` (RabbitMQ's module names; none is sha256). Errors: ARGUMENT_INVALID. */
export function passwordHash(hash: string, algorithm = `${PREFIX}sha256`): PasswordHash {
  const name = algorithm.startsWith(PREFIX) ? algorithm.slice(PREFIX.length) : algorithm
  if (name !== 'sha256' && name !== 'sha512')
    throw invalid(
      `password hashes of ${algorithm.slice(0, 80)} are not taken; use sha256 or sha512, or set a password`,
    )
  const bytes = Buffer.from(hash, 'base64')
  if (bytes.length !== SALT_BYTES + hashBytes[name] || bytes.toString('base64') !== hash)
    throw invalid(`a password hash of ${name} is base64 of ${SALT_BYTES + hashBytes[name]} bytes`)
  return { algorithm: name, hash }
}

/** RabbitMQ's name of the algorithm. */
export function algorithmName({ algorithm }: PasswordHash): string {
  return `${PREFIX}${algorithm}`
}

/** Whether the hash was made from this password; compared in constant time. */
export function hashMatches({ algorithm, hash }: PasswordHash, password: string): boolean {
  const bytes = Buffer.from(hash, 'base64')
  const made = createHash(algorithm).update(bytes.subarray(0, SALT_BYTES)).update(password).digest()
  return timingSafeEqual(made, bytes.subarray(SALT_BYTES))
}

function invalid(message: string): BrokerError {
  return new BrokerError('ARGUMENT_INVALID', message)
}
