// At most once, also across connections: the answers of calls that have a key are kept for the client, and a call that comes
// again gets the answer that it was given, or waits with the first one while that runs. A server that does not know any
// more whether a call ran (it was restarted, or had to forget) says so, and does not run it.
//
//   a client's calls have rising keys and arrive in their order, so one at or below the highest key that was seen has been
//   here, and one above has not

import type { World } from '../../world/index.ts'
import { callLimits } from './limits.ts'

/** What is known of a call that comes. */
export type Known<W> =
  | { readonly state: 'new'; readonly entry: Reply<W> }
  /** `before` has waited for it so far; who asks now does from now on. */
  | { readonly state: 'running'; readonly before: W | undefined }
  | { readonly state: 'answered'; readonly answer: Answer }
  /** It was here, and nobody knows its answer; or who asks again is ahead of it. */
  | { readonly state: 'forgotten' }
  /** It was not here, and so many run already that its answer could not be kept. */
  | { readonly state: 'full' }

/** The frame of an answer behind its number. */
export interface Answer {
  readonly kind: number
  readonly body: Buffer
}

/** One answer, or the wait for it. */
export interface Reply<W> {
  /** Who waits for it: the last one that asked. */
  waiting: W | undefined
  /** Undefined while the method runs. */
  answer: Answer | undefined
  /** Nobody will ask for it any more. */
  isForgotten: boolean
}

interface Client<W> {
  readonly id: string
  readonly replies: Map<number, Reply<W>>
  /** The highest key that came. */
  seen: number
  heardAt: number
}

export interface RepliesLimits {
  readonly repliesMax: number
  readonly repliesBytesMax: number
  /** Ms that a client is remembered after its last call. */
  readonly replyMs: number
}

export class Replies<W> {
  readonly #world: World
  readonly #limits: RepliesLimits
  /** Least recently heard first. */
  readonly #clients = new Map<string, Client<W>>()
  #count = 0
  /** Those without an answer: they cannot be forgotten to make room. */
  #running = 0
  #bytes = 0

  constructor(world: World, limits: Partial<RepliesLimits> = {}) {
    this.#world = world
    const { repliesMax, repliesBytesMax, replyMs } = callLimits
    this.#limits = { repliesMax, repliesBytesMax, replyMs, ...limits }
  }

  /** A call has come; `again` says that it may have come before. Calls below `settledBelow` have had their answers. */
  arrived(clientId: string, key: number, settledBelow: number, again: boolean, waiting: W): Known<W> {
    const client = this.#client(clientId, again)
    if (client === undefined) return { state: 'forgotten' }
    for (const [old, reply] of client.replies) {
      if (old >= settledBelow) break
      this.#forget(client, old, reply)
    }
    const known = client.replies.get(key)
    // A first sending that comes after a second one was late on a connection that the client has left.
    if (known !== undefined) return again ? this.#known(known, waiting) : { state: 'forgotten' }
    if (key <= client.seen) return { state: 'forgotten' }
    if (this.#running >= this.#limits.repliesMax) return { state: 'full' }
    client.seen = key
    const entry: Reply<W> = { waiting, answer: undefined, isForgotten: false }
    client.replies.set(key, entry)
    this.#count++
    this.#running++
    this.#makeRoom()
    return { state: 'new', entry }
  }

  /** The method has run: the answer is kept. */
  answered(entry: Reply<W>, answer: Answer): void {
    entry.waiting = undefined
    if (entry.isForgotten) return
    if (entry.answer === undefined) this.#running--
    this.#bytes += answer.body.length - (entry.answer?.body.length ?? 0)
    entry.answer = answer
    this.#makeRoom()
  }

  #known(entry: Reply<W>, waiting: W): Known<W> {
    const { answer, waiting: before } = entry
    if (answer !== undefined) return { state: 'answered', answer }
    entry.waiting = waiting
    return { state: 'running', before }
  }

  #client(id: string, again: boolean): Client<W> | undefined {
    const known = this.#clients.get(id)
    if (known === undefined && again) return undefined
    const client = known ?? { id, replies: new Map<number, Reply<W>>(), seen: 0, heardAt: 0 }
    client.heardAt = this.#world.monotonic()
    this.#clients.delete(id)
    this.#clients.set(id, client)
    return client
  }

  /** Forgets the oldest answers of those who were silent longest, while there are too many; and who was silent too long. */
  #makeRoom(): void {
    const old = this.#world.monotonic() - this.#limits.replyMs
    for (const client of this.#clients.values()) {
      if (!this.#isFull && client.heardAt >= old) return
      for (const [key, reply] of client.replies) {
        if (!this.#isFull && client.heardAt >= old) return
        if (reply.answer !== undefined) this.#forget(client, key, reply)
      }
      if (client.replies.size === 0) this.#clients.delete(client.id)
    }
  }

  get #isFull(): boolean {
    const { repliesMax, repliesBytesMax } = this.#limits
    return this.#count > repliesMax || this.#bytes > repliesBytesMax || this.#clients.size > repliesMax
  }

  #forget(client: Client<W>, key: number, reply: Reply<W>): void {
    client.replies.delete(key)
    reply.isForgotten = true
    this.#count--
    if (reply.answer === undefined) this.#running--
    this.#bytes -= reply.answer?.body.length ?? 0
  }
}
