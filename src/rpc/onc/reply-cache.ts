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

type Reply = (chunks: readonly Buffer[]) => void

interface Entry {
  /** Undefined while the call runs. */
  answer: Buffer | undefined
  /** Who came again while it ran. */
  latecomer: Reply | undefined
}

/** What is known of a call. */
export type Cached =
  | { readonly state: 'new'; answered(chunks: readonly Buffer[]): void }
  /** `later` has the answer sent to whoever asked last, too: his old connection may be gone. */
  | { readonly state: 'running'; later(reply: Reply): void }
  | { readonly state: 'answered'; readonly answer: Buffer }

/** Whether senders are told apart by their port, too. */
export type Senders = 'by-port' | 'by-address'

export class ReplyCache {
  readonly #limits: ReplyCacheLimits
  readonly #senders: Senders
  /** Oldest first. */
  readonly #entries = new Map<string, Entry>()
  #bytes = 0

  constructor(limits: ReplyCacheLimits, senders: Senders) {
    this.#limits = limits
    this.#senders = senders
  }

  /** Whether a caller who comes again while his call runs is to be answered again: over UDP he hears the first answer. */
  get answersLate(): boolean {
    return this.#senders === 'by-address'
  }

  /** Looks a call up, and notes a new one as running. */
  open(message: Buffer, peer: Peer): Cached {
    const key = this.#keyOf(message, peer)
    const there = this.#entries.get(key)
    if (there?.answer !== undefined) return { state: 'answered', answer: there.answer }
    if (there !== undefined) {
      const later = (reply: Reply): void => {
        there.latecomer = reply
      }
      return { state: 'running', later }
    }
    const entry: Entry = { answer: undefined, latecomer: undefined }
    this.#entries.set(key, entry)
    this.#forget()
    return { state: 'new', answered: chunks => this.#answered(key, entry, chunks) }
  }

  #keyOf(message: Buffer, { address, port }: Peer): string {
    const sender = this.#senders === 'by-port' ? `${address}:${port}` : address
    return `${sender} ${createHash('sha256').update(message).digest('base64')}`
  }

  #answered(key: string, entry: Entry, chunks: readonly Buffer[]): void {
    entry.latecomer?.(chunks)
    entry.latecomer = undefined
    if (this.#entries.get(key) !== entry) return // so many came since that it was forgotten
    entry.answer = Buffer.concat(chunks) // a copy: what chunks link to is the handler's
    this.#bytes += entry.answer.length
    this.#forget()
  }

  #forget(): void {
    for (const [key, { answer }] of this.#entries) {
      if (this.#entries.size <= this.#limits.entriesMax && this.#bytes <= this.#limits.bytesMax) return
      this.#entries.delete(key)
      this.#bytes -= answer?.length ?? 0
    }
  }
}
