// Opens a connection that is ready for requests: TCP, TLS where asked for, versions, login.

import { connectTcp } from '../../transport/index.ts'
import type { World } from '../../world/index.ts'
import { exitOf } from '../exit.ts'
import { Connection } from './connection.ts'
import { ConnectionFault } from './faults.ts'
import { limits } from './limits.ts'
import { logIn, type SaslSettings } from './login.ts'

export interface Address {
  readonly host: string
  readonly port: number
}

export interface TlsSettings {
  /** Authorities to trust in place of the system's, as PEM. */
  readonly ca?: Buffer
  /** Take any certificate. */
  readonly insecure?: boolean
}

export interface DialSettings {
  readonly world: World
  readonly signal: AbortSignal
  /** Ms until an answer must be there. */
  readonly timeoutMs: number
  readonly tls?: TlsSettings
  readonly sasl?: SaslSettings
}

/** Errors: ConnectionFault; CommandError (noPermission) when the login fails; the signal's reason. */
export async function dial(address: Address, settings: DialSettings): Promise<Connection> {
  const name = addressText(address)
  const stream = await connected(address, settings)
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

/** `host:port`, an IPv6 address in brackets. */
export function addressText({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

async function connected(address: Address, { world, signal, tls }: DialSettings) {
  const late = new AbortController()
  const abort = (): void => late.abort(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  if (signal.aborted) abort()
  const timer = world.after(limits.connectMs, () => late.abort(tooSlow(address)))
  try {
    return await connectTcp({ ...address, signal: late.signal, ...(tls && { tls: tlsOf(address, tls) }) })
  } catch (error) {
    if (late.signal.aborted) throw late.signal.reason
    throw notConnected(address, error)
  } finally {
    timer.cancel()
    signal.removeEventListener('abort', abort)
  }
}

/** An IP address is no server name (RFC 6066 section 3). */
function tlsOf({ host }: Address, tls: TlsSettings): TlsSettings & { readonly servername?: string } {
  const isIp = /^[\d.]+$/.test(host) || host.includes(':')
  return isIp ? { ...tls, servername: '' } : tls
}

function tooSlow(address: Address): Error {
  return new ConnectionFault(
    `${addressText(address)} did not accept a connection within ${limits.connectMs} ms`,
  )
}

function notConnected(address: Address, error: unknown): Error {
  const message = error instanceof Error && error.message !== '' ? error.message : codeOf(error)
  return new ConnectionFault(`cannot connect to ${addressText(address)}: ${message}`, error, nextStep(error))
}

/** Codes of OpenSSL and Node that blame the certificate. */
const certificateCode = /CERT|ISSUER|SIGNATURE|ALTNAME/

function nextStep(error: unknown): string | undefined {
  if (certificateCode.test(codeOf(error))) return "trust the broker's authority with --ca file.pem"
  if (exitOf(error) !== 'unreachable') return undefined
  return 'is the broker running there? name another with --brokers host:port'
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error)
}
