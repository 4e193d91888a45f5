// What connecting can be told.

import type { DialOptions } from '../../transport/index.ts'
import { systemWorld, type World } from '../../world/index.ts'
import { noAuth, type OpaqueAuth } from './auth.ts'
import { oncLimits } from './limits.ts'
import type { OncTlsClientOptions } from './tls.ts'

/** What a connection to a known place can be told, beside what the transport can. */
export interface OncOpenOptions extends DialOptions {
  /** Who calls. Default AUTH_NONE. */
  readonly credential?: OpaqueAuth
  /** Ms that a call waits for its answer, unless it says otherwise. Default 30,000; Infinity for ever. */
  readonly timeoutMs?: number
  /** Bytes of one reply, over a stream. */
  readonly recordBytesMax?: number
  /** Ms that `close` waits for the server to end its side; then it cuts. */
  readonly closeMs?: number
  /** udp: ms until a call without an answer is sent again; twice as long each time after. Default 500. */
  readonly resendMs?: number
  /**
   * Whether bytes behind a result are ignored, as programs in C do. Default false: then the .x files of both sides differ, and
   * the call fails with RPC_MESSAGE_INVALID.
   */
  readonly ignoreExtraBytes?: boolean
  /** The program that is meant, for what must be known before the first call: TLS, and the port when the address says 0. */
  readonly program?: { readonly program: number; readonly version: number }
  /** tcp: goes over to TLS before the first call (RPC-with-TLS, RFC 9289), as `program` offers it. Default: clear text. */
  readonly startTls?: OncTlsClientOptions
}

/** What connecting can be told, beside what the transport can. */
export interface OncConnectOptions extends OncOpenOptions {
  /**
   * Streams: connects anew when the connection is lost, and sends the calls that have no answer again, with their old xids. Each
   * then runs at most once at a server that keeps its answers (`replyCache: true`), and once or more at any other. Default
   * false: such calls fail with RPC_CONNECTION_LOST.
   */
  readonly reconnect?: boolean
  /** Where rpcbind is asked for a port. Default: port 111 of the address's host, by its transport. */
  readonly rpcbind?: string
}

/** What calls need to know. */
export interface CallingParts {
  readonly world: World
  readonly credential: OpaqueAuth
  readonly timeoutMs: number
  readonly ignoresExtraBytes: boolean
}

export function callingParts(options: OncOpenOptions): CallingParts {
  const { world = systemWorld, credential = noAuth, timeoutMs = oncLimits.timeoutMs } = options
  return { world, credential, timeoutMs, ignoresExtraBytes: options.ignoreExtraBytes ?? false }
}
