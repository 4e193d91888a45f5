// Answers that were given, so that a call which comes again is answered again and not carried out again: at most once, as far
// as the cache goes back. A call is known by the whole of its message (its xid, procedure, credential and argument) and by
// its sender: for datagrams address and port, for streams the address, because a new connection has another port.

import { createHash } from 'node:crypto'
import type { Peer } from '../../transport/index.ts'

export interface ReplyCacheLimits {
  /** Answers that are kept; the oldest go first. */
  readonly entriesMax: number
  /** Their bytes. */
  readonly bytesMax: number
}

/** What is known of a call. */
export type Cached =
  | { readonly state: 'new'; answered(chunks: readonly Buffer[]): void }
  | { readonly state: 'running' }
  | { readonly state: 'answered'; readonly answer: Buffer }

/** Whether senders are told apart by their port, too. */
export type Senders = 'by-port' | 'by-address'

export class ReplyCache {
  readonly #limits: ReplyCacheLimits
  readonly #senders: Senders
  /** Oldest first; undefined while the call runs. */
  readonly #answers = new Map<string, Buffer | undefined>()
  #bytes = 0

  constructor(limits: ReplyCacheLimits, senders: Senders) {
    this.#limits = limits
    this.#senders = senders
  }

  /** Looks a call up, and notes a new one as running. */
  open(message: Buffer, peer: Peer): Cached {
    const key = this.#keyOf(message, peer)
    if (this.#answers.has(key)) {
      const answer = this.#answers.get(key)
      return answer === undefined ? { state: 'running' } : { state: 'answered', answer }
    }
    this.#answers.set(key, undefined)
    this.#forget()
    return { state: 'new', answered: chunks => this.#answered(key, chunks) }
  }

  #keyOf(message: Buffer, { address, port }: Peer): string {
    const sender = this.#senders === 'by-port' ? `${address}:${port}` : address
    return `${sender} ${createHash('sha256').update(message).digest('base64')}`
  }

  #answered(key: string, chunks: readonly Buffer[]): void {
    if (!this.#answers.has(key)) return // so many came since that it was forgotten
    const answer = Buffer.concat(chunks) // a copy: what chunks link to is the handler's
    this.#answers.set(key, answer)
    this.#bytes += answer.length
    this.#forget()
  }

  #forget(): void {
    for (const [key, answer] of this.#answers) {
      if (this.#answers.size <= this.#limits.entriesMax && this.#bytes <= this.#limits.bytesMax) return
      this.#answers.delete(key)
      this.#bytes -= answer?.length ?? 0
    }
  }
}
