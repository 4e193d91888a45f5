// What is kept of a user's secret: the SCRAM credential of RFC 5802 section 2.2 (salt, iterations, StoredKey,
// ServerKey), never the password. PLAIN is checked against the same credential.
// Passwords are normalised by NFKC, which is the part of SASLprep (RFC 4013) that matters in practice: ASCII stays as
// it is; the tables of forbidden characters are not applied. Kafka's own clients do not normalise, so a credential
// that they computed from a password outside NFKC also passes when that password is tried as it came.

import { AuthError } from './errors.ts'
import {
  SCRAM_ITERATIONS_DEFAULT,
  SCRAM_ITERATIONS_MAX,
  SCRAM_ITERATIONS_MIN,
  SCRAM_SALT_BYTES_MAX,
} from './limits.ts'
import {
  clientKey,
  equalSecrets,
  keyBytes,
  type ScramName,
  saltedPassword,
  serverKey,
  storedKey,
} from './sasl/scram-keys.ts'

/** What a server keeps of one user's password for one mechanism. */
export interface ScramCredential {
  readonly salt: Buffer
  readonly iterations: number
  readonly storedKey: Buffer
  readonly serverKey: Buffer
}

/** The credential as JSON: byte fields in base64. */
export interface ScramCredentialJson {
  readonly salt: string
  readonly iterations: number
  readonly storedKey: string
  readonly serverKey: string
}

/** What Kafka's AlterUserScramCredentials carries: the client has already done the slow step. */
export interface SaltedCredential {
  readonly salt: Buffer
  readonly saltedPassword: Buffer
  readonly iterations: number
}

/** Computes a salted password; injected so that the number at work at once can be bounded. */
export type Derive = typeof saltedPassword

/** The form in which a password goes into a derivation (RFC 5802 Normalize, by NFKC). */
export function normalPassword(password: string): string {
  return password.normalize('NFKC')
}

/** Makes a credential from a password. Throws AUTH_CREDENTIAL_UNACCEPTABLE on an empty password or a bad bound. */
export async function credentialFromPassword(
  mechanism: ScramName,
  password: string,
  {
    salt,
    iterations = SCRAM_ITERATIONS_DEFAULT,
    derive = saltedPassword,
  }: { readonly salt: Buffer; readonly iterations?: number; readonly derive?: Derive },
): Promise<ScramCredential> {
  if (password === '') throw unacceptable('password', 0, 'it must not be empty')
  checkSalt(salt)
  checkIterations(iterations)
  const salted = await derive(mechanism, normalPassword(password), salt, iterations)
  return credentialFromSalted(mechanism, { salt, saltedPassword: salted, iterations })
}

/** Makes a credential from a salted password; copies what it keeps. Throws AUTH_CREDENTIAL_UNACCEPTABLE. */
export function credentialFromSalted(mechanism: ScramName, given: SaltedCredential): ScramCredential {
  checkSalt(given.salt)
  checkIterations(given.iterations)
  if (given.saltedPassword.length !== keyBytes(mechanism)) {
    const allowed = `it must have ${keyBytes(mechanism)} bytes for ${mechanism}`
    throw unacceptable('salted password length', given.saltedPassword.length, allowed)
  }
  return {
    salt: Buffer.from(given.salt),
    iterations: given.iterations,
    storedKey: storedKey(mechanism, clientKey(mechanism, given.saltedPassword)),
    serverKey: serverKey(mechanism, given.saltedPassword),
  }
}

/** Whether the password is the one that the credential was made from; compared in constant time. */
export async function passwordMatches(
  mechanism: ScramName,
  credential: ScramCredential,
  password: string,
  derive: Derive = saltedPassword,
): Promise<boolean> {
  for (const form of new Set([normalPassword(password), password])) {
    const salted = await derive(mechanism, form, credential.salt, credential.iterations)
    const stored = storedKey(mechanism, clientKey(mechanism, salted))
    if (equalSecrets(stored, credential.storedKey)) return true
  }
  return false
}

/** The credential as it is kept in a log. */
export function credentialToJson(credential: ScramCredential): ScramCredentialJson {
  return {
    salt: credential.salt.toString('base64'),
    iterations: credential.iterations,
    storedKey: credential.storedKey.toString('base64'),
    serverKey: credential.serverKey.toString('base64'),
  }
}

/** Reads what credentialToJson wrote. Throws AUTH_RECORD_INVALID naming the field. */
export function credentialFromJson(mechanism: ScramName, json: unknown): ScramCredential {
  const fields = Object(json) as Record<string, unknown>
  const { iterations } = fields
  if (typeof iterations !== 'number' || !iterationsFit(iterations)) throw invalidField('iterations')
  return {
    salt: bytesField(fields, 'salt', 1, SCRAM_SALT_BYTES_MAX),
    iterations,
    storedKey: bytesField(fields, 'storedKey', keyBytes(mechanism), keyBytes(mechanism)),
    serverKey: bytesField(fields, 'serverKey', keyBytes(mechanism), keyBytes(mechanism)),
  }
}

function bytesField(fields: Record<string, unknown>, name: string, min: number, max: number): Buffer {
  const text = fields[name]
  if (typeof text !== 'string') throw invalidField(name)
  const bytes = Buffer.from(text, 'base64')
  if (bytes.toString('base64') !== text || bytes.length < min || bytes.length > max) throw invalidField(name)
  return bytes
}

function iterationsFit(iterations: number): boolean {
  return (
    Number.isInteger(iterations) && iterations >= SCRAM_ITERATIONS_MIN && iterations <= SCRAM_ITERATIONS_MAX
  )
}

function checkIterations(iterations: number): void {
  const allowed = `it must be a whole number from ${SCRAM_ITERATIONS_MIN} to ${SCRAM_ITERATIONS_MAX}`
  if (!iterationsFit(iterations)) throw unacceptable('iterations', iterations, allowed)
}

function checkSalt(salt: Buffer): void {
  const allowed = `it must be from 1 to ${SCRAM_SALT_BYTES_MAX} bytes`
  if (salt.length < 1 || salt.length > SCRAM_SALT_BYTES_MAX)
    throw unacceptable('salt length', salt.length, allowed)
}

function unacceptable(field: string, value: number, allowed: string): AuthError {
  return new AuthError('AUTH_CREDENTIAL_UNACCEPTABLE', `credential ${field} is ${value}: ${allowed}`, {
    field,
    value,
  })
}

function invalidField(field: string): AuthError {
  return new AuthError('AUTH_RECORD_INVALID', `credential record: field '${field}' is missing or wrong`, {
    field,
  })
}
