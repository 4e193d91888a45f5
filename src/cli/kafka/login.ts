// Logs in on a fresh connection: SaslHandshake names the mechanism, SaslAuthenticate carries its messages (KIP-152).

import { isScramName, plainClient, type SaslClient, scramClient } from '../../auth/index.ts'
import { SaslAuthenticate, SaslHandshake } from '../../heads/kafka/wire/index.ts'
import type { World } from '../../world/index.ts'
import { CommandError } from '../exit.ts'
import type { Connection } from './connection.ts'
import { check } from './faults.ts'

export const mechanisms = ['SCRAM-SHA-512', 'SCRAM-SHA-256', 'PLAIN'] as const

export interface SaslSettings {
  readonly mechanism: (typeof mechanisms)[number]
  readonly user: string
  readonly password: string
}

/** Errors: CommandError (noPermission) with what the broker says; ConnectionFault. */
export async function logIn(connection: Connection, sasl: SaslSettings, world: World): Promise<void> {
  const what = `logging in at ${connection.name} as ${sasl.user}`
  const { mechanism } = sasl
  const offer = await connection.request(SaslHandshake, { mechanism })
  const offered = offer.mechanisms.length === 0 ? '' : `; it offers ${offer.mechanisms.join(', ')}`
  if (offer.errorCode !== 0) check(offer.errorCode, what, `the broker does not take ${mechanism}${offered}`)
  const client = clientOf(sasl, world)
  let step = await client.step(Buffer.alloc(0))
  while (step.at === 'respond') {
    const answer = await connection.request(SaslAuthenticate, { authBytes: step.response })
    check(answer.errorCode, what, answer.errorMessage)
    step = await client.step(answer.authBytes)
  }
  if (step.at === 'failed') throw new CommandError('noPermission', `${what}: ${step.reason}`)
}

function clientOf(sasl: SaslSettings, world: World): SaslClient {
  return isScramName(sasl.mechanism) ? scramClient(sasl.mechanism, sasl, { world }) : plainClient(sasl)
}
