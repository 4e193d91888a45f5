// One partition as a share group reads it (KIP-932): members are given ranges of offsets for a time, and say of each what
// became of it. It is the sibling of queues/lane.ts on the same settled state and cursor log. A lane hands out messages
// one by one and reads them for that; here whole batches go out as they lie in the log, so only their headers are looked
// at, and what is in flight is kept as runs of offsets (runs.ts) instead of messages.
//
//   settled | in flight: acquired by a member, or available again |  never given to anybody
//         start (cursor)                                end (acquiredUpTo)
//
// Control batches, holes that compaction left and, for groups that read committed records, aborted batches are nothing
// that could be given: they are settled when they are met. While nobody fetches, it costs no timer and no listener
// beyond the one lock that ends next.

import { batchesOf, type LogSlice, type Offset, type RecordBatch } from '../../log/index.ts'
import type { World } from '../../world/index.ts'
import { BrokerError } from '../errors.ts'
import type { Isolation, Partition } from '../partition/partition.ts'
import { Alarm } from '../queues/alarm.ts'
import type { OffsetRange } from '../queues/offset-ranges.ts'
import type { SettledState, SettlementChange, Settling } from '../queues/settlements.ts'
import { type Run, Runs } from './runs.ts'
import { NOTHING_TAKEN, Taken, type Taking } from './taken.ts'

/** What became of records: gaps are offsets that hold no record, renewed ones are kept for another while. */
export type ShareOutcome = 'accepted' | 'released' | 'rejected' | 'gap' | 'renewed'

/** `[from, to)`. */
export interface Acknowledgement {
  readonly from: Offset
  readonly to: Offset
  readonly outcome: ShareOutcome
}

/** What a group's settings say, asked anew each time. */
export interface ShareRules {
  /** How long records are locked for the member that has them, ms. */
  readonly lockMs: number
  /** Deliveries after which a record is not delivered again. */
  readonly deliveryLimit: number
  /** Offsets of one partition that may be in flight. */
  readonly locksMax: number
  readonly isolation: Isolation
}

/** Who takes, and how much. */
export interface ShareTaker {
  readonly memberId: string
  readonly maxRecords: number
  /** Ranges of about this many records are told apart. */
  readonly batchSize: number
  /** Whether `maxRecords` cuts a batch; otherwise its last batch is taken whole. */
  readonly exact: boolean
}

/** What was read and is not taken yet. */
export interface ShareReading {
  readonly from: Offset
  readonly slice: LogSlice
}

export interface SharePartitionParts {
  /** In the cursor log. */
  readonly name: string
  readonly partition: Partition
  readonly state: SettledState
  /** Everything below is settled, whatever the state says. */
  readonly start: Offset
  readonly world: World
  readonly rules: () => ShareRules
  /** Something changed that wants to be kept. */
  readonly touched: (one: SharePartition) => void
}

interface Waiter {
  resolve(): void
  reject(error: Error): void
}

export class SharePartition implements Settling {
  readonly name: string
  readonly partition: Partition
  readonly state: SettledState
  readonly #parts: SharePartitionParts
  readonly #runs = new Runs()
  readonly #alarm: Alarm
  readonly #listeners = new Set<() => void>()
  #unwatch: (() => void) | undefined
  /** Since the last change that was taken. */
  #unsaved: OffsetRange[] = []
  #unsavedFailures = new Map<Offset, number>()
  /** For the next change to be durable, and for the one on its way. */
  #waiting: Waiter[] = []
  #underWay: Waiter[] = []
  #closedBecause: Error | undefined

  constructor(parts: SharePartitionParts) {
    this.#parts = parts
    this.name = parts.name
    this.partition = parts.partition
    this.state = parts.state
    this.#alarm = new Alarm(parts.world, () => this.#expire())
    this.#restore(parts.start)
  }

  /** Everything below is settled. */
  get start(): Offset {
    return this.state.cursor
  }
  /** Everything at or above was never given to a member. */
  get end(): Offset {
    return this.state.acquiredUpTo
  }
  /** The first offset that a member could be given. */
  get nextOffset(): Offset {
    return this.#runs.firstAvailable ?? this.end
  }
  /** Records that are not settled. */
  get lag(): number {
    const { cursor, settled } = this.state
    return Math.max(0, this.partition.highWatermark - cursor - settled.countFrom(cursor))
  }
  get inFlight(): Iterable<Run> {
    return this.#runs
  }

  /** What could be taken next, about `maxBytes` of it. Errors: STORAGE_ROTTEN, what it was closed with. */
  async read(maxBytes: number): Promise<ShareReading> {
    if (this.#closedBecause !== undefined) throw this.#closedBecause
    const { isolation, locksMax } = this.#parts.rules()
    if (isolation === 'committed') await this.partition.warm()
    this.#catchUp()
    const from = this.nextOffset
    const isFull = this.#runs.available === 0 && this.#runs.offsets >= locksMax
    if (isFull) return { from, slice: { chunks: [], bytes: 0, start: from, next: from } }
    return { from, slice: await this.partition.read(from, maxBytes, isolation) }
  }

  /** Gives a member what of the reading is still to be had. Nothing when others were quicker. */
  acquire({ from, slice }: ShareReading, taker: ShareTaker): Taking {
    if (slice.bytes === 0 || this.#closedBecause !== undefined) return NOTHING_TAKEN
    this.#catchUp()
    const rules = this.#parts.rules()
    const isGivable = this.#givableIn(slice, rules)
    const taken = new Taken(taker.batchSize)
    const until = this.#parts.world.now() + rules.lockMs
    let at = from
    for (const chunk of slice.chunks) {
      let position = 0
      for (const batch of batchesOf(chunk)) {
        if (taken.records >= taker.maxRecords) break
        const { baseOffset, lastOffset, bytes } = batch
        this.#settleIdle(at, baseOffset)
        at = lastOffset + 1
        if (!isGivable(batch)) this.#settleIdle(baseOffset, at)
        else if (this.#take(baseOffset, at, { ...taker, until, locksMax: rules.locksMax }, taken))
          taken.addBatch(chunk, position, position + bytes)
        position += bytes
      }
    }
    if (taken.records > 0) this.#alarm.atMost(until)
    return taken
  }

  /**
   * A member says what became of records that it has; all of them or, when one is refused, none. Resolves when that is
   * durable. What lies below the start was settled before and is passed over.
   * Errors: LOCK_LOST, REQUEST_INVALID (beyond the end), STORAGE_FULL.
   */
  acknowledge(memberId: string, acknowledgements: readonly Acknowledgement[]): Promise<void> {
    try {
      if (this.#closedBecause !== undefined) throw this.#closedBecause
      this.#catchUp()
      this.#expire()
      for (const one of acknowledgements) this.#check(memberId, one)
      for (const one of acknowledgements) this.#apply(one)
    } catch (error) {
      return Promise.reject(error)
    }
    this.#moved()
    return this.#isUnsaved ? this.#durable() : Promise.resolve()
  }

  /**
   * What a member has is available again. 'lost' counts as a delivery that failed, as the end of a lock does; 'closed'
   * does not: the member ended in good order and never looked at the records.
   */
  release(memberId: string, because: 'closed' | 'lost'): void {
    if (this.#closedBecause !== undefined) return
    const held = [...this.#runs].filter(one => one.holder === memberId)
    for (const run of held)
      this.#giveBack(because === 'lost' ? run : { ...run, count: Math.max(0, run.count - 1) })
    if (held.length > 0) this.#moved()
  }

  /** Calls when records may have become available. */
  watch(listener: () => void): () => void {
    this.#listeners.add(listener)
    this.#unwatch ??= this.partition.watch(() => this.#moved())
    return () => {
      this.#listeners.delete(listener)
      if (this.#listeners.size > 0) return
      this.#unwatch?.()
      this.#unwatch = undefined
    }
  }

  takeChange(): SettlementChange {
    const settled = this.#unsaved
    const failures = [...this.#unsavedFailures]
    this.#unsaved = []
    this.#unsavedFailures.clear()
    this.#underWay = this.#waiting
    this.#waiting = []
    return { cursor: this.state.cursor, acquiredUpTo: this.state.acquiredUpTo, settled, failures }
  }

  kept(): void {
    const done = this.#underWay
    this.#underWay = []
    for (const one of done) one.resolve()
  }

  refused(change: SettlementChange): void {
    this.#unsaved = [...change.settled, ...this.#unsaved]
    for (const [offset, count] of change.failures)
      if (!this.#unsavedFailures.has(offset)) this.#unsavedFailures.set(offset, count)
    this.#refuse(
      new BrokerError('STORAGE_FULL', `the acknowledgement of ${this.#title} is not on the disk yet`),
    )
  }

  /** Nobody reads it any more; who waits is told why. */
  close(reason: Error): void {
    this.#closedBecause = reason
    this.#alarm.clear()
    this.#unwatch?.()
    this.#unwatch = undefined
    this.#underWay = [...this.#underWay, ...this.#waiting]
    this.#waiting = []
    this.#refuse(reason)
    for (const listener of this.#listeners) listener()
  }

  get #title(): string {
    return `${this.partition.topic}-${this.partition.index}`
  }
  get #isUnsaved(): boolean {
    return this.#unsaved.length > 0 || this.#unsavedFailures.size > 0
  }

  #durable(): Promise<void> {
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }))
  }

  #refuse(error: Error): void {
    const refused = this.#underWay
    this.#underWay = []
    for (const one of refused) one.reject(error)
  }

  #moved(): void {
    for (const listener of this.#listeners) listener()
  }

  /** From what the cursor log says: what was in flight is available, with the deliveries that were counted. */
  #restore(start: Offset): void {
    const { state, partition } = this
    const { end } = partition.log
    const kept = [...state.settled]
    state.settled.clear()
    // A store that lost its last writes (flush: never) ends below what was settled: those offsets come again.
    for (const { from, to } of kept) state.settled.add(from, Math.min(to, end))
    const cursor = Math.min(Math.max(state.cursor, start, partition.start), Math.max(end, partition.start))
    state.cursor = state.settled.absorb(cursor)
    state.acquiredUpTo = Math.max(state.cursor, Math.min(state.acquiredUpTo, end))
    let at = state.cursor
    for (const { from, to } of state.settled) {
      this.#restoreRun(at, Math.min(from, state.acquiredUpTo))
      at = to
    }
    state.acquiredUpTo = Math.max(state.acquiredUpTo, at)
    this.#restoreRun(at, state.acquiredUpTo)
  }

  #restoreRun(from: Offset, to: Offset): void {
    const counted = [...(this.state.failures ?? [])].filter(([offset]) => offset >= from && offset < to)
    const idle = { holder: undefined, until: Number.POSITIVE_INFINITY }
    let at = from
    for (const [offset, count] of counted.sort(([a], [b]) => a - b)) {
      this.#runs.push({ ...idle, from: at, to: offset, count: 0 })
      this.#runs.push({ ...idle, from: offset, to: offset + 1, count })
      at = offset + 1
    }
    this.#runs.push({ ...idle, from: at, to, count: 0 })
  }

  /** The log forgot what was not settled: retention, or an administrator. */
  #catchUp(): void {
    const { start } = this.partition
    if (start > this.state.cursor) this.#settle(this.state.cursor, start)
  }

  /** Says of each batch whether a member may be given it. */
  #givableIn(slice: LogSlice, { isolation }: ShareRules): (batch: RecordBatch) => boolean {
    if (isolation === 'uncommitted') return batch => !batch.isControl
    const aborted = this.partition.abortedWithin(slice.start, slice.next)
    return batch =>
      !batch.isControl &&
      !(
        batch.isTransactional &&
        aborted.some(
          one =>
            one.producerId === batch.producerId &&
            one.firstOffset <= batch.baseOffset &&
            batch.baseOffset < one.lastOffset,
        )
      )
  }

  /** Takes what may be taken of a batch; false when that is nothing. */
  #take(
    from: Offset,
    to: Offset,
    taker: ShareTaker & { readonly until: number; readonly locksMax: number },
    taken: Taken,
  ): boolean {
    const { memberId: holder, until, exact, maxRecords } = taker
    let left = exact ? maxRecords - taken.records : Number.POSITIVE_INFINITY
    const before = taken.records
    const add = (run: Run): Run => {
      left -= run.to - run.from
      taken.addRange(run.from, run.to, run.count, run.from <= from)
      return run
    }
    for (const piece of this.#runs.within(from, Math.min(to, this.end))) {
      if (piece.holder !== undefined || left <= 0) continue
      const end = Math.min(piece.to, piece.from + left)
      this.#runs.replace(piece.from, end, one => add({ ...one, count: one.count + 1, holder, until }))
    }
    const fresh = Math.max(from, this.end)
    const end = Math.min(to, fresh + Math.min(left, taker.locksMax - this.#runs.offsets))
    if (end > fresh && fresh === this.end) {
      this.#runs.push(add({ from: fresh, to: end, count: 1, holder, until }))
      this.state.acquiredUpTo = end
    }
    return taken.records > before
  }

  /** Settles what nobody has. */
  #settleIdle(from: Offset, to: Offset): void {
    for (const { from: start, to: end, holder } of this.#runs.within(from, Math.min(to, this.end)))
      if (holder === undefined) this.#settle(start, end)
    if (to > this.end && from <= this.end) this.#settle(this.end, to)
  }

  #settle(from: Offset, to: Offset): void {
    if (to <= from) return
    const { state } = this
    this.#runs.replace(from, to, () => undefined)
    if (state.failures !== undefined)
      for (const offset of state.failures.keys())
        if (offset >= from && offset < to) state.failures.delete(offset)
    state.settled.add(from, to)
    state.cursor = state.settled.absorb(state.cursor)
    state.acquiredUpTo = Math.max(state.acquiredUpTo, to)
    const last = this.#unsaved.at(-1)
    if (last !== undefined && last.to === from)
      this.#unsaved[this.#unsaved.length - 1] = { from: last.from, to }
    else this.#unsaved.push({ from, to })
    this.#parts.touched(this)
  }

  #check(memberId: string, { from, to }: Acknowledgement): void {
    if (to > this.end)
      throw new BrokerError(
        'REQUEST_INVALID',
        `offset ${to - 1} of ${this.#title} was not delivered: deliveries end at ${this.end - 1}`,
      )
    const first = Math.max(from, this.start)
    let held = 0
    for (const piece of this.#runs.within(first, to))
      if (piece.holder === memberId) held += piece.to - piece.from
    if (held < to - first)
      throw new BrokerError(
        'LOCK_LOST',
        `member '${memberId}' does not have all of ${this.#title} ${first} to ${to - 1}: the lock ended, or they are settled`,
      )
  }

  #apply({ from, to, outcome }: Acknowledgement): void {
    if (outcome === 'renewed') {
      const until = this.#parts.world.now() + this.#parts.rules().lockMs
      this.#runs.replace(from, to, one => ({ ...one, until }))
    } else if (outcome === 'released') for (const piece of this.#runs.within(from, to)) this.#giveBack(piece)
    else this.#settle(Math.max(from, this.start), to)
  }

  /** Available again, unless it was delivered as often as it may be. */
  #giveBack({ from, to, count }: Run): void {
    if (count >= this.#parts.rules().deliveryLimit) {
      this.#settle(from, to)
      return
    }
    const idle = { count, holder: undefined, until: Number.POSITIVE_INFINITY }
    this.#runs.replace(from, to, one => ({ ...one, ...idle }))
    for (let offset = from; offset < to; offset++) {
      this.state.failures ??= new Map()
      this.state.failures.set(offset, count)
      this.#unsavedFailures.set(offset, count)
    }
    this.#parts.touched(this)
  }

  /** Locks that ended. Also sets the alarm for the next one. */
  #expire(): void {
    const now = this.#parts.world.now()
    const due = [...this.#runs].filter(one => one.until <= now)
    for (const run of due) this.#giveBack(run)
    this.#alarm.atMost(this.#runs.nextDue)
    if (due.length > 0) this.#moved()
  }
}
