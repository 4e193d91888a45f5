// Opens a connection that is ready for requests: TCP, TLS where asked for, versions, login.

import type { World } from '../../world/index.ts'
import { type Address, addressText, reach, type TlsSettings } from '../reach.ts'
import { Connection } from './connection.ts'
import { limits } from './limits.ts'
import { logIn, type SaslSettings } from './login.ts'

export { type Address, addressText, type TlsSettings } from '../reach.ts'

export interface DialSettings {
  readonly world: World
  readonly signal: AbortSignal
  /** Ms until an answer must be there. */
  readonly timeoutMs: number
  readonly tls?: TlsSettings
  readonly sasl?: SaslSettings
}

const HINT = 'is the broker running there? name another with --brokers host:port'

/** Errors: ConnectionFault; CommandError (noPermission) when the login fails; the signal's reason. */
export async function dial(address: Address, settings: DialSettings): Promise<Connection> {
  const name = addressText(address)
  const { world, signal, tls } = settings
  const { connectMs } = limits
  const stream = await reach(address, { world, signal, connectMs, hint: HINT, ...(tls && { tls }) })
  const connection = new Connection(name, stream, settings.world, settings.timeoutMs)
  try {
    await connection.negotiate()
    if (settings.sasl !== undefined) await logIn(connection, settings.sasl, settings.world)
    return connection
  } catch (error) {
    connection.close()
    throw error
  }
}
