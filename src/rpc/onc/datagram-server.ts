// Serving over UDP (RFC 5531, section 11: a message is a datagram, without a mark). Callers that hear nothing send again, so
// answers are kept and given again. A datagram that is no call is dropped: answering it would make the server a mirror for
// whoever forges senders.

import {
  type Datagram,
  type DatagramSocket,
  openUdp,
  type Peer,
  parseAddress,
  type UdpPlace,
  udpLimits,
} from '../../transport/index.ts'
import type { Dispatcher } from './dispatcher.ts'
import { OncError } from './errors.ts'
import { oncLimits } from './limits.ts'
import { marked, unmarked, type WriteMessage } from './record.ts'
import { Running } from './running.ts'

/** Opens the socket of a `udp://host:port` address. Errors: AddressError, the system's. */
export async function openDatagrams(address: string): Promise<DatagramSocket> {
  const place = parseAddress(address)
  if (place.scheme !== 'udp') throw new TypeError(`${address} is no address of datagrams`)
  const { host, port } = place
  return openUdp({ family: host.includes(':') ? 6 : 4, port, ...(host !== '*' && { host }) })
}

export class DatagramService {
  readonly #socket: DatagramSocket
  readonly #dispatcher: Dispatcher
  readonly #runningMax: number
  readonly #answerBytesMax: number
  readonly #gone = new AbortController()
  readonly #running = new Running()
  #closing = false

  constructor(socket: DatagramSocket, dispatcher: Dispatcher, runningMax: number = oncLimits.runningMax) {
    this.#socket = socket
    this.#dispatcher = dispatcher
    this.#runningMax = runningMax
    this.#answerBytesMax = udpLimits.payloadBytesMax[socket.family]
  }

  /** Serves until the socket is closed. */
  async run(): Promise<void> {
    try {
      for await (const datagram of this.#socket.datagrams) this.#arrived(datagram)
    } catch (error) {
      if (!this.#closing) this.#dispatcher.fault('the socket', error)
    }
  }

  /** Answers what runs, then ends. */
  async close(): Promise<void> {
    this.#closing = true
    await this.#running.allEnd()
    await this.#socket.close()
    this.#gone.abort()
  }

  /** Ends now. Idempotent. */
  abort(): void {
    this.#gone.abort()
    this.#socket.abort(new OncError('RPC_CLOSED', 'the server'))
  }

  /** Whoever forges a datagram chooses its sender: one that cannot be sent to (port 0) must not end the server. */
  #reply(answer: Buffer, to: UdpPlace): void {
    try {
      void this.#socket.send(answer, to)
    } catch (error) {
      this.#dispatcher.fault(`answer to ${to.host}`, error)
    }
  }

  #arrived({ payload, from }: Datagram): void {
    // As with a full queue of the system: the caller sends again.
    if (this.#closing || this.#running.count >= this.#runningMax) return
    const peer: Peer = { address: from.host, port: from.port, encrypted: false }
    const replyMade = (answer: readonly Buffer[]): void => this.#reply(unmarked(answer), from)
    const reply = (write: WriteMessage): void => replyMade(marked(write))
    try {
      const caller = {
        peer,
        signal: this.#gone.signal,
        answerBytesMax: this.#answerBytesMax,
        reply,
        replyMade,
      }
      const running = this.#dispatcher.carryOut(payload, caller)
      if (running !== undefined) this.#running.add(running)
    } catch (error) {
      this.#dispatcher.fault(`datagram of ${from.host}`, error)
    }
  }
}
