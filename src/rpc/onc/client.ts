// The calling side. Over a stream each call is sent once: a connection that ends takes its calls with it, nobody knows
// whether they ran, and nothing is sent again by itself. Over UDP a call is sent again until an answer comes.

import { lookup } from 'node:dns/promises'
import { WireError } from '../../bytes/index.ts'
import {
  type Address,
  connect,
  type DatagramSocket,
  type DialOptions,
  openUdp,
  parseAddress,
  type Stream,
  udpLimits,
} from '../../transport/index.ts'
import { systemWorld } from '../../world/index.ts'
import type { ClientOf, Program } from '../program.ts'
import { noAuth, type OpaqueAuth } from './auth.ts'
import { Calls } from './calls.ts'
import { OncError } from './errors.ts'
import { inTime } from './in-time.ts'
import { joining } from './joining.ts'
import { oncLimits } from './limits.ts'
import { RecordSplitter, unmarked } from './record.ts'

/** What connecting can be told, beside what the transport can. */
export interface OncConnectOptions extends DialOptions {
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
}

/** A way to a server. */
export interface OncConnection extends AsyncDisposable {
  /** A function for each procedure of the program. */
  client<G extends Program>(program: G): ClientOf<G>
  /** Ends the connection; calls that wait fail with RPC_CLOSED. Idempotent. */
  close(): Promise<void>
}

/**
 * Connects to a server: `tcp://host:port`, any other address of a stream, or `udp://host:port`. The port is the program's
 * own; a portmapper is not asked. Errors: AddressError, those of the transport, the signal's reason.
 */
export async function connectOnc(address: string, options: OncConnectOptions = {}): Promise<OncConnection> {
  const place = parseAddress(address)
  if (place.scheme === 'udp')
    return new DatagramConnection(await openDatagrams(place, options), address, options)
  return new StreamConnection(await connect(place, options), address, options)
}

class StreamConnection implements OncConnection {
  readonly #stream: Stream
  readonly #address: string
  readonly #calls: Calls

  readonly #options: OncConnectOptions

  constructor(stream: Stream, address: string, options: OncConnectOptions) {
    this.#stream = joining(stream)
    this.#address = address
    this.#options = options
    const send = (record: readonly Buffer[]) => this.#stream.write(record)
    this.#calls = new Calls({ ...partsOf(address, options), send, resendMs: undefined })
    void this.#read(options.recordBytesMax)
  }

  client<G extends Program>(program: G): ClientOf<G> {
    return this.#calls.client(program)
  }

  async close(): Promise<void> {
    this.#calls.end(new OncError('RPC_CLOSED', this.#address))
    await inTime(this.#stream.close(), this.#options)
    this.#stream.abort()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #read(recordBytesMax: number | undefined): Promise<void> {
    const splitter = new RecordSplitter(record => this.#calls.answered(record), recordBytesMax)
    try {
      for await (const chunk of this.#stream.bytes) splitter.push(chunk)
      this.#calls.end(new OncError('RPC_CONNECTION_LOST', `${this.#address} ended it`))
      await this.#stream.close()
    } catch (error) {
      const reason = broken(error, this.#address)
      this.#calls.end(reason)
      this.#stream.abort(reason)
    }
  }
}

class DatagramConnection implements OncConnection {
  readonly #socket: DatagramSocket
  readonly #address: string
  readonly #calls: Calls

  constructor(socket: DatagramSocket, address: string, options: OncConnectOptions) {
    this.#socket = socket
    this.#address = address
    const { resendMs = oncLimits.resendMs } = options
    this.#calls = new Calls({
      ...partsOf(address, options),
      send: record => this.#send(unmarked(record)),
      resendMs,
    })
    void this.#read()
  }

  client<G extends Program>(program: G): ClientOf<G> {
    return this.#calls.client(program)
  }

  async close(): Promise<void> {
    this.#calls.end(new OncError('RPC_CLOSED', this.#address))
    await this.#socket.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #send(call: Buffer): Promise<void> | undefined {
    const max = udpLimits.payloadBytesMax[this.#socket.family]
    if (call.length > max)
      throw new OncError('RPC_RECORD_TOO_LARGE', `a call of ${call.length} bytes, UDP takes ${max}`)
    return this.#socket.send(call)
  }

  async #read(): Promise<void> {
    for await (const { payload } of this.#socket.datagrams) {
      try {
        this.#calls.answered(payload)
      } catch (error) {
        // Whoever can forge a datagram could end the calls with it: it is as if it had been lost.
        if (!(error instanceof OncError || error instanceof WireError)) throw error
      }
    }
  }
}

/** A socket that hears only the server. */
async function openDatagrams(
  { host, port }: Extract<Address, { readonly scheme: 'udp' }>,
  { signal }: OncConnectOptions,
): Promise<DatagramSocket> {
  const found = await lookup(host)
  return openUdp({
    family: found.family === 6 ? 6 : 4,
    remote: { host: found.address, port },
    ...(signal && { signal }),
  })
}

function partsOf(address: string, options: OncConnectOptions) {
  const { world = systemWorld, credential = noAuth, timeoutMs = oncLimits.timeoutMs } = options
  return { address, world, credential, timeoutMs }
}

function broken(error: unknown, address: string): OncError {
  if (error instanceof OncError) return error
  const detail = error instanceof Error ? error.message : String(error)
  const code = error instanceof WireError ? 'RPC_MESSAGE_INVALID' : 'RPC_CONNECTION_LOST'
  return new OncError(code, `${address}: ${detail}`, { cause: error })
}
