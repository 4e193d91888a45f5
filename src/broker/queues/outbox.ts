// Messages on their way into one partition: what comes in one turn of the event loop is stored as one batch, so that a
// message costs no append, no flush and no promise of its own.

import { type Deferred, deferred } from '../../flow/index.ts'
import { buildBatch, type NewRecord } from '../../log/record/builder.ts'
import type { Partition } from '../partition/partition.ts'
import type { Lane } from './lane.ts'
import { bodyBytes, type Facts, type Message, messageOfNew, type Receipt, withFacts } from './message.ts'

/** A batch is closed at this size, before the turn ends. */
const BATCH_BYTES = 1024 * 1024
const BATCH_RECORDS = 10_000

/** Bytes of messages on their way to the disk, over all queues of a broker. */
export interface Afloat {
  bytes: number
  /** Called when a batch has landed. */
  landed(): void
}

interface Group {
  records: NewRecord[]
  facts: Facts[]
  receipts: (Receipt | undefined)[]
  bytes: number
  /** For who waits until the group is stored or refused. */
  landed: Deferred<void> | undefined
}

export interface OutboxParts {
  readonly partition: Partition
  readonly afloat: Afloat
  /** The lane that reads the partition; it is told of what comes, so that it need not read it back. */
  readonly lane?: Lane
  /** The messages got these offsets, from `base` on, and are not durable yet. */
  readonly placed?: (base: number, facts: readonly Facts[], records: readonly NewRecord[]) => void
  /** The store took none of them: their offsets are given out again. */
  readonly refused?: () => void
}

export class Outbox {
  readonly #parts: OutboxParts
  #group: Group = emptyGroup()
  /** The youngest group that is under way: groups land in the order in which they were closed. */
  #lastClosed: Group | undefined
  /** Messages, and bytes of their bodies, that are not durable yet. */
  #messages = 0
  #bytes = 0

  constructor(parts: OutboxParts) {
    this.#parts = parts
  }

  get messages(): number {
    return this.#messages
  }
  get bytes(): number {
    return this.#bytes
  }

  /** Resolves when what came so far is stored or refused; undefined when nothing is under way. */
  arrivals(): Promise<void> | undefined {
    const last = this.#group.records.length > 0 ? this.#group : this.#lastClosed
    if (last === undefined) return undefined
    last.landed ??= deferred()
    return last.landed.promise
  }

  /** Takes a message; its buffers are kept until it is stored. `receipt` is told when it is durable, or why not. */
  put(record: NewRecord, facts: Facts, receipt: Receipt | undefined): void {
    const group = this.#group
    if (group.records.length === 0) queueMicrotask(() => this.#close(group))
    const bytes = bodyBytes(record)
    group.records.push(withFacts(record, facts))
    group.facts.push(facts)
    group.receipts.push(receipt)
    group.bytes += bytes
    this.#messages++
    this.#bytes += bytes
    if (group.bytes >= BATCH_BYTES || group.records.length >= BATCH_RECORDS) this.#close(group)
  }

  #close(group: Group): void {
    if (this.#group !== group || group.records.length === 0) return
    this.#group = emptyGroup()
    this.#lastClosed = group
    const { partition, lane, afloat, placed } = this.#parts
    let appended: Promise<number>
    let kept: ReturnType<Lane['appended']>
    try {
      const batch = buildBatch(group.records)
      const base = partition.log.nextOffset
      kept = lane?.appended(base, () => messagesOf(base, group))
      placed?.(base, group.facts, group.records)
      appended = partition.appendBuilt(batch)
    } catch (error) {
      appended = Promise.reject(error)
    }
    afloat.bytes += group.bytes
    appended.then(
      () => {
        this.#landed(group)
        lane?.stored(kept, 'durable')
        for (const receipt of group.receipts) receipt?.done()
        group.landed?.resolve()
      },
      error => {
        this.#landed(group)
        lane?.stored(kept, 'refused')
        this.#parts.refused?.()
        for (const receipt of group.receipts) receipt?.done(error)
        group.landed?.resolve()
      },
    )
  }

  #landed(group: Group): void {
    if (this.#lastClosed === group) this.#lastClosed = undefined
    this.#messages -= group.records.length
    this.#bytes -= group.bytes
    this.#parts.afloat.bytes -= group.bytes
    this.#parts.afloat.landed()
  }
}

function emptyGroup(): Group {
  return { records: [], facts: [], receipts: [], bytes: 0, landed: undefined }
}

function messagesOf(base: number, { records, facts }: Group): Message[] {
  return records.map((record, n) => messageOfNew(base + n, record, facts[n] as Facts))
}
