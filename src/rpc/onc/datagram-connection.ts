// Calls over UDP: each is sent again until an answer comes.

import { lookup } from 'node:dns/promises'
import { WireError } from '../../bytes/index.ts'
import { type DatagramSocket, openUdp, type Place, udpLimits } from '../../transport/index.ts'
import type { Program } from '../program.ts'
import { Calls } from './calls.ts'
import { callingParts, type OncOpenOptions } from './connect-options.ts'
import type { OncClientOf, OncConnection } from './connection.ts'
import { OncError } from './errors.ts'
import { oncLimits } from './limits.ts'
import { unmarked } from './record.ts'

/** A socket that hears only the server. */
export async function openDatagramsTo(
  { host, port }: Place,
  { signal }: OncOpenOptions,
): Promise<DatagramSocket> {
  const found = await lookup(host)
  return openUdp({
    family: found.family === 6 ? 6 : 4,
    remote: { host: found.address, port },
    ...(signal && { signal }),
  })
}

export class DatagramConnection implements OncConnection {
  readonly #socket: DatagramSocket
  readonly #address: string
  readonly #calls: Calls

  /** `address` is for messages of errors. */
  constructor(socket: DatagramSocket, address: string, options: OncOpenOptions) {
    this.#socket = socket
    this.#address = address
    const { resendMs = oncLimits.resendMs } = options
    this.#calls = new Calls({
      ...callingParts(options),
      address,
      send: record => this.#send(unmarked(record)),
      resendMs,
      keeps: false,
    })
    void this.#read()
  }

  client<G extends Program>(program: G): OncClientOf<G> {
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
