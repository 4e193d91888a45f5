// SCRAM mechanisms as Kafka numbers them (KIP-554).

import { type ScramName, scramNames } from '../../auth/index.ts'

export const scramCodes: Readonly<Record<ScramName, number>> = { 'SCRAM-SHA-256': 1, 'SCRAM-SHA-512': 2 }

/** Undefined for a number that is none. */
export function scramNameOf(code: number): ScramName | undefined {
  return scramNames.find(name => scramCodes[name] === code)
}
