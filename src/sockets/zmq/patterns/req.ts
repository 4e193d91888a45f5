// REQ (RFC 28): a request, then its reply, in turn. An empty delimiter goes before the body, and with `correlate` four octets
// of a request id before that, by which a reply that comes late is told from the right one.
//
//   ready --send--> asked --reply--> ready          `relaxed`: asked --send--> asked, and the peer of before is forgotten
//
// With `relaxed` alone replies to earlier requests could be taken for the last one's, so libzmq's advice is to set both.

import { LoadBalance } from '../../routes/index.ts'
import { ZmqError } from '../errors.ts'
import type { Frames } from '../message.ts'
import type { Pipe } from '../pipe.ts'
import { FairReading } from './fair-reading.ts'
import type { Pattern, PatternContext, PatternDefinition, Received, Sent } from './pattern.ts'
import { someRoom } from './push.ts'

const delimiter = Buffer.alloc(0)

type State =
  | { readonly at: 'ready' }
  | { readonly at: 'asked'; readonly peer: Pipe | undefined; readonly id: Buffer | undefined }

class Req implements Pattern {
  readonly #context: PatternContext
  readonly #in: FairReading
  readonly #out = new LoadBalance<Frames, Pipe>()
  #state: State = { at: 'ready' }
  #reply: Frames | undefined
  #nextId: number

  constructor(context: PatternContext) {
    this.#context = context
    this.#in = new FairReading(context)
    this.#nextId = context.world.randomBytes(4).readUInt32BE(0)
  }

  attach(pipe: Pipe): void {
    if (this.#context.options.probeRouter) pipe.offer([Buffer.alloc(0)])
    this.#out.add(pipe)
    this.#in.add(pipe)
    this.#context.wakeSenders()
  }

  detach(pipe: Pipe): void {
    this.#in.remove(pipe)
    this.#out.remove(pipe)
    if (this.#state.at === 'asked' && this.#state.peer === pipe)
      this.#state = { ...this.#state, peer: undefined }
  }

  send(frames: Frames): Sent {
    const { correlate, relaxed } = this.#context.options
    if (this.#state.at === 'asked' && !relaxed) throw new ZmqError('EFSM')
    const id = correlate ? this.#newId() : undefined
    const envelope = id === undefined ? [delimiter, ...frames] : [id, delimiter, ...frames]
    if (!this.#out.send(envelope)) return 'full'
    this.#state = { at: 'asked', peer: this.#out.last, id }
    this.#forgetReplies()
    return 'sent'
  }

  /** What is there belongs to requests of before: it can't be the answer to one that has not left yet. */
  #forgetReplies(): void {
    this.#reply = undefined
    while (this.#in.take() !== undefined);
  }

  #newId(): Buffer {
    const id = Buffer.alloc(4)
    id.writeUInt32BE(this.#nextId)
    this.#nextId = (this.#nextId + 1) >>> 0
    return id
  }

  receive(): Received | undefined {
    if (this.#state.at !== 'asked') throw new ZmqError('EFSM')
    const reply = this.#take()
    if (reply !== undefined) this.#state = { at: 'ready' }
    return reply
  }

  /** The reply that belongs to the request; others are thrown away, as are those that lack the delimiter. */
  #take(): Frames | undefined {
    if (this.#reply !== undefined) {
      const reply = this.#reply
      this.#reply = undefined
      return reply
    }
    for (let frames = this.#in.take(); frames !== undefined; frames = this.#in.take()) {
      if (this.#state.at !== 'asked') continue
      const { id, peer } = this.#state
      if (peer !== undefined && this.#in.last !== peer) continue
      const at = id === undefined ? 0 : 1
      if (id !== undefined && frames[0]?.equals(id) !== true) continue
      if (frames.length > at + 1 && (frames[at] as Buffer).length === 0) return frames.slice(at + 1)
    }
    return undefined
  }

  closed(): void {}

  get canSend(): boolean {
    const isMyTurn = this.#state.at === 'ready' || this.#context.options.relaxed
    return isMyTurn && someRoom(this.#out.peers)
  }
  get canReceive(): boolean {
    if (this.#state.at !== 'asked') return false
    this.#reply ??= this.#take()
    return this.#reply !== undefined
  }
  readable(pipe: Pipe): void {
    this.#in.wake(pipe)
  }
  writable(pipe: Pipe): void {
    this.#out.wake(pipe)
    this.#context.wakeSenders()
  }
  ending(pipe: Pipe): void {
    this.#out.remove(pipe)
  }
}

export const req: PatternDefinition = {
  name: 'REQ',
  id: 3,
  peers: ['REP', 'ROUTER'],
  sends: true,
  receives: true,
  isMultipart: true,
  hasRoutingId: true,
  waitsForPeer: false,
  open: context => new Req(context),
}
