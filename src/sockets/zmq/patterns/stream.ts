// STREAM (zmq_socket(3)): bytes with peers that know nothing of ZeroMQ. Like ROUTER the first frame says who; a peer that is
// not there is an error.

import { ByIdentity, identityKey } from '../../routes/index.ts'
import { ZmqError } from '../errors.ts'
import type { Frames } from '../message.ts'
import type { Pipe } from '../pipe.ts'
import { FairReading } from './fair-reading.ts'
import type { Pattern, PatternContext, PatternDefinition, Received, Sent } from './pattern.ts'

class RawStream implements Pattern {
  readonly #in: FairReading
  readonly #context: PatternContext
  readonly #peers = new ByIdentity<Pipe>()
  readonly canSend = true
  #next: number

  constructor(context: PatternContext) {
    this.#context = context
    this.#in = new FairReading(context)
    this.#next = context.world.randomBytes(4).readUInt32BE(0)
  }

  attach(pipe: Pipe): void {
    if (pipe.routingId.length === 0) {
      pipe.routingId = Buffer.alloc(5)
      pipe.routingId.writeUInt32BE(this.#next, 1)
      this.#next = (this.#next + 1) >>> 0
    }
    pipe.key = identityKey(pipe.routingId)
    this.#peers.set(pipe.key, pipe)
    this.#in.add(pipe)
  }

  detach(pipe: Pipe): void {
    this.#peers.remove(String(pipe.key), pipe)
    this.#in.remove(pipe)
  }

  send(frames: Frames): Sent {
    const [id, ...rest] = frames
    const peer = id === undefined ? undefined : this.#peers.get(identityKey(id))
    if (peer === undefined || !peer.isOpen) throw new ZmqError('EHOSTUNREACH')
    if (!peer.offer(rest.length === 0 ? [Buffer.alloc(0)] : rest)) {
      peer.owe()
      return 'full'
    }
    return 'sent'
  }

  receive(): Received | undefined {
    const frames = this.#in.take()
    if (frames === undefined) return undefined
    frames.unshift(this.#in.last?.routingId ?? Buffer.alloc(0))
    return frames
  }

  closed(): void {}

  get canReceive(): boolean {
    return this.#in.canTake
  }
  readable(pipe: Pipe): void {
    this.#in.wake(pipe)
  }
  writable(): void {
    this.#context.wakeSenders()
  }
}

export const stream: PatternDefinition = {
  name: 'STREAM',
  id: 11,
  peers: [],
  sends: true,
  receives: true,
  isMultipart: true,
  hasRoutingId: true,
  waitsForPeer: true,
  open: context => new RawStream(context),
}
