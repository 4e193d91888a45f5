// One partition read by settlement: which of its messages are settled, out with a consumer, or ready, and which is next.
// A subscription reads over one lane or several (a queue with priorities has one for each). Memory does not grow with
// the backlog: messages are read ahead a window at a time; of the rest only the cursor and ranges are known.
//
//   cursor          readAt                         end
//     |  settled, out,  |  not looked at yet          |
//     |  ready (window, |                             |
//     |  returned),     |                             |
//     |  held back      |                             |
//
// Whoever holds a message back (delayed, its group busy) takes it out of the order with `hold` and gives it back with
// `unhold`: it keeps its place before those that follow.

import type { Offset } from '../../log/index.ts'
import { LogError } from '../../log/index.ts'
import { BrokerError } from '../errors.ts'
import type { Partition } from '../partition/partition.ts'
import type { Expiries, Message } from './message.ts'
import { MessageReader } from './message-reader.ts'
import { OffsetRanges } from './offset-ranges.ts'
import { ReadAhead } from './read-ahead.ts'
import { Returned } from './returned.ts'
import type { SettledState, SettlementChange, Settling } from './settlements.ts'
import { Tail, type TailBatch } from './tail.ts'

/** Messages that are looked for one by one: reading one asks for this many bytes. */
const RECALL_BYTES = 16 * 1024
/** Offsets that are read through rather than jumped over to the next one that is looked for. */
const FIND_GAP = 1024
/** The log is trimmed when about this many bytes of it are settled. */
const TRIM_BYTES = 8 * 1024 * 1024
/** What a settled message counts beside its body. */
const RECORD_BYTES = 100

/** Who reads by the lane. An object with methods: functions of each lane would be a large part of an idle queue. */
export interface LaneOwner extends Expiries {
  /** What is at or above must not be forgotten even when it is settled; undefined when that is nothing. */
  keepFrom?(lane: Lane): Promise<Offset | undefined> | undefined
  /** Messages may be ready that were not before. */
  laneMoved(lane: Lane): void
  /** Bodies of this many bytes left the lane; as far as their sizes are known. */
  laneSettled?(bytes: number): void
  /** Bytes that cannot be read, or whatever else keeps the lane from going on. */
  laneFailed(lane: Lane, error: unknown): void
}

/** Where it is kept what was settled. */
export interface LaneKeeper {
  /** Something was. */
  touch(lane: Lane): void
}

export interface LaneParts {
  readonly name: string
  readonly partition: Partition
  readonly state: SettledState
  /** Whether what is settled may be forgotten: the lane of a queue, not that of a subscription to a topic. */
  readonly owns: boolean
  readonly owner: LaneOwner
  /** Undefined when nobody keeps it. */
  readonly keeper: LaneKeeper | undefined
}

/** Most lanes have nothing out and nothing read ahead. */
const none: readonly never[] = []

export class Lane implements Settling {
  readonly name: string
  readonly partition: Partition
  readonly state: SettledState
  readonly #owner: LaneOwner
  readonly #keeper: LaneKeeper | undefined
  readonly #owns: boolean
  readonly #reader: MessageReader
  readonly #unwatch: () => void
  /** Offsets below `readAt` that are neither settled nor ready: out with a consumer, or held back. */
  #out: Set<Offset> | undefined
  readonly #returned = new Returned()
  /** Offsets that were taken out of the order and never given to anybody. */
  #held: Set<Offset> | undefined
  readonly #window = new ReadAhead()
  readonly #tail = new Tail()
  /** Offsets at or above where reading goes on that are settled or out: it passes them. */
  #ahead: number
  #seenEnd: Offset
  /** Since the last change that was taken. */
  readonly #unsaved = new OffsetRanges()
  #unsavedFailures: Map<Offset, number> | undefined
  /** Made at the first reading. */
  #isReady: ((offset: Offset) => boolean) | undefined
  #loading: Promise<void> | undefined
  #fault: unknown
  /** Where messages begin that became durable since `settleIn`. */
  #freshFrom = Number.POSITIVE_INFINITY
  #settledBytes = 0
  #trimming = false
  #closed = false

  constructor(parts: LaneParts) {
    this.#owner = parts.owner
    this.#keeper = parts.keeper
    this.#owns = parts.owns
    this.name = parts.name
    this.partition = parts.partition
    this.state = parts.state
    const { log } = parts.partition
    this.#clampTo(log.end)
    this.state.cursor = this.state.settled.absorb(Math.max(this.state.cursor, log.start))
    this.#reader = new MessageReader(parts.partition, this.state.cursor, { expiries: parts.owner })
    this.#ahead = this.state.settled.countFrom(this.state.cursor)
    this.#seenEnd = log.end
    this.#unwatch = log.watch(() => this.#logMoved())
  }

  /** Everything below is settled. */
  get cursor(): Offset {
    return this.state.cursor
  }
  /** One past the last message that may be looked at. */
  get end(): Offset {
    return this.partition.highWatermark
  }
  /** Messages that are out with a consumer or held back. */
  get outCount(): number {
    return this.#out?.size ?? 0
  }
  /** Messages that could be delivered. Those not read yet count by their offsets. */
  get readyCount(): number {
    const unread = Math.max(0, this.end - this.#readAt) - this.#ahead
    return unread + this.#window.count + this.#returned.size
  }
  failuresOf(offset: Offset): number {
    return this.state.failures?.get(offset) ?? 0
  }
  /** Whether the message came with the last batches, and nobody had a chance to take it yet. */
  isFresh(offset: Offset): boolean {
    return offset >= this.#freshFrom
  }
  /** Everybody had a chance to take what is there. */
  settleIn(): void {
    this.#freshFrom = Number.POSITIVE_INFINITY
  }
  isSettled(offset: Offset): boolean {
    return offset < this.state.cursor || this.state.settled.has(offset)
  }
  isOut(offset: Offset): boolean {
    return this.#out?.has(offset) === true
  }
  /** Whether messages that are stored now will be asked for soon: then they are kept, and not read back. */
  wanted = false

  /** Messages were appended at `base` and are not durable yet; `stored` says when they are, or that they never will be. */
  appended(base: Offset, messagesOf: () => readonly Message[]): TailBatch | undefined {
    const next = this.#tail.end ?? this.#readAt
    if (!this.wanted || next !== base || this.#tail.isFull) return undefined
    return this.#tail.push(base, messagesOf())
  }

  /** What became of an appended batch. */
  stored(batch: TailBatch | undefined, outcome: 'durable' | 'refused'): void {
    if (batch !== undefined && outcome === 'durable') batch.isDurable = true
    // The offsets of refused batches are given out again: nothing kept of them may be taken for what comes there.
    if (outcome === 'refused') this.#tail.clear()
    if (outcome === 'durable') this.#owner.laneMoved(this)
  }

  /**
   * The next message in order, which stays where it is; undefined when there is none; a promise when it must be read
   * first: then ask again.
   */
  peek(): Message | undefined | Promise<void> {
    if (this.#loading !== undefined) return this.#loading
    const returned = this.#returned.first
    let ahead = this.#window.first
    if (ahead === undefined && (returned === undefined || returned >= this.#readAt)) {
      const filling = this.#fill()
      if (filling !== undefined) return filling
      ahead = this.#window.first
    }
    if (returned === undefined || (ahead !== undefined && ahead.offset < returned)) return ahead
    return this.#returned.messageOf(returned) ?? this.#recall(returned)
  }

  /** Takes the message that `peek` gave: it is out from now on. */
  take({ offset }: Message): void {
    if (this.#returned.first === offset) this.#returned.shift()
    else this.#window.shift()
    this.#putOut(offset)
  }

  /** Takes a ready message from wherever it is; false when it is settled, out, or not there. */
  withdraw(offset: Offset): boolean {
    if (this.isSettled(offset) || this.isOut(offset) || offset >= this.end) return false
    if (offset >= this.#readAt) this.#ahead++
    else if (!this.#window.remove(offset)) this.#returned.remove(offset)
    this.#putOut(offset)
    return true
  }

  /** Takes the message that `peek` gave out of the order, without giving it to anybody: `giveBack` puts it in again. */
  hold(message: Message): void {
    this.take(message)
    this.#held ??= new Set()
    this.#held.add(message.offset)
  }

  /** The message is given to a consumer; gives whether it may have been before, also before a restart. */
  acquired(offset: Offset): boolean {
    const wasHeld = this.#held?.delete(offset) === true
    if (offset < this.state.acquiredUpTo) return !wasHeld
    this.state.acquiredUpTo = offset + 1
    return false
  }

  /** A message that is out is ready again, in its old place. */
  giveBack(offset: Offset): void {
    if (!this.#out?.delete(offset) || this.isSettled(offset)) return
    if (offset >= this.#readAt) this.#ahead--
    else this.#returned.push(offset)
  }

  /**
   * The messages of these offsets, ascending, as far as they can still be read; each is given to `found` in order.
   * Errors: what `found` throws.
   */
  async find(offsets: readonly Offset[], found: (message: Message) => void): Promise<void> {
    const [first] = offsets
    if (first === undefined) return
    const reader = new MessageReader(this.partition, first, { readBytes: RECALL_BYTES })
    const wanted = new Set(offsets)
    for (const offset of offsets) {
      if (offset < reader.at) continue // found with an earlier one
      if (offset > reader.at + FIND_GAP) reader.seek(offset)
      for (;;) {
        const next = reader.next(one => wanted.has(one))
        if (next instanceof Promise) await next
        else if (next === undefined) return
        else {
          found(next)
          if (next.offset >= offset) break
        }
      }
    }
  }

  /** One more delivery of it failed; gives how many that are. */
  failed(offset: Offset): number {
    const count = this.failuresOf(offset) + 1
    this.state.failures ??= new Map()
    this.state.failures.set(offset, count)
    if (this.#keeper !== undefined) {
      this.#unsavedFailures ??= new Map()
      this.#unsavedFailures.set(offset, count)
      this.#keeper.touch(this)
    }
    return count
  }

  /** The message is done with. It was out, or is taken from wherever it is. */
  settle(offset: Offset, bytes = 0): void {
    if (this.isSettled(offset)) return
    if (!this.#out?.delete(offset) && this.withdraw(offset)) this.#out?.delete(offset)
    this.#settledBytes += bytes + RECORD_BYTES
    if (bytes > 0) this.#owner.laneSettled?.(bytes)
    this.#addSettled(offset, offset + 1)
  }

  /** Settles all that is ready; gives how many messages that were. */
  purge(): number {
    const count = this.readyCount
    const ready = [...this.#window.offsets, ...this.#returned.offsets]
    this.#window.clear()
    this.#returned.clear()
    this.#settledBytes = TRIM_BYTES
    for (const offset of ready) this.#addSettled(offset, offset + 1)
    this.#skipTo(this.end)
    return count
  }

  /** Nobody wants messages for now: what was read ahead is forgotten, where that is simple. */
  rest(): void {
    this.wanted = false
    this.#tail.clear()
    const first = this.#window.first
    if (first === undefined || this.#loading !== undefined) return
    if (this.outCount > 0 || this.#returned.size > 0) return
    this.#window.clear()
    this.#readFrom(first.offset)
  }

  takeChange(): SettlementChange {
    const settled = [...this.#unsaved]
    const failures = [...(this.#unsavedFailures ?? [])]
    this.#unsaved.clear()
    this.#unsavedFailures = undefined
    return { cursor: this.state.cursor, acquiredUpTo: this.state.acquiredUpTo, settled, failures }
  }

  kept(): void {
    if (this.#owns) this.#trim()
  }

  refused(change: SettlementChange): void {
    for (const { from, to } of change.settled) this.#unsaved.add(from, to)
    if (change.failures.length > 0)
      this.#unsavedFailures = new Map([...change.failures, ...(this.#unsavedFailures ?? [])])
  }

  close(): void {
    this.#closed = true
    this.#unwatch()
  }

  get #readAt(): Offset {
    return this.#reader.at
  }

  /** A store that lost its last writes (flush: never) may end below what was settled: those offsets come again. */
  #clampTo(end: Offset): void {
    const { state } = this
    if (state.acquiredUpTo > end) state.acquiredUpTo = end
    const kept = [...state.settled].filter(({ from }) => from < end)
    if (kept.length === state.settled.size && state.cursor <= end) return
    state.settled.clear()
    state.cursor = Math.min(state.cursor, end)
    for (const { from, to } of kept) state.settled.add(from, Math.min(to, end))
  }

  #logMoved(): void {
    const { start, end } = this.partition.log
    if (start > this.state.cursor) this.#lost(start)
    if (end === this.#seenEnd) return
    this.#seenEnd = end
    // What this queue appended itself is announced by `stored`.
    if (this.#tail.first === undefined) this.#owner.laneMoved(this)
  }

  /** The log forgot messages that were not settled: retention of a topic, or an administrator. */
  #lost(start: Offset): void {
    this.#addSettled(this.state.cursor, start)
    while ((this.#window.first?.offset ?? start) < start) this.#window.shift()
    for (const offset of this.#out ?? none) if (offset < start) this.#out?.delete(offset)
    while ((this.#returned.first ?? start) < start) this.#returned.shift()
    if (this.#readAt < start) this.#skipTo(start)
  }

  #addSettled(from: Offset, to: Offset): void {
    if (to <= from) return
    const { state } = this
    if (state.failures !== undefined) forgetFailures(state.failures, from, to)
    if (from <= state.cursor && state.settled.size === 0) state.cursor = Math.max(state.cursor, to)
    else {
      state.settled.add(from, to)
      if (state.settled.first !== undefined && state.settled.first <= state.cursor)
        state.cursor = state.settled.absorb(state.cursor)
    }
    if (state.cursor > this.#readAt) this.#readFrom(state.cursor)
    this.#keep(from, to)
  }

  #keep(from: Offset, to: Offset): void {
    if (this.#keeper === undefined) {
      if (this.#owns) this.#trim()
      return
    }
    this.#unsaved.add(from, to)
    this.#keeper.touch(this)
  }

  /** Undefined when the window has what there is. */
  #fill(): Promise<void> | undefined {
    try {
      while (!this.#window.isFull) {
        if (this.#takeTail()) continue
        // What is in the tail and not durable yet is not read from the log either: it comes when it is.
        if (this.#tail.first?.base === this.#readAt) return undefined
        const at = this.#readAt
        this.#isReady ??= offset => this.#mayBeTaken(offset)
        const next = this.#reader.next(this.#isReady)
        this.#passed(at, next)
        if (next === undefined) return undefined
        if (next instanceof Promise) return this.#load(next)
        this.#window.push(next)
      }
      return undefined
    } catch (error) {
      this.#failedToRead(error)
      return undefined
    }
  }

  #mayBeTaken(offset: Offset): boolean {
    return this.#ahead === 0 || !(this.state.settled.has(offset) || this.isOut(offset))
  }

  #putOut(offset: Offset): void {
    this.#out ??= new Set()
    this.#out.add(offset)
  }

  #countAhead(offset: Offset): number {
    let count = this.state.settled.countFrom(offset)
    for (const one of this.#out ?? none) if (one >= offset) count++
    return count
  }

  #readFrom(offset: Offset): void {
    this.#reader.seek(offset)
    this.#ahead = this.#countAhead(offset)
    if ((this.#tail.first?.base ?? offset) !== offset) this.#tail.clear()
  }

  /** Reading moved from `at`: what it passed and did not give is settled, or no message at all. */
  #passed(at: Offset, next: Message | undefined | Promise<void>): void {
    const to = next === undefined || next instanceof Promise ? this.#readAt : next.offset
    if (to <= at) return
    const known = this.#ahead === 0 ? 0 : this.#countAhead(at) - this.#countAhead(to)
    this.#ahead -= known
    if (known < to - at) this.#settlePassed(at, to)
  }

  /** Control batches and aborted ones are no messages: settled, but for those within that are out. */
  #settlePassed(from: Offset, to: Offset): void {
    let at = from
    const out =
      this.#out === undefined || this.#out.size === 0
        ? none
        : [...this.#out].filter(one => one >= from && one < to).sort((a, b) => a - b)
    for (const one of out) {
      this.#addSettled(at, one)
      at = one + 1
    }
    this.#addSettled(at, to)
  }

  #takeTail(): boolean {
    const { first } = this.#tail
    if (first === undefined || first.base !== this.#readAt || !first.isDurable) return false
    this.#tail.shift()
    this.#freshFrom = Math.min(this.#freshFrom, first.base)
    for (const message of first.messages) if (this.#mayBeTaken(message.offset)) this.#window.push(message)
    const next = first.base + first.messages.length
    if (this.#ahead > 0) this.#ahead = this.#countAhead(next)
    this.#reader.seek(next)
    return true
  }

  #load(reading: Promise<void>): Promise<void> {
    this.#loading = reading.then(
      () => {
        this.#loading = undefined
      },
      error => {
        this.#loading = undefined
        this.#failedToRead(error)
      },
    )
    return this.#loading
  }

  /** Damaged offsets are reported and passed over, so that the rest is delivered; anything else stops the lane. */
  #failedToRead(error: unknown): void {
    if (this.#closed || this.#fault === error) return
    const to = rottenUpTo(error)
    if (to !== undefined && to > this.#readAt) this.#skipTo(to)
    else this.#fault = error
    this.#owner.laneFailed(this, error)
  }

  #skipTo(offset: Offset): void {
    const from = this.#readAt
    if (offset <= from) return
    this.#tail.clear()
    this.#settlePassed(from, offset)
    this.#readFrom(offset)
  }

  /** Reads a returned message again, with others that lie near it. */
  #recall(offset: Offset): Message | undefined | Promise<void> {
    const reader = new MessageReader(this.partition, offset, {
      readBytes: RECALL_BYTES,
      expiries: this.#owner,
    })
    try {
      const reading = this.#returned.recall(reader)
      if (reading !== undefined) return this.#load(reading.then(() => this.#missing(offset)))
      this.#missing(offset)
      return this.peek()
    } catch (error) {
      this.#forgetReturned(offset)
      this.#owner.laneFailed(this, error)
      return this.peek()
    }
  }

  /** What was looked for and not found is no message any more. */
  #missing(offset: Offset): void {
    if (this.#returned.messageOf(offset) === undefined) this.#forgetReturned(offset)
  }

  /** A returned message that cannot be read any more. */
  #forgetReturned(offset: Offset): void {
    this.#returned.remove(offset)
    this.#addSettled(offset, offset + 1)
  }

  /** Space comes back by whole segments, and forgetting costs a commit: only when there is something to win. */
  #trim(): void {
    if (this.#settledBytes < TRIM_BYTES || this.#trimming || this.#closed) return
    this.#settledBytes = 0
    this.#trimming = true
    this.#forget()
      .catch(error => {
        if (!this.#closed) this.#owner.laneFailed(this, error)
      })
      .finally(() => {
        this.#trimming = false
      })
  }

  async #forget(): Promise<void> {
    const keep = await this.#owner.keepFrom?.(this)
    const { log } = this.partition
    const before = Math.min(this.state.cursor, log.end, keep ?? Number.POSITIVE_INFINITY)
    if (before > log.start) await log.trim(before)
  }
}

function forgetFailures(failures: Map<Offset, number>, from: Offset, to: Offset): void {
  if (to - from === 1) failures.delete(from)
  else for (const offset of failures.keys()) if (offset >= from && offset < to) failures.delete(offset)
}

/** Where the damage ends that keeps a log from being read; undefined when something else does, which may pass. */
export function rottenUpTo(error: unknown): Offset | undefined {
  const cause = error instanceof BrokerError ? error.cause : error
  return cause instanceof LogError && cause.code === 'LOG_ROTTEN' ? Number(cause.fields.to) : undefined
}
