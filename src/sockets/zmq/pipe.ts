// A pipe is what a pattern has of one peer: messages that have arrived, and a way out. What is behind it (a connection that
// comes and goes, another socket of this process) is the subclass's affair.
//
//   open --end--> ending (what has arrived can be taken, nothing can be sent) --last taken--> gone

import type { Inlet, Outlet } from '../routes/index.ts'
import type { PeerInfo } from './engine.ts'
import type { Frames } from './message.ts'
import { MessageQueue, type QueueMarks } from './message-queue.ts'

/** Who owns a pipe: the socket, which passes most of it on to its pattern. */
export interface PipeOwner {
  /** Something can be taken, and before nothing could. */
  readable(pipe: Pipe): void
  /** There is room again, after a refusal. */
  writable(pipe: Pipe): void
  /** A message has arrived; true when the owner has used it up, so that it is not queued. */
  arrived(pipe: Pipe, frames: Frames): boolean
  subscription(pipe: Pipe, isOn: boolean, prefix: Buffer): void
  group(pipe: Pipe, isIn: boolean, group: Buffer): void
  /** A new connection is behind the pipe: what the peer must know is to be said again. */
  renewed(pipe: Pipe): void
  /** Nothing can be sent any more, though something may still be taken. */
  ending(pipe: Pipe): void
  /** All has been taken. */
  gone(pipe: Pipe): void
}

export interface PipeOptions {
  readonly send: QueueMarks
  readonly receive: QueueMarks
  /** Only the last message is kept, each way. */
  readonly conflate: boolean
}

let pipes = 0

export abstract class Pipe implements Inlet<Frames>, Outlet<Frames> {
  /** For sets and maps in a stable order; never used again within the process. */
  readonly number = ++pipes
  /** The peer's, empty when it has none. */
  routingId: Buffer = Buffer.alloc(0)
  /** `routingId` was chosen on our side (`connect`), and holds whatever the peer calls itself. */
  hasGivenId = false
  /** By which a pattern addresses the peer: chosen by it. */
  key: string | number = ''
  /** Set when the peer was introduced by a handshake. */
  peer: PeerInfo | undefined
  /** The peer gets every group without joining: a RADIO that sends datagrams. */
  readonly hearsAll: boolean = false
  protected readonly owner: PipeOwner
  protected readonly options: PipeOptions
  protected readonly incoming: MessageQueue
  #state: 'open' | 'ending' | 'gone' = 'open'

  constructor(owner: PipeOwner, options: PipeOptions) {
    this.owner = owner
    this.options = options
    this.incoming = new MessageQueue(options.receive)
  }

  get isOpen(): boolean {
    return this.#state === 'open'
  }
  /** Messages that can be taken. */
  get size(): number {
    return this.incoming.size
  }

  /** Changes the marks of what waits for the way out. */
  abstract setSendMarks(marks: QueueMarks): void

  setReceiveMarks(marks: QueueMarks): void {
    this.incoming.marks = marks
  }

  abstract offer(frames: Frames): boolean

  /** Whether `offer` would take a message now. */
  abstract get hasRoom(): boolean

  /** Somebody waits for room: `writable` is to be called when there is. */
  abstract owe(): void

  /** Half of what may wait for the way out does: who drops at the mark should let the turn end first. */
  abstract get isPressed(): boolean

  /** Tells the peer of a subscription, if it is there; `renewed` says when to tell it again. */
  abstract subscribe(isOn: boolean, prefix: Buffer): void

  /** Tells the peer of a group, as `subscribe`. */
  abstract join(isIn: boolean, group: Buffer): void

  /** Ends: what waits for the way out is still sent, within `lingerMs` (-1: however long it takes). Idempotent. */
  abstract close(lingerMs: number): Promise<void>

  /** Something was taken: subclasses let the peer go on. */
  protected abstract taken(): void

  /** A message from the peer. */
  protected arrive(frames: Frames): void {
    if (this.#state !== 'open' || this.owner.arrived(this, frames)) return
    const { incoming } = this
    if (this.options.conflate) incoming.clear()
    const wasEmpty = incoming.size === 0
    incoming.push(frames)
    if (wasEmpty) this.owner.readable(this)
  }

  take(): Frames | undefined {
    const frames = this.incoming.shift()
    if (frames === undefined) return undefined
    this.taken()
    if (this.#state === 'ending' && this.incoming.size === 0) this.#leave()
    return frames
  }

  /** The peer has gone for good, or is to be forgotten; `discard` throws away what has arrived. Idempotent. */
  protected end({ discard = false }: { readonly discard?: boolean } = {}): void {
    if (discard) this.incoming.clear()
    if (this.#state === 'open') {
      this.#state = 'ending'
      this.owner.ending(this)
    }
    if (this.#state === 'ending' && this.incoming.size === 0) this.#leave()
  }

  #leave(): void {
    if (this.#state === 'gone') return
    this.#state = 'gone'
    this.owner.gone(this)
  }
}
