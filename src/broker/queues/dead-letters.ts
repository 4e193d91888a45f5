// Messages that leave a queue without having been accepted, on their way to its dead-letter exchange. They are settled
// in their own queue only when the others have them, so a crash in between gives a message twice and loses none.

import type { Offset } from '../../log/index.ts'
import type { NewRecord } from '../../log/record/builder.ts'
import type { RecordHeader } from '../../log/record/records.ts'
import type { World } from '../../world/index.ts'
import { BrokerError } from '../errors.ts'
import type { FieldTable } from '../field-value.ts'
import { deathsOf, isCycle, withDeath } from './deaths.ts'
import { type Lane, rottenUpTo } from './lane.ts'
import { bodyBytes, type Message, plainHeaders } from './message.ts'
import { type Routing, routeOf, TTL_HEADER, withRoute } from './routing.ts'
import type { DiscardReason } from './subscription.ts'

/** Where a queue's dead letters go. */
export interface DeadLetterRule {
  readonly exchange: string
  /** Undefined keeps the keys that the message came by. */
  readonly routingKey?: string
  /** A target that refuses the message: drop it there, or try until it is taken. */
  readonly strategy: 'at-most-once' | 'at-least-once'
}

export interface DeadLetterParts {
  readonly vhost: string
  readonly queue: string
  readonly world: World
  readonly routing: Routing
  readonly rule: () => DeadLetterRule | undefined
  /** What headers exchanges look at. */
  readonly fieldsOf: (headers: readonly RecordHeader[]) => FieldTable
  /** Whether the queue wants to know the size of what it loses. */
  readonly needsSizes: () => boolean
  readonly onFault: (lane: Lane, error: unknown) => void
}

/** What a refused dead letter waits for, ms. */
const RETRY_MS = 1000
/** Messages that are read in one go. */
const READ_MESSAGES = 256

interface Leaving {
  readonly lane: Lane
  readonly offset: Offset
  readonly reason: DiscardReason
}

export class DeadLetters {
  readonly #parts: DeadLetterParts
  /** Those whose message must be read first. */
  #unread: Leaving[] = []
  #reading = false
  #closed = false

  constructor(parts: DeadLetterParts) {
    this.#parts = parts
  }

  /** The message is out of its lane: sends it on where the queue has a rule, and settles it. */
  discard(lane: Lane, offset: Offset, reason: DiscardReason, message?: Message): void {
    const rule = this.#parts.rule()
    if (rule === undefined && (message !== undefined || !this.#parts.needsSizes()))
      lane.settle(offset, message === undefined ? 0 : bodyBytes(message))
    else if (rule !== undefined && message !== undefined) this.#send({ lane, offset, reason }, message, rule)
    else {
      this.#unread.push({ lane, offset, reason })
      this.#readSoon()
    }
  }

  /** A message that the queue never took goes to the dead letters, as far as somebody takes it there. */
  refuse(record: NewRecord, reason: DiscardReason): void {
    const rule = this.#parts.rule()
    if (rule !== undefined) this.#publish({ ...record, groupId: undefined }, reason, rule, () => {})
  }

  close(): void {
    this.#closed = true
  }

  #readSoon(): void {
    if (this.#reading) return
    this.#reading = true
    queueMicrotask(() => {
      void this.#read().finally(() => {
        this.#reading = false
        if (this.#unread.length > 0 && !this.#closed) this.#readSoon()
      })
    })
  }

  async #read(): Promise<void> {
    const [first] = this.#unread
    if (first === undefined || this.#closed) return
    const some = this.#unread.filter(one => one.lane === first.lane).slice(0, READ_MESSAGES)
    const byOffset = new Map(some.map(one => [one.offset, one]))
    this.#unread = this.#unread.filter(one => byOffset.get(one.offset) !== one)
    try {
      const offsets = [...byOffset.keys()].sort((a, b) => a - b)
      await first.lane.find(offsets, message => {
        const leaving = byOffset.get(message.offset)
        if (leaving === undefined || !byOffset.delete(message.offset)) return
        const rule = this.#parts.rule()
        if (rule === undefined) leaving.lane.settle(leaving.offset, bodyBytes(message))
        else this.#send(leaving, message, rule)
      })
    } catch (error) {
      this.#parts.onFault(first.lane, error)
      this.#readLater([...byOffset.values()], rottenUpTo(error) ?? 0)
      return
    }
    for (const { lane, offset } of byOffset.values()) lane.settle(offset) // the log has forgotten them
  }

  /** What lies in damage that ends at `damagedTo` is lost; the others are tried again, because what failed may pass. */
  #readLater(all: readonly Leaving[], damagedTo: Offset): void {
    for (const { lane, offset, reason } of all) {
      if (offset < damagedTo) lane.settle(offset)
      else this.#discardLater(lane, offset, reason)
    }
  }

  #discardLater(lane: Lane, offset: Offset, reason: DiscardReason): void {
    this.#parts.world.after(RETRY_MS, () => {
      if (!this.#closed) this.discard(lane, offset, reason)
    })
  }

  #send({ lane, offset, reason }: Leaving, message: Message, rule: DeadLetterRule): void {
    this.#publish(message, reason, rule, error => {
      if (error === undefined || isDropped(error, rule)) lane.settle(offset, bodyBytes(message))
      else this.#discardLater(lane, offset, reason)
    })
  }

  #publish(
    record: NewRecord & Pick<Message, 'groupId'>,
    reason: DiscardReason,
    rule: DeadLetterRule,
    done: (error?: unknown) => void,
  ): void {
    const { vhost, routing, fieldsOf } = this.#parts
    const { timestamp, key = null, value, groupId } = record
    const before = record.headers ?? []
    const [first = '', ...others] = routeOf(before).routingKeys
    const routingKey = rule.routingKey ?? first
    // From here on it is a message of that exchange: its consumers, and its next death, tell of that.
    const headers = withRoute(this.#withDeath(before, reason), {
      exchange: rule.exchange,
      routingKey,
      cc: rule.routingKey === undefined,
    })
    const deaths = deathsOf(headers)
    try {
      routing.publish(
        vhost,
        {
          exchange: rule.exchange,
          routingKey,
          ...(rule.routingKey === undefined && { routingKeys: others }),
          headers: fieldsOf(headers),
          publication: { record: { timestamp, key, value, headers }, groupId, persistent: true },
          except: target => target.vhost === vhost && isCycle(deaths, target.name),
        },
        { done },
      )
    } catch (error) {
      done(error)
    }
  }

  /** With its own time to live a message would die again where it goes: that is only remembered. */
  #withDeath(headers: readonly RecordHeader[], reason: DiscardReason): readonly RecordHeader[] {
    const { queue, world } = this.#parts
    const { exchange, routingKeys } = routeOf(headers)
    const ttl = headers.find(({ key }) => key === TTL_HEADER)?.value?.toString()
    const kept = plainHeaders(headers).filter(({ key }) => key !== TTL_HEADER)
    return withDeath(kept, {
      queue,
      reason,
      time: world.now(),
      exchange,
      'routing-keys': routingKeys,
      ...(ttl !== undefined && { 'original-expiration': ttl }),
    })
  }
}

/** Whether the message is let go: nobody is there to take it, or whoever is there does not want it. */
function isDropped(error: unknown, { strategy }: DeadLetterRule): boolean {
  if (!(error instanceof BrokerError)) return false
  if (error.code === 'EXCHANGE_UNKNOWN' || error.code === 'VHOST_UNKNOWN') return true
  return strategy === 'at-most-once' && (error.code === 'QUEUE_FULL' || error.code === 'QUEUE_UNKNOWN')
}
