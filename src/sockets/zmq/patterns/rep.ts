// REP (RFC 28): a request, then its reply, in turn. What stands before the delimiter, the way back, is kept and put before
// the reply. A reply to somebody who has gone is dropped.
//
//   ready --receive--> asked --send--> ready

import { ZmqError } from '../errors.ts'
import type { Frames } from '../message.ts'
import type { Pipe } from '../pipe.ts'
import { FairReading } from './fair-reading.ts'
import type { Pattern, PatternContext, PatternDefinition, Received, Sent } from './pattern.ts'

interface Request {
  readonly peer: Pipe | undefined
  /** Up to and with the delimiter. */
  readonly envelope: Frames
  readonly body: Frames
}

class Rep implements Pattern {
  readonly #in: FairReading
  /** What has been read, and is to be replied to. */
  #asked: Request | undefined
  /** Found by `canReceive`. */
  #next: Request | undefined

  constructor(context: PatternContext) {
    this.#in = new FairReading(context)
  }

  attach(pipe: Pipe): void {
    this.#in.add(pipe)
  }

  detach(pipe: Pipe): void {
    this.#in.remove(pipe)
  }

  send(frames: Frames): Sent {
    if (this.#asked === undefined) throw new ZmqError('EFSM')
    const { envelope, peer } = this.#asked
    this.#asked = undefined
    peer?.offer([...envelope, ...frames])
    return 'sent'
  }

  receive(): Received | undefined {
    if (this.#asked !== undefined) throw new ZmqError('EFSM')
    const request = this.#next ?? this.#take()
    this.#next = undefined
    this.#asked = request
    return request?.body
  }

  /** The next request that has a delimiter; others are malformed and thrown away. */
  #take(): Request | undefined {
    for (let frames = this.#in.take(); frames !== undefined; frames = this.#in.take()) {
      const at = frames.findIndex(frame => frame.length === 0)
      if (at >= 0 && at + 1 < frames.length)
        return { peer: this.#in.last, envelope: frames.slice(0, at + 1), body: frames.slice(at + 1) }
    }
    return undefined
  }

  closed(): void {}

  get canSend(): boolean {
    return this.#asked !== undefined
  }
  get canReceive(): boolean {
    if (this.#asked !== undefined) return false
    this.#next ??= this.#take()
    return this.#next !== undefined
  }
  readable(pipe: Pipe): void {
    this.#in.wake(pipe)
  }
  writable(): void {}
}

export const rep: PatternDefinition = {
  name: 'REP',
  id: 4,
  peers: ['REQ', 'DEALER'],
  sends: true,
  receives: true,
  isMultipart: true,
  hasRoutingId: false,
  waitsForPeer: true,
  open: context => new Rep(context),
}
