// A queue between one who gives and one who takes, bounded in items and in bytes. Full means *refuse* (`push` says
// false) or *wait* (`room`), as the giver likes. Taking many at once costs no promise (`take`); `for await` costs one
// for each item, which is what the language asks for.
//
//   open --close--> closing (what is there is still given) --last item taken--> ended, or failed if closed with a reason
//   open or closing --abort--> failed (what is there is lost; takers get the reason)

import { Fifo } from '../collections/index.ts'
import { Waiters } from './waiters.ts'

export interface BoundedQueueOptions<T> {
  /** Items that may wait. */
  readonly itemsMax: number
  /** Bytes that may wait. An item larger than this is taken when nothing else waits, or it could never pass. */
  readonly bytesMax: number
  /** What an item counts in bytes; always the same for the same item. */
  readonly bytesOf: (item: T) => number
}

/** The taking side. One at a time takes. */
export interface Incoming<T> extends AsyncIterable<T> {
  /** Items that can be taken now. */
  readonly size: number
  /** Up to `itemsMax` items that are there, without waiting; none when there is nothing or the end has come. */
  take(itemsMax?: number): T[]
  /**
   * Undefined when `take` has something or the end has come; else a promise for that moment. Rejects with the signal's
   * reason. Throws the reason when the queue was aborted, or closed with one and all is taken.
   */
  ready(signal?: AbortSignal): Promise<void> | undefined
  /** Nothing is there and nothing will come. */
  readonly ended: boolean
}

type State =
  | { readonly at: 'open' }
  | { readonly at: 'closing'; readonly reason?: Error }
  | { readonly at: 'failed'; readonly reason: Error }

export class BoundedQueue<T> implements Incoming<T>, AsyncDisposable {
  readonly #options: BoundedQueueOptions<T>
  readonly #forItems = new Waiters()
  readonly #forRoom = new Waiters()
  #state: State = { at: 'open' }
  readonly #items = new Fifo<T>()
  #bytes = 0

  constructor(options: BoundedQueueOptions<T>) {
    this.#options = options
  }

  get size(): number {
    return this.#items.size
  }
  get bytes(): number {
    return this.#bytes
  }
  get ended(): boolean {
    return this.#state.at === 'failed' || (this.#state.at === 'closing' && this.size === 0)
  }

  /** Whether an item of so many bytes would be accepted now. */
  hasRoom(bytes = 0): boolean {
    if (this.#state.at !== 'open') return false
    const { itemsMax, bytesMax } = this.#options
    return this.size === 0 || (this.size < itemsMax && this.#bytes + bytes <= bytesMax)
  }

  /** Takes the item in, or says false: the queue is full, or has been closed. */
  push(item: T): boolean {
    const bytes = this.#options.bytesOf(item)
    if (!this.hasRoom(bytes)) return false
    this.#items.push(item)
    this.#bytes += bytes
    this.#forItems.wake()
    return true
  }

  /**
   * Undefined when an item of so many bytes would be accepted, or when the queue has ended and none ever will; else a
   * promise for that moment, after which somebody else may have been faster. Rejects with the signal's reason.
   */
  room(bytes = 0, signal?: AbortSignal): Promise<void> | undefined {
    if (this.#state.at !== 'open' || this.hasRoom(bytes)) return undefined
    return this.#whenRoom(bytes, signal)
  }

  async #whenRoom(bytes: number, signal: AbortSignal | undefined): Promise<void> {
    while (this.#state.at === 'open' && !this.hasRoom(bytes)) await this.#forRoom.wait(signal)
  }

  /** The first item, or undefined when there is none. */
  shift(): T | undefined {
    const item = this.#items.shift()
    if (item === undefined) return undefined
    this.#bytes -= this.#options.bytesOf(item)
    this.#forRoom.wake()
    return item
  }

  take(itemsMax = Number.POSITIVE_INFINITY): T[] {
    if (this.size === 0) return []
    const taken: T[] = []
    while (taken.length < itemsMax) {
      const item = this.#items.shift()
      if (item === undefined) break
      this.#bytes -= this.#options.bytesOf(item)
      taken.push(item)
    }
    this.#forRoom.wake()
    return taken
  }

  ready(signal?: AbortSignal): Promise<void> | undefined {
    if (this.size > 0) return undefined
    this.#throwReason()
    return this.#state.at === 'open' ? this.#whenReady(signal) : undefined
  }

  async #whenReady(signal: AbortSignal | undefined): Promise<void> {
    while (this.size === 0 && this.#state.at === 'open') await this.#forItems.wait(signal)
    if (this.size === 0) this.#throwReason()
  }

  #throwReason(): void {
    if (this.#state.at !== 'open' && this.#state.reason !== undefined) throw this.#state.reason
  }

  /** Takes no more; what is there is still given, and then the reason if there is one. Idempotent. */
  close(reason?: Error): void {
    if (this.#state.at !== 'open') return
    this.#state = { at: 'closing', ...(reason && { reason }) }
    this.#wakeAll()
  }

  /** Ends now: what is there is lost, and takers get the reason. Idempotent. */
  abort(reason: Error = new DOMException('the queue was aborted', 'AbortError')): void {
    if (this.ended) return
    this.#state = { at: 'failed', reason }
    this.#items.clear()
    this.#bytes = 0
    this.#wakeAll()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close()
  }

  /** Leaving the loop early leaves the rest in the queue. */
  [Symbol.asyncIterator](): AsyncIterator<T, undefined> {
    return { next: () => this.#next(), return: () => Promise.resolve({ done: true, value: undefined }) }
  }

  #next(): Promise<IteratorResult<T, undefined>> {
    return this.size > 0 ? Promise.resolve(this.#result()) : this.#nextLater()
  }

  async #nextLater(): Promise<IteratorResult<T, undefined>> {
    const waiting = this.ready()
    if (waiting !== undefined) await waiting
    return this.#result()
  }

  #result(): IteratorResult<T, undefined> {
    return this.size === 0 ? { done: true, value: undefined } : { done: false, value: this.shift() as T }
  }

  #wakeAll(): void {
    this.#forItems.wake()
    this.#forRoom.wake()
  }
}
