// Messages that are to be delivered later: held in one log for the whole broker, whatever queue or exchange they are
// for, and passed on when their time comes. A message is settled here only when its destination has it. Memory does not
// grow with how many are held (due-messages.ts); nor does the disk with how many were: a message for next year would keep
// everything after it from being forgotten, so what is oldest is carried forward when most of the log is settled.

import { deferred } from '../../flow/index.ts'
import type { Offset } from '../../log/index.ts'
import type { RecordHeader } from '../../log/record/records.ts'
import type { World } from '../../world/index.ts'
import { BrokerError } from '../errors.ts'
import type { Topics } from '../topics/topics.ts'
import { DueMessages } from './due-messages.ts'
import { Lane } from './lane.ts'
import type { Facts, Message, Publication, Receipt } from './message.ts'
import { MessageReader } from './message-reader.ts'
import { type Afloat, Outbox } from './outbox.ts'
import type { Settlements } from './settlements.ts'

/** The topic that holds them. */
export const SCHEDULE_TOPIC = '__scheduled'
const DUE_HEADER = 'posthorn.due'
const ASKED_HEADER = 'posthorn.asked'
/** The log is looked at when another so many messages were passed on. */
const CARRY_EVERY = 10_000
/** The oldest messages are carried forward when there are this many times as many offsets as messages held. */
const CARRY_RATIO = 4
/** Messages that are carried at once. */
const CARRY_MESSAGES = 1000
/** A destination that does not take its message is asked again after this, ms. */
const RETRY_MS = 1000

/** Where a message goes when it is due. */
export type Destination =
  | { readonly to: 'queue'; readonly vhost: string; readonly queue: string }
  | {
      readonly to: 'exchange'
      readonly vhost: string
      readonly exchange: string
      readonly routingKeys: readonly string[]
    }

export interface ScheduleParts {
  readonly world: World
  readonly topics: Topics
  /** Asked for when the schedule opens. */
  readonly settlements: () => Settlements
  readonly afloat: Afloat
  /** Passes a message on. Errors, thrown or by the receipt: those that pass (full, storage) make it try again. */
  readonly deliver: (destination: Destination, publication: Publication, receipt: Receipt) => void
  readonly onFault: (error: unknown) => void
}

/** What is kept of a publication beside its record. */
interface Asked {
  readonly destination: Destination
  readonly publication: Omit<Publication, 'record' | 'deliverAt'>
}

const noFacts: Facts = { expiresAt: Number.POSITIVE_INFINITY, groupId: undefined, dedupId: undefined }

interface Opened {
  readonly lane: Lane
  readonly outbox: Outbox
  readonly due: DueMessages
}

export class Schedule {
  readonly #parts: ScheduleParts
  #opened: Opened | undefined
  #opening: Promise<Opened> | undefined
  /** Offsets that are due and not read yet. */
  #due: Offset[] = []
  #passed = 0
  #carrying = false
  #closed = false

  constructor(parts: ScheduleParts) {
    this.#parts = parts
  }

  /** Messages that are held. */
  get count(): number {
    return this.#opened?.lane.readyCount ?? 0
  }

  /** Everything below this offset of its log is passed on. */
  get oldest(): Offset {
    return this.#opened?.lane.cursor ?? 0
  }

  /** Goes on with what was held before. */
  async open(): Promise<void> {
    if (this.#parts.topics.get(SCHEDULE_TOPIC) !== undefined) await this.#open()
  }

  /** Keeps a message until `dueAt` (ms since 1970); the receipt is told when it is kept, or why it is not. */
  hold(
    dueAt: number,
    destination: Destination,
    publication: Publication,
    receipt: Receipt | undefined,
  ): void {
    const opened = this.#opened
    if (opened !== undefined) this.#put(opened, dueAt, destination, publication, receipt)
    else
      this.#open().then(
        late => this.#put(late, dueAt, destination, publication, receipt),
        error => receipt?.done(error),
      )
  }

  /**
   * Writes the oldest messages again behind all others, where most of what follows them is settled, so that the log can
   * be trimmed. A crash in between leaves a message twice.
   */
  async carry(): Promise<void> {
    const opened = this.#opened
    if (opened === undefined || this.#carrying) return
    this.#carrying = true
    try {
      const { lane } = opened
      const isSparse = (): boolean => lane.end - lane.cursor > CARRY_RATIO * (lane.readyCount + CARRY_EVERY)
      while (!this.#closed && isSparse()) if ((await this.#carryOldest(opened)) === 0) return
    } catch (error) {
      this.#parts.onFault(error)
    } finally {
      this.#carrying = false
    }
  }

  close(): void {
    this.#closed = true
    this.#opened?.due.close()
    this.#opened?.lane.close()
  }

  #open(): Promise<Opened> {
    this.#opening ??= this.#create().catch(error => {
      this.#opening = undefined
      throw error
    })
    return this.#opening
  }

  async #create(): Promise<Opened> {
    const { topics, world, afloat, onFault } = this.#parts
    const settlements = this.#parts.settlements()
    const topic = await topics.findOrCreate({ name: SCHEDULE_TOPIC, partitions: 1, isQueue: true })
    const [partition] = topic.partitions
    if (partition === undefined) throw new BrokerError('TOPIC_UNKNOWN', `${SCHEDULE_TOPIC} has no partition`)
    const name = `${topic.id}/0`
    const due = new DueMessages({
      world,
      isNeeded: () => true,
      timeOf,
      due: (lane, offset) => this.#pass(lane, offset),
      onFault: (_, error) => onFault(error),
    })
    const lane: Lane = new Lane({
      name,
      partition,
      state: settlements.restore(name),
      owns: true,
      owner: {
        expiryOf: () => Number.POSITIVE_INFINITY,
        laneMoved: () => due.catchUp(),
        laneFailed: (_, error) => onFault(error),
      },
      keeper: settlements,
    })
    settlements.add(lane)
    const outbox = new Outbox({
      partition,
      lane,
      afloat,
      placed: (base, _, records) => due.placed(lane, base, records.length, n => timeOf(records[n] ?? {})),
      refused: () => due.restart(),
    })
    due.use([lane], { from: 'cursor' })
    this.#opened = { lane, outbox, due }
    return this.#opened
  }

  /** Gives how many were carried. */
  async #carryOldest({ lane, outbox }: Opened): Promise<number> {
    const oldest: Message[] = []
    const reader = new MessageReader(lane.partition, lane.cursor)
    while (oldest.length < CARRY_MESSAGES) {
      const message = reader.next(offset => !lane.isSettled(offset) && !lane.isOut(offset))
      if (message === undefined) break
      if (message instanceof Promise) await message
      else if (lane.withdraw(message.offset)) oldest.push(message)
    }
    const carried = oldest.map(({ offset, timestamp, key, value, headers }) => {
      const done = deferred()
      outbox.put({ timestamp, key, value, headers }, noFacts, {
        done: error => {
          if (error === undefined) lane.settle(offset)
          else lane.giveBack(offset)
          done.resolve()
        },
      })
      return done.promise
    })
    await Promise.all(carried)
    return oldest.filter(({ offset }) => lane.isSettled(offset)).length
  }

  #put(
    { outbox }: Opened,
    dueAt: number,
    destination: Destination,
    { record, deliverAt: _, ...publication }: Publication,
    receipt: Receipt | undefined,
  ): void {
    const asked: Asked = { destination, publication }
    const headers: RecordHeader[] = [
      ...(record.headers ?? []),
      { key: DUE_HEADER, value: Buffer.from(String(dueAt)) },
      { key: ASKED_HEADER, value: Buffer.from(JSON.stringify(asked)) },
    ]
    outbox.put({ ...record, headers }, noFacts, receipt)
  }

  /** Those of one sweep are read together. */
  #pass(lane: Lane, offset: Offset): void {
    if (this.#due.length === 0) queueMicrotask(() => void this.#passAll(lane))
    this.#due.push(offset)
  }

  async #passAll(lane: Lane): Promise<void> {
    const offsets = this.#due.sort((a, b) => a - b)
    this.#due = []
    try {
      await lane.find(offsets, message => this.#deliver(lane, message))
    } catch (error) {
      this.#parts.onFault(error)
      for (const offset of offsets) if (!lane.isSettled(offset)) this.#later(lane, offset)
    }
  }

  #deliver(lane: Lane, message: Message): void {
    const asked = askedOf(message)
    if (asked === undefined) {
      lane.settle(message.offset) // written by somebody else: there is nowhere to send it
      return
    }
    const { timestamp, key, value } = message
    const headers = message.headers.filter(one => one.key !== DUE_HEADER && one.key !== ASKED_HEADER)
    const done = (error?: unknown): void => {
      if (error === undefined || !isPassing(error)) {
        lane.settle(message.offset)
        if (++this.#passed % CARRY_EVERY === 0) void this.carry()
      } else this.#later(lane, message.offset)
    }
    try {
      this.#parts.deliver(
        asked.destination,
        { ...asked.publication, record: { timestamp, key, value, headers } },
        { done },
      )
    } catch (error) {
      done(error)
    }
  }

  #later(lane: Lane, offset: Offset): void {
    if (!this.#closed) this.#parts.world.after(RETRY_MS, () => this.#pass(lane, offset))
  }
}

function timeOf({ headers = [] }: { readonly headers?: readonly RecordHeader[] }): number {
  const text = headers.findLast(one => one.key === DUE_HEADER)?.value?.toString() ?? ''
  return /^\d{1,15}$/.test(text) ? Number(text) : 0
}

function askedOf({ headers }: Message): Asked | undefined {
  const text = headers.findLast(one => one.key === ASKED_HEADER)?.value?.toString()
  try {
    return text === undefined ? undefined : (JSON.parse(text) as Asked)
  } catch {
    return undefined
  }
}

/** Whether the same may succeed later. A destination that is gone will not come back. */
function isPassing(error: unknown): boolean {
  return !(error instanceof BrokerError) || error.code === 'STORAGE_FULL' || error.code === 'STORAGE_FAILED'
}
