// A pipe whose peer is at the other end of a connection. The connection may come later, and may come again: until then the
// pipe keeps what it is given, up to the high-water mark. What a connection had taken when it broke is lost, as in libzmq.

import { type Deferred, deferred } from '../../flow/index.ts'
import type { PeerInfo } from './engine.ts'
import type { LinkPipe } from './link.ts'
import { type Frames, kept } from './message.ts'
import { MessageQueue, type QueueMarks } from './message-queue.ts'
import { Pipe, type PipeOptions, type PipeOwner } from './pipe.ts'

/** A connection as a pipe uses it. */
export interface PipeLink {
  /** Whether `write` is welcome. */
  readonly isOpen: boolean
  write(frames: Frames): void
  subscribe(isOn: boolean, prefix: Buffer): void
  joinGroup(isIn: boolean, group: Buffer): void
  close(lingerMs: number): Promise<void>
}

export class RemotePipe extends Pipe implements LinkPipe {
  readonly #outgoing: MessageQueue
  #link: PipeLink | undefined
  /** Somebody was refused and wants to know of room. */
  #isOwed = false
  #forRoom: Deferred<void> | undefined
  /** Somebody waits for this: nothing is unsent. */
  #emptied: Deferred<void> | undefined

  constructor(owner: PipeOwner, options: PipeOptions) {
    super(owner, options)
    this.#outgoing = new MessageQueue(options.send)
  }

  get isConnected(): boolean {
    return this.#link !== undefined
  }

  /** A connection is there. */
  connect(link: PipeLink, peer: PeerInfo | undefined): void {
    this.#link = link
    this.peer = peer
    if (peer !== undefined && peer.routingId.length > 0 && !this.hasGivenId) this.routingId = peer.routingId
  }

  /** What the peer must know is said; then what has waited goes out (the link calls `drained`). */
  renew(): void {
    this.owner.renewed(this)
  }

  /** The connection has gone; another may come. */
  disconnect(): void {
    this.#link = undefined
    this.#giveRoom()
  }

  /** The connection has gone, and none will come. */
  finish(): void {
    this.disconnect()
    this.#outgoing.clear()
    this.#emptied?.resolve()
    this.end()
  }

  /** Messages that no connection has taken yet. */
  get unsent(): number {
    return this.#outgoing.size
  }

  /** Resolves when nothing is unsent, or nothing will be sent any more. */
  async emptied(): Promise<void> {
    if (this.#outgoing.size === 0) return
    this.#emptied ??= deferred()
    await this.#emptied.promise
    this.#emptied = undefined
  }

  override setSendMarks(marks: QueueMarks): void {
    this.#outgoing.marks = marks
  }

  get hasRoom(): boolean {
    if (!this.isOpen) return false
    return this.#link?.isOpen === true || this.options.conflate || !this.#outgoing.isFull
  }

  owe(): void {
    this.#isOwed = true
  }

  get isPressed(): boolean {
    return this.#link !== undefined && !this.#outgoing.isLow
  }

  offer(frames: Frames): boolean {
    const link = this.#link
    if (link?.isOpen === true && this.isOpen) {
      link.write(frames)
      return true
    }
    const outgoing = this.#outgoing
    if (!this.isOpen) return false
    if (this.options.conflate) outgoing.clear()
    else if (outgoing.isFull) {
      this.#isOwed = true
      return false
    }
    outgoing.push(kept(frames))
    return true
  }

  subscribe(isOn: boolean, prefix: Buffer): void {
    this.#link?.subscribe(isOn, prefix)
  }

  join(isIn: boolean, group: Buffer): void {
    this.#link?.joinGroup(isIn, group)
  }

  async close(lingerMs: number): Promise<void> {
    if (lingerMs !== 0) await this.emptied()
    const link = this.#link
    this.#link = undefined
    this.#outgoing.clear()
    this.end({ discard: true })
    this.#giveRoom()
    await link?.close(lingerMs)
  }

  /** Ends the waiting of `close`. */
  giveUp(): void {
    this.#outgoing.clear()
    this.#emptied?.resolve()
  }

  // What the link says.

  received(frames: Frames): void {
    this.arrive(frames)
  }

  subscription(isOn: boolean, prefix: Buffer): void {
    if (this.isOpen) this.owner.subscription(this, isOn, prefix)
  }

  group(isIn: boolean, group: Buffer): void {
    if (this.isOpen) this.owner.group(this, isIn, group)
  }

  drained(): void {
    const outgoing = this.#outgoing
    while (outgoing.size > 0 && this.#link?.isOpen === true) this.#link.write(outgoing.shift() as Frames)
    if (outgoing.size === 0) this.#emptied?.resolve()
    if (!this.#isOwed || !outgoing.isLow || !this.isOpen) return
    this.#isOwed = false
    this.owner.writable(this)
  }

  room(): Promise<void> | undefined {
    if (!this.incoming.isFull || !this.isOpen || this.options.conflate) return undefined
    this.#forRoom ??= deferred()
    return this.#forRoom.promise
  }

  protected taken(): void {
    if (this.#forRoom !== undefined && this.incoming.isLow) this.#giveRoom()
  }

  #giveRoom(): void {
    this.#forRoom?.resolve()
    this.#forRoom = undefined
  }
}
