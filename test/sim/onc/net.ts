// A network that does by a seed what networks do: datagrams are lost, doubled, late and out of order; streams deliver in order but
// in other pieces, and break with what was on its way. Time is the world's, so that a run is the same each time.

import { BoundedQueue, deferred } from '../../../src/flow/index.ts'
import type { Dice } from '../../../src/sim/disk/index.ts'
import {
  type Datagram,
  type DatagramSocket,
  type Peer,
  SocketError,
  type Stream,
  type UdpPlace,
} from '../../../src/transport/index.ts'
import type { ManualWorld } from '../../../src/world/index.ts'

/** How bad the network is; all 0 when it has healed. */
export interface Weather {
  readonly loss: number
  readonly doubling: number
  /** Ms that something is under way at most. */
  readonly delayMs: number
}

export class SimNet {
  readonly world: ManualWorld
  readonly dice: Dice
  weather: Weather
  lost = 0
  doubled = 0
  readonly #sockets = new Map<string, SimSocket>()
  readonly #links = new Set<SimStream>()

  constructor(world: ManualWorld, dice: Dice, weather: Weather) {
    this.world = world
    this.dice = dice
    this.weather = weather
  }

  /** A socket at a place; with a remote it hears only that. */
  socket(local: UdpPlace, remote?: UdpPlace): DatagramSocket {
    const socket = new SimSocket(this, local, remote)
    this.#sockets.set(placeOf(local), socket)
    return socket
  }

  gone(local: UdpPlace): void {
    this.#sockets.delete(placeOf(local))
  }

  send(payload: Buffer, from: UdpPlace, to: UdpPlace): void {
    const copies = this.dice.chance(this.weather.loss) ? 0 : this.dice.chance(this.weather.doubling) ? 2 : 1
    if (copies === 0) this.lost++
    if (copies === 2) this.doubled++
    for (let copy = 0; copy < copies; copy++)
      this.world.after(this.delay(), () => {
        const socket = this.#sockets.get(placeOf(to))
        const isHeard = socket?.remote === undefined || placeOf(socket.remote) === placeOf(from)
        if (isHeard) socket?.datagrams.push({ payload: Buffer.from(payload), from })
      })
  }

  /** Both ends of a new connection. */
  connection(client: Peer, server: Peer): readonly [Stream, Stream] {
    const [a, b] = [new SimStream(this, server), new SimStream(this, client)]
    a.other = b
    b.other = a
    this.#links.add(a).add(b)
    return [a, b]
  }

  /** Breaks all connections that there are: each end hears of it at a time of its own. */
  cut(): number {
    const broken = [...this.#links]
    this.#links.clear()
    for (const one of broken) one.breakLater()
    return broken.length / 2
  }

  delay(): number {
    return this.dice.between(1, Math.max(1, this.weather.delayMs))
  }
}

function placeOf({ host, port }: UdpPlace): string {
  return `${host}:${port}`
}

const roomy = { itemsMax: 1_000_000, bytesMax: Number.MAX_SAFE_INTEGER } as const

class SimSocket implements DatagramSocket {
  readonly family = 4
  readonly datagrams = new BoundedQueue<Datagram>({ ...roomy, bytesOf: ({ payload }) => payload.length })
  readonly dropped = 0
  readonly unsent = 0
  readonly systemBuffers = { receiveBytes: 0, sendBytes: 0 }
  readonly local: UdpPlace
  readonly remote: UdpPlace | undefined
  readonly #net: SimNet
  #isOpen = true

  constructor(net: SimNet, local: UdpPlace, remote: UdpPlace | undefined) {
    this.#net = net
    this.local = local
    this.remote = remote
  }

  send(payload: Buffer, to: UdpPlace | undefined = this.remote): undefined {
    if (to === undefined) throw new Error('nowhere to send to')
    if (this.#isOpen) this.#net.send(payload, this.local, to)
  }

  async close(): Promise<void> {
    this.#end()
    this.datagrams.close()
  }

  abort(reason: Error = new SocketError('ECONNABORTED', 'the socket was aborted')): void {
    this.#end()
    this.datagrams.abort(reason)
  }

  #end(): void {
    if (this.#isOpen) this.#net.gone(this.local)
    this.#isOpen = false
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async connect(): Promise<void> {}
  tune(): void {}
  join(): void {}
  leave(): void {}
}

class SimStream implements Stream {
  readonly peer: Peer
  readonly bytes: BoundedQueue<Buffer>
  readonly #net: SimNet
  readonly #over = deferred()
  other: SimStream | undefined
  #isOpen = true
  /** When the last of what is on its way arrives: nothing overtakes it. */
  #arrival = 0

  constructor(net: SimNet, peer: Peer) {
    this.#net = net
    this.peer = peer
    this.bytes = new BoundedQueue<Buffer>({ ...roomy, bytesOf: chunk => chunk.length })
  }

  write(chunks: readonly Buffer[]): undefined {
    if (!this.#isOpen) return
    const { dice } = this.#net
    const all = Buffer.concat(chunks)
    const cutAt = dice.chance(0.3) ? dice.below(all.length) : 0
    const pieces = [all.subarray(0, cutAt), all.subarray(cutAt)]
    for (const piece of pieces) if (piece.length > 0) this.#later(other => other.bytes.push(piece))
  }

  close(): Promise<void> {
    if (this.#isOpen) {
      this.#isOpen = false
      this.#later(other => other.#ended())
    }
    return this.#over.promise
  }

  abort(reason: Error = new SocketError('ECONNABORTED', 'the stream was aborted')): void {
    this.#isOpen = false
    this.bytes.abort(reason)
    this.#over.resolve()
    this.#later(other => other.#broken())
  }

  /** The connection breaks: from now on nothing arrives. */
  breakLater(): void {
    this.#isOpen = false
    this.other = undefined
    this.#net.world.after(this.#net.delay(), () => this.#broken())
  }

  #ended(): void {
    this.bytes.close()
    this.#over.resolve()
  }

  #broken(): void {
    this.#isOpen = false
    this.bytes.abort(new SocketError('ECONNRESET', 'the network'))
    this.#over.resolve()
  }

  #later(arrive: (other: SimStream) => unknown): void {
    const { world } = this.#net
    this.#arrival = Math.max(this.#arrival, world.monotonic() + this.#net.delay())
    world.after(this.#arrival - world.monotonic(), () => {
      if (this.other !== undefined) arrive(this.other)
    })
  }
}
