// Messages with a time: those that expire, wherever they lie in their queue, and those that are held until they are due.
// Each lane has an index of times, bounded however many messages there are; what it cannot hold, or never saw (messages
// that were there at the start, or came from another protocol), is found by reading the lane in the background.

import type { Offset } from '../../log/index.ts'
import type { World } from '../../world/index.ts'
import { Interrupted, Pace } from '../upkeep/pace.ts'
import { Alarm } from './alarm.ts'
import type { Lane } from './lane.ts'
import { bodyBytes, type Message } from './message.ts'
import { MessageReader, type ReaderOptions } from './message-reader.ts'
import { TimeIndex } from './time-index.ts'
import { TimedHeap } from './timed-heap.ts'

/** Messages that come due before others get a turn of the event loop. */
const TURN_MESSAGES = 1000
/** A message that came due while it was out is looked at again after this, ms. */
const OUT_MS = 1000
/** One that came due before it was stored is looked at again after this, ms. */
const UNSTORED_MS = 10
/** What reading a message costs beside its body, for the pace. */
const RECORD_BYTES = 200

interface Watched {
  readonly lane: Lane
  readonly index: TimeIndex
  readonly reader: MessageReader
  readonly outlived: TimedHeap<Offset>
  reading: Promise<void> | undefined
}

export interface DueParts {
  readonly world: World
  /** Whether messages can have a time at all: without, nothing is read. */
  readonly isNeeded: () => boolean
  /** The message's time, ms since 1970; Infinity when it has none. */
  readonly timeOf: (message: Message) => number
  /** The message's time has come; it is out. */
  readonly due: (lane: Lane, offset: Offset) => void
  /** Reading failed: messages may come due late, when somebody else looks at them. */
  readonly onFault: (lane: Lane, error: unknown) => void
}

export class DueMessages {
  readonly #parts: DueParts
  readonly #alarm: Alarm
  readonly #pace: Pace
  #watched: readonly Watched[] = []
  #closed = false

  constructor(parts: DueParts) {
    this.#parts = parts
    this.#alarm = new Alarm(parts.world, () => this.#sweep())
    this.#pace = new Pace(parts.world)
  }

  /** Watches these lanes, from `from` on: everything that is not settled (`cursor`), or what comes (`end`). */
  use(
    lanes: readonly Lane[],
    { from, ...options }: ReaderOptions & { readonly from: 'cursor' | 'end' },
  ): void {
    this.#watched = lanes.map(lane => ({
      lane,
      index: new TimeIndex(),
      reader: new MessageReader(lane.partition, lane[from], options),
      outlived: new TimedHeap<Offset>(),
      reading: undefined,
    }))
    this.catchUp()
  }

  /** Looks at everything again: their times changed, or offsets were taken back. */
  restart(): void {
    for (const one of this.#watched) {
      one.index.clear()
      one.reader.seek(one.lane.cursor)
    }
    this.catchUp()
  }

  /** So many messages were appended to the lane from `base` on; `timeAt` gives the time of each. */
  placed(lane: Lane, base: Offset, count: number, timeAt: (n: number) => number): void {
    const one = this.#of(lane)
    if (one === undefined || one.reader.at !== base || one.reading !== undefined) return // found by reading
    for (let n = 0; n < count; n++) {
      const time = timeAt(n)
      if (time !== Number.POSITIVE_INFINITY) one.index.add(base + n, time)
    }
    one.reader.seek(base + count)
    this.#alarm.atMost(one.index.next)
  }

  /** Reads what was not looked at yet, where messages can have a time. */
  catchUp(): void {
    if (!this.#parts.isNeeded()) return
    for (const one of this.#watched) if (one.reader.at < one.lane.end) this.#read(one)
  }

  close(): void {
    this.#closed = true
    this.#alarm.clear()
    this.#pace.stop()
  }

  #of(lane: Lane): Watched | undefined {
    return this.#watched.find(one => one.lane === lane)
  }

  #sweep(): void {
    if (this.#closed) return
    const now = this.#parts.world.now()
    for (const one of this.#watched) {
      if (one.reading === undefined) this.#sweepLane(one, now)
      this.#alarm.atMost(Math.min(one.index.next, one.outlived.next))
    }
  }

  #sweepLane(one: Watched, now: number): void {
    const { index, outlived } = one
    for (let left = TURN_MESSAGES; left > 0; left--) {
      const offset = outlived.takeDue(now) ?? index.takeDue(now)
      if (offset === undefined) break
      this.#due(one, offset, now)
    }
    if (index.needsScan(now) && outlived.next > now) {
      index.beginScan()
      one.reader.seek(one.lane.cursor)
      this.#read(one)
    }
  }

  #due({ lane, outlived, index }: Watched, offset: Offset, now: number): void {
    if (lane.isSettled(offset)) return
    if (lane.withdraw(offset)) this.#parts.due(lane, offset)
    else if (offset >= lane.end) index.add(offset, now + UNSTORED_MS)
    else if (lane.isOut(offset)) outlived.push(now + OUT_MS, offset)
  }

  #read(one: Watched): void {
    one.reading ??= this.#readAll(one)
      .catch(error => {
        if (!(error instanceof Interrupted)) this.#parts.onFault(one.lane, error)
      })
      .finally(() => {
        one.reading = undefined
        if (!this.#closed) this.#alarm.atMost(one.index.next)
      })
  }

  async #readAll({ lane, reader, index }: Watched): Promise<void> {
    for (;;) {
      if (index.isScanned) {
        reader.seek(lane.end) // what is left out lies beyond the horizon, and so does what follows
        return
      }
      const message = reader.next(offset => !lane.isSettled(offset))
      if (message === undefined) return
      if (message instanceof Promise) await message
      else {
        const time = this.#parts.timeOf(message)
        if (time !== Number.POSITIVE_INFINITY) index.add(message.offset, time)
        await this.#pace.spent(bodyBytes(message) + RECORD_BYTES)
      }
    }
  }
}
