// ROUTER (RFC 28): the first frame of what is received says who sent it, the first of what is sent says who gets it. A
// message for nobody is dropped, or refused with EHOSTUNREACH when `mandatory`. SERVER and PEER (drafts, RFC 41 and 51) do the
// same with a number beside a message of one frame.

import { ByIdentity, identityKey } from '../../routes/index.ts'
import { ZmqError } from '../errors.ts'
import type { Frames } from '../message.ts'
import type { Pipe } from '../pipe.ts'
import { FairReading } from './fair-reading.ts'
import type { MessageDetails, Pattern, PatternContext, PatternDefinition, Received, Sent } from './pattern.ts'
import { someRoom } from './push.ts'

export class Router implements Pattern {
  readonly #context: PatternContext
  readonly #in: FairReading
  readonly #peers = new ByIdentity<Pipe>()
  /** For peers without an id: 00 and a counter that starts anywhere. */
  #next: number

  constructor(context: PatternContext) {
    this.#context = context
    this.#in = new FairReading(context)
    this.#next = context.world.randomBytes(4).readUInt32BE(0)
  }

  attach(pipe: Pipe): void {
    if (pipe.routingId.length === 0) pipe.routingId = this.#newId()
    const key = identityKey(pipe.routingId)
    const before = this.#peers.get(key)
    if (before?.isOpen === true) {
      if (!this.#context.options.handover) {
        this.#context.refuse(pipe)
        return
      }
      this.#context.refuse(before)
    }
    pipe.key = key
    this.#peers.set(key, pipe)
    if (this.#context.options.probeRouter) pipe.offer([Buffer.alloc(0)])
    this.#in.add(pipe)
    this.#context.wakeSenders()
  }

  #newId(): Buffer {
    const id = Buffer.alloc(5)
    id.writeUInt32BE(this.#next, 1)
    this.#next = (this.#next + 1) >>> 0
    return id
  }

  detach(pipe: Pipe): void {
    this.#peers.remove(String(pipe.key), pipe)
    this.#in.remove(pipe)
  }

  send(frames: Frames): Sent {
    const [id] = frames
    const { mandatory } = this.#context.options
    const peer = id === undefined ? undefined : this.#peers.get(identityKey(id))
    if (peer === undefined || !peer.isOpen) {
      if (mandatory) throw new ZmqError('EHOSTUNREACH')
      return 'sent'
    }
    if (frames.length === 1) return 'sent' // an id without a message: nothing to send
    return peer.offer(frames.slice(1)) || !mandatory ? 'sent' : 'full'
  }

  receive(): Received | undefined {
    const frames = this.#in.take()
    if (frames === undefined) return undefined
    frames.unshift(this.#in.last?.routingId ?? Buffer.alloc(0))
    return frames
  }

  closed(): void {}

  get canSend(): boolean {
    return !this.#context.options.mandatory || someRoom(this.#in.peers)
  }
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

export const router: PatternDefinition = {
  name: 'ROUTER',
  id: 6,
  peers: ['REQ', 'DEALER', 'ROUTER'],
  sends: true,
  receives: true,
  isMultipart: true,
  hasRoutingId: true,
  waitsForPeer: true,
  open: context => new Router(context),
}

class ServerPattern implements Pattern {
  readonly #context: PatternContext
  readonly #in: FairReading
  readonly #peers = new ByIdentity<Pipe, number>()
  #next: number

  constructor(context: PatternContext) {
    this.#context = context
    this.#in = new FairReading(context)
    this.#next = context.world.randomBytes(4).readUInt32BE(0)
  }

  attach(pipe: Pipe): void {
    while (this.#next === 0 || this.#peers.has(this.#next)) this.#next = (this.#next + 1) >>> 0
    pipe.key = this.#next
    this.#peers.set(this.#next, pipe)
    this.#next = (this.#next + 1) >>> 0
    this.#in.add(pipe)
    this.#context.wakeSenders()
  }

  detach(pipe: Pipe): void {
    this.#peers.remove(Number(pipe.key), pipe)
    this.#in.remove(pipe)
  }

  send(frames: Frames, { routingId }: MessageDetails): Sent {
    const peer = routingId === undefined ? undefined : this.#peers.get(routingId)
    if (peer === undefined || !peer.isOpen) throw new ZmqError('EHOSTUNREACH')
    if (!peer.offer(frames)) throw new ZmqError('EAGAIN')
    return 'sent'
  }

  receive(): Received | undefined {
    const frames: Received | undefined = this.#in.take()
    if (frames === undefined) return undefined
    frames.push({ routingId: Number(this.#in.last?.key) })
    return frames
  }

  closed(): void {}

  readonly canSend = true
  get canReceive(): boolean {
    return this.#in.canTake
  }
  readable(pipe: Pipe): void {
    this.#in.wake(pipe)
  }
  writable(): void {}
}

export const server: PatternDefinition = {
  ...router,
  name: 'SERVER',
  id: 12,
  peers: ['CLIENT'],
  isMultipart: false,
  hasRoutingId: false,
  open: context => new ServerPattern(context),
}

export const peer: PatternDefinition = { ...server, name: 'PEER', id: 19, peers: ['PEER'] }
