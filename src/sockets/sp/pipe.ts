// A pipe: one connected peer of a socket. It takes messages while its link has room, then up to `backlogMax` more (what PUB
// and BUS keep for a slow peer), and keeps what has arrived until it is taken.

import { Fifo } from '../../collections/index.ts'
import { type Deferred, deferred } from '../../flow/index.ts'
import type { Peer } from '../../transport/index.ts'
import type { Link } from './link.ts'
import type { Message } from './message.ts'

/** What a user sees of a pipe. */
export interface PipeInfo {
  /** Different for each pipe of a socket, 31 bits (nng_pipe_id(3)). */
  readonly id: number
  readonly peer: Peer
  /** The address that was dialled or listened at. */
  readonly address: string
  readonly side: 'dialer' | 'listener'
  /** Ends the connection; a dialer connects again. */
  close(): void
}

export class Pipe implements PipeInfo {
  readonly id: number
  readonly address: string
  readonly side: 'dialer' | 'listener'
  readonly inbox = new Fifo<Message>()
  /** Messages for which it had no room since it last had some (courtesy.ts). */
  refusals = 0
  readonly #link: Link
  readonly #backlogMax: number
  readonly #backlog = new Fifo<Message>()
  #isOpen = true
  readonly #inboxMax: number
  #taken: Deferred<void> | undefined
  onRoom: () => void = () => {}

  constructor(
    link: Link,
    options: Pick<Pipe, 'id' | 'address' | 'side'> & {
      readonly backlogMax: number
      readonly inboxMax: number
    },
  ) {
    this.id = options.id
    this.address = options.address
    this.side = options.side
    this.#backlogMax = options.backlogMax
    this.#inboxMax = options.inboxMax
    this.#link = link
    link.onRoom = () => this.#drain()
  }

  get peer(): Peer {
    return this.#link.peer
  }
  get isOpen(): boolean {
    return this.#isOpen
  }
  /** Whether `offer` would take a message. */
  get hasRoom(): boolean {
    return this.#isOpen && (this.#link.hasRoom || this.#backlog.size < this.#backlogMax)
  }
  /** Whether all that was offered is on its way. */
  get isIdle(): boolean {
    return this.#backlog.size === 0
  }

  offer(message: Message): boolean {
    if (!this.#isOpen) return false
    if (this.#link.hasRoom && this.#backlog.size === 0) this.#link.send(message)
    else if (this.#backlog.size < this.#backlogMax) this.#backlog.push(message)
    else return false
    return true
  }

  take(): Message | undefined {
    const message = this.inbox.shift()
    if (this.#taken !== undefined && this.inbox.size <= (this.#isOpen ? this.#inboxMax : 0))
      this.#wakeReader()
    return message
  }

  /** The peer has gone: nothing is sent any more, and what has arrived can still be taken. */
  end(): void {
    this.#isOpen = false
    this.#backlog.clear()
  }

  /** Until all that has arrived is taken. */
  async emptied(): Promise<void> {
    while (this.inbox.size > 0) {
      this.#taken ??= deferred()
      await this.#taken.promise
    }
  }

  /** Undefined when more may be read; else a promise for that moment. */
  afterTaken(): Promise<void> | undefined {
    if (this.inbox.size <= this.#inboxMax) return undefined
    this.#taken ??= deferred()
    return this.#taken.promise
  }

  #wakeReader(): void {
    this.#taken?.resolve()
    this.#taken = undefined
  }

  #drain(): void {
    while (this.#link.hasRoom) {
      const message = this.#backlog.shift()
      if (message === undefined) break
      this.#link.send(message)
    }
    if (!this.hasRoom) return
    this.refusals = 0
    this.onRoom()
  }

  /** Takes nothing any more, neither way. */
  shut(): void {
    this.end()
    this.inbox.clear()
    this.#wakeReader()
  }

  /** At once: what has been read behind the message that is the cause is not taken any more. */
  close(): void {
    this.end()
    this.#link.abort()
  }
}
