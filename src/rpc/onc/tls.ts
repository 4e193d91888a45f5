// RPC-with-TLS (RFC 9289): a client asks by calling procedure 0 with the flavor AUTH_TLS; a server that can answers with STARTTLS
// in its verifier, and then both go over to TLS 1.3 on the same connection, under the ALPN name `sunrpc` (section 4.1 and 5.1).
// Whoever sits in between can take the STARTTLS out of the answer (section 4.1.1): only a client that insists is safe from
// that, so insisting is the default.

import { Reader } from '../../bytes/index.ts'
import {
  type AlpnPolicy,
  type StartTlsTerms,
  type Stream,
  startTlsClient,
  type TlsClientOptions,
  type TlsServerOptions,
} from '../../transport/index.ts'
import { systemWorld, type World } from '../../world/index.ts'
import { flavors, noAuth, type OpaqueAuth } from './auth.ts'
import { OncError } from './errors.ts'
import { oncLimits } from './limits.ts'
import { type ReplyHead, readReply, writeCall } from './message.ts'
import { marked, RecordSplitter } from './record.ts'

/** What both sides ask of TLS. */
const tlsTerms = { alpn: 'sunrpc', minVersion: 'TLSv1.3' } as const satisfies StartTlsTerms

/**
 * What a server asks: clients must name the protocol (RFC 9289, section 5), but nobody has servers refuse those that don't,
 * which are oncrpc4j and the NFS client of Linux (ktls-utils, issue 31).
 */
export const serverTlsTerms = { ...tlsTerms, alpnPolicy: 'optional' } as const satisfies StartTlsTerms

/** The verifier by which a server offers TLS. */
export const startTlsVerifier: OpaqueAuth = { flavor: flavors.none, body: Buffer.from('STARTTLS') }

export interface OncTlsClientOptions extends TlsClientOptions {
  /** What happens when the server offers no TLS. Default 'required': the connection fails. 'opportunistic' goes on in clear text. */
  readonly policy?: 'required' | 'opportunistic'
  /**
   * Whether the server must say in TLS that it speaks `sunrpc`. Default 'required' (RFC 9289, section 5); 'optional' for servers that
   * don't say so: Linux, oncrpc4j.
   */
  readonly alpn?: AlpnPolicy
}

export interface OncTlsServerOptions extends TlsServerOptions {
  /** Whether calls in clear text are refused (AUTH_TOOWEAK). Default false: clients choose. */
  readonly required?: boolean
}

export interface TlsProbe {
  readonly tls: OncTlsClientOptions
  /** Whom the certificate must name. */
  readonly host: string
  /** The program whose procedure 0 is called. */
  readonly program: { readonly program: number; readonly version: number }
  readonly timeoutMs?: number | undefined
  readonly world?: World | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Asks for TLS and goes over to it; gives the stream as it is when the server offers none and the policy allows it. Errors: OncError
 * RPC_TLS_UNAVAILABLE, RPC_MESSAGE_INVALID, RPC_CONNECTION_LOST, RPC_TIMEOUT, those of the handshake, the signal's reason;
 * the connection is cut then.
 */
export async function secured(stream: Stream, probe: TlsProbe): Promise<Stream> {
  const { tls, host, signal, timeoutMs = oncLimits.timeoutMs, world = systemWorld } = probe
  const { policy = 'required', alpn, ...certificates } = tls
  const late = new OncError('RPC_TIMEOUT', `asking ${host} for TLS, after ${timeoutMs} ms`)
  const cut = (): void => stream.abort(signal?.reason instanceof Error ? signal.reason : undefined)
  let isLate = false
  const giveUp = (): void => {
    isLate = true
    stream.abort(late)
  }
  const timer = timeoutMs === Number.POSITIVE_INFINITY ? undefined : world.after(timeoutMs, giveUp)
  signal?.addEventListener('abort', cut, { once: true })
  try {
    signal?.throwIfAborted()
    const isOffered = await asked(stream, probe, world)
    if (isOffered)
      return await startTlsClient(
        stream,
        { ...certificates, host },
        { ...tlsTerms, alpnPolicy: alpn, ...(signal && { signal }) },
      )
    if (policy === 'opportunistic') return stream
    throw new OncError('RPC_TLS_UNAVAILABLE', host)
  } catch (error) {
    stream.abort()
    signal?.throwIfAborted()
    throw isLate ? late : error
  } finally {
    timer?.cancel()
    signal?.removeEventListener('abort', cut)
  }
}

/** Whether the server offers TLS. */
async function asked(
  stream: Stream,
  { program: { program, version }, host }: TlsProbe,
  world: World,
): Promise<boolean> {
  const xid = world.randomBytes(4).readUInt32BE()
  const credential: OpaqueAuth = { flavor: flavors.tls, body: noAuth.body }
  void stream.write(marked(to => writeCall(to, { xid, program, version, procedure: 0, credential })))
  const { xid: answered, outcome, verifier } = await firstReply(stream, host)
  if (answered !== xid)
    throw new OncError('RPC_MESSAGE_INVALID', `${host} answers call ${answered}, which was not made`)
  return outcome.kind === 'success' && isStartTls(verifier)
}

async function firstReply(stream: Stream, host: string): Promise<ReplyHead> {
  const replies: ReplyHead[] = []
  const splitter = new RecordSplitter(record => replies.push(readReply(new Reader(record))))
  for await (const chunk of stream.bytes) {
    splitter.push(chunk)
    const [reply] = replies
    if (reply === undefined) continue
    if (replies.length > 1 || splitter.isAmid)
      throw new OncError('RPC_MESSAGE_INVALID', `${host} says more in clear text than was asked`)
    return reply
  }
  throw new OncError('RPC_CONNECTION_LOST', `${host} ended it when it was asked for TLS`)
}

function isStartTls(verifier: OpaqueAuth | undefined): boolean {
  return verifier?.flavor === flavors.none && Buffer.from(startTlsVerifier.body).equals(verifier.body)
}
