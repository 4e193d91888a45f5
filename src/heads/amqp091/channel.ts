// One open channel: what it has consumed and not acknowledged, its consumers and their credit, and how it publishes.
// Methods come one after the other: while one waits for the broker (a declaration for its flush), those behind it wait.
//
//   plain ── confirm.select ──> confirm          plain ── tx.select ──> tx
//   (none of the two can be left, and neither changes into the other: PRECONDITION_FAILED)

import { storageError } from '../../broker/index.ts'
import type { Receipt } from '../../broker/queues/message.ts'
import type { Fields, InOf } from '../../bytes/index.ts'
import { Credit } from '../../flow/index.ts'
import { Confirms } from './confirms.ts'
import type { Subscriber } from './consuming.ts'
import { AmqpError, amqpErrorOf } from './errors.ts'
import type { Content } from './frame.ts'
import type { Host } from './host.ts'
import { Transaction } from './transaction.ts'
import { outcomeOf, type Unacked, UnackedDeliveries } from './unacked.ts'
import type { Verb } from './verb.ts'
import { BasicAck, BasicNack } from './wire/index.ts'
import type { Method } from './wire/method.ts'

/** How the channel publishes. */
export type Mode =
  | { readonly at: 'plain' }
  | { readonly at: 'confirm'; readonly confirms: Confirms }
  | { readonly at: 'tx'; readonly transaction: Transaction }

interface Work {
  readonly verb: Verb
  readonly args: object
}

export class Channel {
  readonly number: number
  readonly host: Host
  readonly unacked = new UnackedDeliveries()
  readonly consumers = new Map<string, Subscriber>()
  /** What all consumers together may have out (basic.qos with global). */
  readonly credit: Credit
  /** Who got the last message. */
  lastServed: Subscriber | undefined
  /** What each consumer that is yet to come may have out; 0 for as much as the channel. */
  prefetch = 0
  /** What an empty queue name stands for. */
  lastQueue: string | undefined
  /** The channel's name for direct replies, and the tag of their consumer, once there is one. */
  replyName: string | undefined
  replyTag: string | undefined
  /** Hears of messages that nobody waits for a confirm of. */
  readonly unconfirmed: Receipt = {
    done: error => {
      if (error !== undefined) this.noteRefused(error)
    },
  }
  mode: Mode = { at: 'plain' }
  readonly #waiting: Work[] = []
  #isBusy = false
  #ending: 'open' | 'closing' | 'closed' = 'open'
  /** The client has closed the channel, and what it asked before is not done yet. */
  #closeAfter: (() => void) | undefined
  /** Waits for what is under way when the channel closes. */
  #answer: (() => void) | undefined

  constructor(number: number, host: Host) {
    this.number = number
    this.host = host
    this.credit = new Credit(host.serving.limits.unackedMax)
  }

  get serving() {
    return this.host.serving
  }
  get broker() {
    return this.host.serving.broker
  }
  get isBusy(): boolean {
    return this.#isBusy
  }
  get isOpen(): boolean {
    return this.#ending === 'open'
  }

  send<F extends Fields>(method: Method<F>, args: InOf<F>): void {
    this.host.send(this.number, method, args)
  }
  sendContent<F extends Fields>(method: Method<F>, args: InOf<F>, content: Content): boolean {
    return this.host.sendContent(this.number, method, args, content)
  }

  /** A method, or a method with its content as `args`. */
  run(verb: Verb, args: object): void {
    if (this.#ending !== 'open') return
    if (this.#isBusy) this.#waiting.push({ verb, args })
    else this.#handle(verb, args)
  }

  /** The client closes the channel: its turn comes after what was asked before. `answer` is called when it is closed. */
  closeInTurn(answer: () => void): void {
    if (this.#ending === 'open' && this.#waiting.length > 0) this.#closeAfter = answer
    else this.close(answer)
  }

  /**
   * The channel ends: what it had out comes back, its consumers go, and what waits for its turn is dropped. `answer` is called
   * when nothing is under way.
   */
  close(answer: () => void): void {
    if (this.#ending === 'closed') {
      answer()
      return
    }
    this.#ending = 'closing'
    this.#waiting.length = 0
    if (this.#isBusy) {
      this.#answer = answer
      return
    }
    this.#end()
    answer()
  }

  /** Takes messages off the channel as far as they fit: the peer reads again. */
  resume(): void {
    for (const consumer of this.consumers.values()) consumer.resume()
  }

  /** Settles deliveries, and lets consumers have others. */
  settle(entries: readonly Unacked[], how: 'ack' | 'requeue' | 'reject'): void {
    const wasFull = !this.credit.isOpen
    // Queues look for messages in the order in which they are asked: now, or the one that is settled would be the first.
    if (wasFull) this.wake()
    for (const entry of entries)
      entry.delivery.settle(how === 'ack' ? 'accepted' : outcomeOf(entry, how === 'requeue'))
    if (how === 'ack') this.serving.metrics.acknowledged += entries.length
    if (wasFull) this.wake()
  }

  /** Every consumer may have room again. They take turns: who got the last message is asked last. */
  wake(): void {
    const consumers = [...this.consumers.values()]
    const last = this.lastServed === undefined ? -1 : consumers.indexOf(this.lastServed)
    for (const consumer of consumers.slice(last + 1)) consumer.wake()
    for (const consumer of consumers.slice(0, last + 1)) consumer.wake()
  }

  /** Errors: PRECONDITION_FAILED in a transaction. */
  selectConfirms(): void {
    if (this.mode.at === 'tx')
      throw new AmqpError('PRECONDITION_FAILED', 'cannot switch from tx to confirm mode')
    if (this.mode.at === 'confirm') return
    const confirms = new Confirms({
      ack: (deliveryTag, multiple) => {
        this.serving.metrics.confirmed++
        this.send(BasicAck, { deliveryTag, multiple })
      },
      nack: (deliveryTag, multiple) => this.send(BasicNack, { deliveryTag, multiple, requeue: false }),
      wanted: () => this.host.beforeFlush(() => confirms.tell()),
      refused: error => this.noteRefused(error),
    })
    this.mode = { at: 'confirm', confirms }
  }

  /** Errors: PRECONDITION_FAILED when publishes are confirmed. */
  selectTransactions(): void {
    if (this.mode.at === 'confirm')
      throw new AmqpError('PRECONDITION_FAILED', 'cannot switch from confirm to tx mode')
    if (this.mode.at === 'plain') this.mode = { at: 'tx', transaction: new Transaction() }
  }

  /** Direct replies go nowhere from now on. */
  closeReplies(): void {
    if (this.replyName !== undefined) this.serving.replies.close(this.replyName)
    this.replyName = undefined
    this.replyTag = undefined
  }

  /** A message was refused by its queue: expected ones (full queues) are the publisher's to see, others are logged. */
  noteRefused(error: unknown): void {
    const { error: told, unexpected } = amqpErrorOf(storageError(error))
    if (unexpected) this.serving.report.error('a message met an unexpected error', { error: String(error) })
    else this.serving.report.debug('a message was refused', { reason: told.message })
  }

  #handle(verb: Verb, args: object): void {
    try {
      const done = verb.handle(args, this)
      if (done === undefined) return
      this.#isBusy = true
      done.then(
        () => this.#handled(),
        error => {
          this.#failed(error, verb.method)
          this.#handled()
        },
      )
    } catch (error) {
      this.#failed(error, verb.method)
    }
  }

  #handled(): void {
    this.#isBusy = false
    this.#goOn()
    if (!this.#isBusy) this.host.freed()
  }

  #goOn(): void {
    if (this.#ending !== 'open') {
      const answer = this.#answer
      if (answer === undefined) return
      this.#answer = undefined
      this.#end()
      answer()
      return
    }
    while (!this.#isBusy && this.#ending === 'open') {
      const next = this.#waiting.shift()
      if (next === undefined) {
        if (this.#closeAfter !== undefined) this.close(this.#closeAfter)
        return
      }
      this.#handle(next.verb, next.args)
    }
  }

  #failed(error: unknown, method: Method): void {
    const { error: told, unexpected } = amqpErrorOf(storageError(error), method)
    if (unexpected)
      this.serving.report.error('a method met an unexpected error', {
        method: method.name,
        error: error instanceof Error ? (error.stack ?? error.message) : String(error),
      })
    this.host.fail(this.number, told)
  }

  #end(): void {
    this.#ending = 'closed'
    for (const consumer of this.consumers.values()) consumer.cancel()
    this.consumers.clear()
    this.closeReplies()
    if (this.mode.at === 'confirm') this.mode.confirms.close()
    if (this.mode.at === 'tx') this.unacked.restore(this.mode.transaction.rollback())
    this.settle(this.unacked.takeAll(), 'requeue')
  }
}
