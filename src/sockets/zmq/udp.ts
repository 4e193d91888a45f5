// RADIO and DISH over UDP (RFC 48, libzmq's udp_engine): a datagram is a group's length, the group and the body. A RADIO sends
// everything to where it has connected; a DISH listens where it has bound, and joins the address when it is a group's.

import {
  type Address,
  type DatagramSocket,
  formatAddress,
  listenHost,
  openUdp,
} from '../../transport/index.ts'
import { failure } from './failure.ts'
import { zmqLimits } from './limits.ts'
import { type Frames, kept } from './message.ts'
import type { QueueMarks } from './message-queue.ts'
import { Pipe } from './pipe.ts'
import type { SocketCore } from './socket-core.ts'

type UdpAddress = Extract<Address, { scheme: 'udp' }>

class UdpPipe extends Pipe {
  override readonly hearsAll = true
  #send: ((frames: Frames) => void) | undefined
  readonly hasRoom = true
  readonly isPressed = false

  setSender(send: (frames: Frames) => void): void {
    this.#send = send
  }
  setSendMarks(_marks: QueueMarks): void {}
  /** What is sent before the socket is open, or is too large, is lost, as datagrams are. */
  offer(frames: Frames): boolean {
    this.#send?.(kept(frames))
    return true
  }
  owe(): void {}
  subscribe(): void {}
  join(): void {}
  protected taken(): void {}
  deliver(frames: Frames): void {
    if (!this.incoming.isFull) this.arrive(frames)
  }
  async close(): Promise<void> {
    this.end({ discard: true })
  }
}

export class UdpBinding {
  readonly #pipe: UdpPipe
  readonly #socket: DatagramSocket
  readonly given: string
  readonly real: string

  private constructor(core: SocketCore, socket: DatagramSocket, given: string, address: UdpAddress) {
    this.#pipe = new UdpPipe(core, core.pipeOptions())
    this.#socket = socket
    this.given = given
    this.real = formatAddress({ ...address, port: socket.local.port })
    core.attach(this.#pipe, false)
    void this.#read()
  }

  static async open(core: SocketCore, address: UdpAddress, given: string): Promise<UdpBinding> {
    const host = listenHost(address.host)
    const isGroup = isMulticast(host)
    const socket = await openUdp({
      host: isGroup ? '0.0.0.0' : host,
      port: address.port,
      reuseAddress: true,
      keepsProcess: false,
      queueMessagesMax: core.options.receiveHighWaterMark || zmqLimits.waitingCallsMax,
    })
    if (isGroup) socket.join(host)
    return new UdpBinding(core, socket, given, address)
  }

  async #read(): Promise<void> {
    for await (const { payload } of this.#socket.datagrams) {
      const length = payload[0] ?? 0
      if (payload.length < 1 + length) continue // not one of ours
      this.#pipe.deliver([payload.subarray(1, 1 + length), payload.subarray(1 + length)])
    }
  }

  async stop(_lingerMs: number): Promise<void> {
    await Promise.all([this.#socket.close(), this.#pipe.close()])
  }
}

export class UdpDialer {
  readonly #core: SocketCore
  readonly #pipe: UdpPipe
  readonly #opening: Promise<DatagramSocket | undefined>
  readonly endpoint: string

  constructor(core: SocketCore, address: UdpAddress, endpoint: string) {
    this.#core = core
    this.endpoint = endpoint
    this.#pipe = new UdpPipe(core, core.pipeOptions())
    this.#opening = this.#open(address)
  }

  async #open({ host, port }: UdpAddress): Promise<DatagramSocket | undefined> {
    try {
      const socket = await openUdp({ multicastTtl: this.#core.options.multicastHops, keepsProcess: false })
      this.#pipe.setSender(frames => {
        const [group, body] = frames as [Buffer, Buffer]
        if (1 + group.length + body.length > zmqLimits.udpBytesMax) return
        void socket.send(Buffer.concat([Buffer.from([group.length]), group, body]), { host, port })
      })
      this.#core.emit({ type: 'connect', address: this.endpoint })
      return socket
    } catch (cause) {
      this.#core.emit({ type: 'close:error', address: this.endpoint, error: failure(cause) })
      return undefined
    }
  }

  begin(): void {
    this.#core.attach(this.#pipe, true)
  }

  async stop(_lingerMs: number): Promise<void> {
    const socket = await this.#opening
    await Promise.all([socket?.close(), this.#pipe.close()])
  }
}

function isMulticast(host: string): boolean {
  const first = Number(host.split('.', 1)[0])
  return first >= 224 && first <= 239
}
