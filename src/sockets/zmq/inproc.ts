// Pipes between two sockets of one process: messages are handed over as they are, without bytes in between. Connecting before
// anybody has bound works: the pipe keeps what it is given, up to the high-water mark, until it is joined to another
// (zmq_inproc(7)). Both ends' marks add up, as in libzmq.

import { type Frames, kept } from './message.ts'
import { MessageQueue, type QueueMarks } from './message-queue.ts'
import { Pipe, type PipeOptions, type PipeOwner } from './pipe.ts'

export class InprocPipe extends Pipe {
  /** Ours, which the peer is told. */
  readonly #ownId: Buffer
  readonly #waiting: MessageQueue
  #sendMarks: QueueMarks
  #receiveMarks: QueueMarks
  #other: InprocPipe | undefined
  /** The other side was refused and wants to know of room. */
  #isOwed = false

  constructor(owner: PipeOwner, options: PipeOptions, ownId: Buffer) {
    super(owner, options)
    this.#ownId = ownId
    this.#sendMarks = options.send
    this.#receiveMarks = options.receive
    this.#waiting = new MessageQueue(options.send)
  }

  get isJoined(): boolean {
    return this.#other !== undefined
  }

  /** Tells both who the other is, so that their owners can attach them. */
  introduce(other: InprocPipe): void {
    if (other.#ownId.length > 0 && !this.hasGivenId) this.routingId = other.#ownId
    if (this.#ownId.length > 0) other.routingId = this.#ownId
  }

  /** Makes two pipes one, when both are attached: from now on what one is told the other hears. */
  joinWith(other: InprocPipe): void {
    this.#other = other
    other.#other = this
    this.#addMarks()
    other.#addMarks()
  }

  /** Hands over what waited, after both sides were attached. */
  flow(): void {
    for (let one = this.#waiting.shift(); one !== undefined; one = this.#waiting.shift())
      this.#other?.arrive(one)
  }

  #addMarks(): void {
    const receive = this.#receiveMarks
    const send = this.#other === undefined ? receive : this.#other.#sendMarks
    this.incoming.marks = {
      messages: receive.messages === 0 || send.messages === 0 ? 0 : receive.messages + send.messages,
      bytes: receive.bytes === 0 || send.bytes === 0 ? 0 : receive.bytes + send.bytes,
    }
  }

  override setSendMarks(marks: QueueMarks): void {
    this.#sendMarks = marks
    this.#waiting.marks = marks
    if (this.#other !== undefined) this.#other.#addMarks()
  }

  override setReceiveMarks(marks: QueueMarks): void {
    this.#receiveMarks = marks
    if (this.#other === undefined) super.setReceiveMarks(marks)
    else this.#addMarks()
  }

  get hasRoom(): boolean {
    if (!this.isOpen) return false
    if (this.#other === undefined) return !this.#waiting.isFull
    return this.options.conflate || !this.#other.incoming.isFull
  }

  owe(): void {
    if (this.#other !== undefined) this.#other.#isOwed = true
  }

  get isPressed(): boolean {
    return this.#other !== undefined && !this.#other.incoming.isLow
  }

  offer(frames: Frames): boolean {
    const other = this.#other
    if (!this.isOpen) return false
    if (other === undefined) {
      if (this.options.conflate) this.#waiting.clear()
      if (this.#waiting.isFull) return false
      this.#waiting.push(kept(frames))
      return true
    }
    if (!this.options.conflate && other.incoming.isFull) {
      other.#isOwed = true
      return false
    }
    other.arrive(kept(frames))
    return true
  }

  protected taken(): void {
    if (!this.#isOwed || !this.incoming.isLow) return
    this.#isOwed = false
    const other = this.#other
    if (other?.isOpen === true) other.owner.writable(other)
  }

  subscribe(isOn: boolean, prefix: Buffer): void {
    const other = this.#other
    if (other?.isOpen === true) other.owner.subscription(other, isOn, prefix)
  }

  join(isIn: boolean, group: Buffer): void {
    const other = this.#other
    if (other?.isOpen === true) other.owner.group(other, isIn, group)
  }

  /** What was handed over has arrived; what waits for somebody to bind waits for `lingerMs` in libzmq, and is lost here. */
  async close(): Promise<void> {
    const other = this.#other
    this.end({ discard: true })
    other?.end()
    this.#waiting.clear()
  }
}
