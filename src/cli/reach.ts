// Opens a stream to a server for any of our clients: TCP, with TLS where asked for, a limit of time, and an error that
// says what to try next.

import { connectTcp, type Stream } from '../transport/index.ts'
import type { World } from '../world/index.ts'
import { exitOf } from './exit.ts'
import { ConnectionFault } from './kafka/faults.ts'

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

export interface ReachSettings {
  readonly world: World
  readonly signal: AbortSignal
  readonly tls?: TlsSettings
  /** Ms until the connection must be there. */
  readonly connectMs: number
  /** What to try when nobody listens: 'is the broker running there? ...'. */
  readonly hint: string
}

/** `host:port`, an IPv6 address in brackets. */
export function addressText({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

/** Connects. Errors: ConnectionFault; the signal's reason. */
export async function reach(address: Address, settings: ReachSettings): Promise<Stream> {
  const { world, signal, tls, connectMs } = settings
  const late = new AbortController()
  const abort = (): void => late.abort(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  if (signal.aborted) abort()
  const timer = world.after(connectMs, () => late.abort(tooSlow(address, connectMs)))
  try {
    return await connectTcp({ ...address, signal: late.signal, ...(tls && { tls: tlsOf(address, tls) }) })
  } catch (error) {
    if (late.signal.aborted) throw late.signal.reason
    throw notConnected(address, error, settings.hint)
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

function tooSlow(address: Address, connectMs: number): Error {
  return new ConnectionFault(`${addressText(address)} did not accept a connection within ${connectMs} ms`)
}

function notConnected(address: Address, error: unknown, hint: string): Error {
  const message = error instanceof Error && error.message !== '' ? error.message : codeOf(error)
  const text = `cannot connect to ${addressText(address)}: ${message}`
  return new ConnectionFault(text, error, nextStep(error, hint))
}

/** Codes of OpenSSL and Node that blame the certificate. */
const certificateCode = /CERT|ISSUER|SIGNATURE|ALTNAME/

function nextStep(error: unknown, hint: string): string | undefined {
  if (certificateCode.test(codeOf(error))) return "trust the broker's authority with --ca file.pem"
  return exitOf(error) === 'unreachable' ? hint : undefined
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error)
}
