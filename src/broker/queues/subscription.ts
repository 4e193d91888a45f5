// A reader by settlement: consumers with credit on one side, lanes of messages on the other. Each message goes to one
// consumer at a time, is out until it is settled, and comes back when it is released, fails, or its lock runs out.
//
//   ready ── given to a consumer, or fetched ──> out
//   out ── accepted ─────────────────────────> settled
//   out ── released, failed, lock expired ───> ready, in its old place   (failed too often: discarded)
//   out ── rejected ─────────────────────────> discarded
//   ready ── expired, dropped ───────────────> discarded
//
// What discarding means (dead letters) is the owner's business; it settles the message when it is done.
// Work is done once for a turn of the event loop: whoever changes something asks for it with `schedule`.

import type { Offset } from '../../log/index.ts'
import type { World } from '../../world/index.ts'
import type { BrokerError } from '../errors.ts'
import { Consumer, type ConsumerOptions } from './consumer.ts'
import { Consumers } from './consumers.ts'
import { Delivery, type Outcome } from './delivery.ts'
import { MessageGroups } from './groups.ts'
import type { Lane } from './lane.ts'
import { Locks } from './locks.ts'
import { bodyBytes, type Message } from './message.ts'

/** Why a message leaves without having been accepted. */
export type DiscardReason = 'rejected' | 'expired' | 'maxlen' | 'delivery_limit'

export interface SubscriptionRules {
  /** Only one of the consumers gets messages; the others wait for their turn. */
  readonly singleActive: boolean
  /** Of each message group one message is out at a time. */
  readonly groups: boolean
  /** A message is discarded when this many deliveries of it failed; Infinity never. */
  readonly deliveryLimit: number
  /** A delivery comes back after this many ms; Infinity never. */
  readonly lockMs: number
}

/** Whose messages these are. */
export interface SubscriptionOwner {
  /** Shown in errors. */
  readonly title: string
  readonly rules: SubscriptionRules
  /** The message is out and leaves; `message` when it is at hand. The owner settles it on its lane. */
  discard(lane: Lane, offset: Offset, reason: DiscardReason, message?: Message): void
  /** A message is ready again that was out. */
  returned(): void
  /** The last consumer went. */
  abandoned(): void
}

/** What the consumers did, since the start. */
export interface DeliveryCounts {
  delivered: number
  deliveredPresettled: number
  fetched: number
  fetchedPresettled: number
  redelivered: number
  accepted: number
}

/** A message that was fetched by hand. */
export interface Fetched {
  readonly message: Message
  /** Undefined when it is settled already. */
  readonly delivery: Delivery | undefined
  /** Whether somebody may have had it before. */
  readonly redelivered: boolean
}

/** Messages that are given out before others get a turn of the event loop. */
const TURN_MESSAGES = 4096

export class Subscription {
  readonly consumers = new Consumers()
  readonly counts: DeliveryCounts = {
    delivered: 0,
    deliveredPresettled: 0,
    fetched: 0,
    fetchedPresettled: 0,
    redelivered: 0,
    accepted: 0,
  }
  readonly #owner: SubscriptionOwner
  readonly #world: World
  #locks: Locks | undefined
  #groups: MessageGroups | undefined
  #ready: Set<() => void> | undefined
  /** In the order in which they are read: highest priority first. */
  #lanes: readonly Lane[] = []
  #active: Consumer | undefined
  #outCount = 0
  #scheduled = false
  #closed: BrokerError | undefined

  constructor(owner: SubscriptionOwner, world: World) {
    this.#owner = owner
    this.#world = world
  }

  get lanes(): readonly Lane[] {
    return this.#lanes
  }
  /** Messages that could be delivered; those that wait for their group among them. */
  get readyCount(): number {
    let count = this.#groups?.waitingCount ?? 0
    for (const lane of this.#lanes) count += lane.readyCount
    return count
  }
  /** Messages that are out. */
  get outCount(): number {
    return this.#outCount
  }
  /** The single active consumer, where there is one. */
  get active(): Consumer | undefined {
    return this.#active
  }

  use(lanes: readonly Lane[]): void {
    this.#lanes = lanes
    this.schedule()
  }

  /** Errors: CONSUMER_EXCLUDED; the reason when the subscription has ended. */
  subscribe(options: ConsumerOptions): Consumer {
    if (this.#closed !== undefined) throw this.#closed
    const consumer = new Consumer(options, {
      wake: one => {
        this.consumers.wake(one)
        this.schedule()
      },
      cancel: one => this.#remove(one),
    })
    this.consumers.add(consumer, this.#owner.title)
    if (this.#owner.rules.singleActive) this.#active ??= consumer
    this.schedule()
    return consumer
  }

  /**
   * The next message, without waiting for one to come: undefined when there is none. With `presettled` it counts as
   * settled at once.
   */
  fetch({
    presettled = false,
  }: {
    readonly presettled?: boolean
  } = {}): Fetched | undefined | Promise<Fetched | undefined> {
    for (;;) {
      const found = this.#next()
      if (found === undefined) return undefined
      if (found instanceof Promise) return found.then(() => this.fetch({ presettled }))
      const { lane, message } = found
      if (!this.#mayLeave(lane, message)) continue
      if (presettled) this.counts.fetchedPresettled++
      else this.counts.fetched++
      const redelivered = this.#acquire(lane, message)
      return {
        message,
        redelivered,
        delivery: this.#giveOut(lane, message, undefined, redelivered, presettled),
      }
    }
  }

  /** Calls once, as soon as messages may be ready; gives the function that takes it back. */
  whenReady(call: () => void): () => void {
    this.#ready ??= new Set()
    this.#ready.add(call)
    if (this.readyCount > 0) this.schedule()
    return () => this.#ready?.delete(call)
  }

  settle(delivery: Delivery, outcome: Outcome): void {
    if (delivery.isSettled) return
    delivery.isSettled = true
    this.#outCount--
    const { consumer, lane, offset, groupId } = delivery
    if (consumer !== undefined) {
      consumer.unsettled--
      for (const credit of consumer.credits) if (credit.kind === 'window') credit.used--
      this.consumers.wake(consumer)
    }
    this.#apply(lane, offset, outcome, delivery.bytes)
    if (groupId !== undefined && this.#groups?.isBusy(groupId)) {
      if (outcome === 'released' || (outcome === 'failed' && !lane.isSettled(offset)))
        this.#groups.released(groupId)
      else this.#groups.settled(groupId)
    }
    this.schedule()
  }

  /** The delivery's lock ends `ms` from now. */
  lock(delivery: Delivery, ms: number): void {
    this.#locks ??= new Locks(this.#world, one => this.settle(one, 'failed'))
    this.#locks.set(delivery, ms)
  }

  /** Looks, later in this turn of the event loop, whether somebody can get something. */
  schedule(): void {
    if (this.#scheduled || this.#closed !== undefined) return
    this.#scheduled = true
    queueMicrotask(() => this.#work())
  }

  /** Ends every consumer with this reason. What is out stays so until it is settled. Idempotent. */
  close(reason: BrokerError): void {
    if (this.#closed !== undefined) return
    this.#closed = reason
    this.#locks?.close()
    for (const consumer of [...this.consumers]) {
      this.consumers.remove(consumer)
      consumer.options.cancelled(reason)
    }
    for (const lane of this.#lanes) lane.close()
    this.#wakeReady()
  }

  #work(): void {
    this.#scheduled = false
    if (this.#closed !== undefined) return
    let left = TURN_MESSAGES
    for (let consumer = this.#turn(); consumer !== undefined; consumer = this.#turn()) {
      const found = this.#next()
      if (found === undefined) break
      if (found instanceof Promise) {
        void found.then(() => this.schedule())
        return
      }
      const { lane, message } = found
      if (!this.#mayLeave(lane, message)) continue
      const redelivered = this.#acquire(lane, message)
      const presettled = consumer.options.presettled === true
      const delivery = this.#giveOut(lane, message, consumer, redelivered, presettled)
      this.consumers.served(consumer)
      consumer.options.deliver(message, delivery, redelivered)
      if (--left === 0) {
        this.#world.after(0, () => this.schedule())
        return
      }
    }
    const waits = this.#turn() !== undefined
    for (const lane of this.#lanes) {
      lane.wanted = waits
      lane.settleIn()
    }
    if (this.#ready !== undefined && this.#ready.size > 0 && this.readyCount > 0) this.#wakeReady()
  }

  /** Who gets the next message; undefined when nobody can take one. */
  #turn(): Consumer | undefined {
    if (this.#active === undefined) return this.consumers.next()
    return this.#active.isOpen ? this.#active : undefined
  }

  #next(): { readonly lane: Lane; readonly message: Message } | undefined | Promise<void> {
    if (this.#groups?.isFull) return undefined
    for (const lane of this.#lanes) {
      const message = lane.peek()
      if (message instanceof Promise) return message
      if (message !== undefined) return { lane, message }
    }
    return undefined
  }

  /** Whether the message may be given out; if not it is out of the way. */
  #mayLeave(lane: Lane, message: Message): boolean {
    const { offset, expiresAt, groupId } = message
    const mayExpire = expiresAt !== Number.POSITIVE_INFINITY
    if (mayExpire && expiresAt <= this.#world.now() && !lane.isFresh(offset)) {
      lane.take(message)
      this.#owner.discard(lane, offset, 'expired', message)
      return false
    }
    if (groupId === undefined || !this.#owner.rules.groups) return true
    if (!this.#groups?.isBusy(groupId)) return true
    lane.hold(message)
    this.#groups.wait(groupId, lane, offset)
    return false
  }

  /** Takes the message out; gives whether somebody may have had it before. */
  #acquire(lane: Lane, message: Message): boolean {
    lane.take(message)
    const redelivered = lane.acquired(message.offset)
    if (redelivered) this.counts.redelivered++
    return redelivered
  }

  #giveOut(
    lane: Lane,
    message: Message,
    consumer: Consumer | undefined,
    redelivered: boolean,
    presettled: boolean,
  ): Delivery | undefined {
    if (consumer !== undefined) {
      consumer.delivered++
      if (presettled) this.counts.deliveredPresettled++
      else this.counts.delivered++
    }
    if (presettled) {
      for (const credit of consumer?.credits ?? []) if (credit.kind === 'grant') credit.used++
      lane.settle(message.offset, bodyBytes(message))
      return undefined
    }
    return this.#out(lane, message, consumer, redelivered)
  }

  #out(lane: Lane, message: Message, consumer: Consumer | undefined, redelivered: boolean): Delivery {
    const { groups, lockMs } = this.#owner.rules
    const delivery = new Delivery(this, {
      lane,
      offset: message.offset,
      consumer,
      redelivered,
      failures: lane.failuresOf(message.offset),
      bytes: bodyBytes(message),
      groupId: groups ? message.groupId : undefined,
    })
    if (delivery.groupId !== undefined) {
      this.#groups ??= new MessageGroups()
      this.#groups.begin(delivery.groupId)
    }
    if (lockMs !== Number.POSITIVE_INFINITY) this.lock(delivery, lockMs)
    this.#outCount++
    if (consumer !== undefined) {
      consumer.unsettled++
      for (const credit of consumer.credits) credit.used++
    }
    return delivery
  }

  #apply(lane: Lane, offset: Offset, outcome: Outcome, bytes: number): void {
    switch (outcome) {
      case 'accepted':
        this.counts.accepted++
        lane.settle(offset, bytes)
        return
      case 'released':
        this.#giveBack(lane, offset)
        return
      case 'rejected':
        this.#owner.discard(lane, offset, 'rejected')
        return
      case 'failed':
        if (lane.isOut(offset) && lane.failed(offset) > this.#owner.rules.deliveryLimit)
          this.#owner.discard(lane, offset, 'delivery_limit')
        else this.#giveBack(lane, offset)
        return
      default:
        throw new TypeError(`there is no outcome '${String(outcome satisfies never)}'`)
    }
  }

  #giveBack(lane: Lane, offset: Offset): void {
    lane.giveBack(offset)
    this.#owner.returned()
  }

  #remove(consumer: Consumer): void {
    if (!this.consumers.remove(consumer)) return
    if (this.#active === consumer) this.#active = this.consumers.foremost
    if (this.consumers.size === 0) {
      for (const lane of this.#lanes) lane.rest()
      this.#owner.abandoned()
    }
    this.schedule()
  }

  #wakeReady(): void {
    const calls = [...(this.#ready ?? [])]
    this.#ready = undefined
    for (const call of calls) call()
  }
}
