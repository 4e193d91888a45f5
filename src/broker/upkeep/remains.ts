// What a cleaning leaves of one batch (Kafka: Cleaner.cleanInto; delete horizon: KIP-534). Pure: given the same batches
// in the same order it decides the same.
//
//   record     stays when it is the last of its key, or beyond what the key table covers
//   tombstone  the same, until the horizon of its batch has passed: set by the cleaning that first keeps it
//   aborted    goes
//   marker     stays while a batch of its transaction does; then gets a horizon, and goes when that has passed
//   batch      stays, be it empty, when it holds its producer's last sequence, or ends the cleaned range (what is read
//              must lead up to the end of the log)

import type { Offset, RecordBatch } from '../../log/index.ts'
import { readEndMarker } from '../../log/record/control.ts'
import { RecordCursor } from '../../log/record/cursor.ts'
import { rebuildBatch } from '../../log/record/rebuild.ts'
import { UNFOLDED_BYTES_MAX } from '../partition/admission.ts'
import type { ProducerState } from '../partition/producers.ts'
import type { AbortedBatches } from './aborted-batches.ts'
import type { KeyTable } from './key-table.ts'

/** What one cleaning goes by from its first batch to its last. */
export interface CleaningRules {
  /** Ms since 1970. */
  readonly nowMs: number
  readonly deleteRetentionMs: number
  /** Last offset of each key below `to`. */
  readonly keys: KeyTable
  /** One past the last offset that the table covers; records from there on stay. */
  readonly to: Offset
  readonly aborted: AbortedBatches
  /** For each producer that is remembered, what must stay of it. */
  readonly lastOf: ReadonlyMap<number, LastOfProducer>
}

/** Where a producer's last sequence is; without one, the epoch that its last marker told. */
export interface LastOfProducer {
  readonly offset: Offset | undefined
  readonly epoch: number
}

/** What must stay of each producer, by what is durable of it. */
export function lastOfProducers(
  states: Iterable<ProducerState>,
  end: Offset,
): ReadonlyMap<number, LastOfProducer> {
  const last = new Map<number, LastOfProducer>()
  for (const { producerId, epoch, batches } of states)
    last.set(producerId, { offset: batches.findLast(one => one.lastOffset < end)?.lastOffset, epoch })
  return last
}

/** A walk over the batches of a partition from its start. */
export class Remains {
  readonly #rules: CleaningRules
  /** Producers of whose transaction a batch was seen, and no marker yet. */
  readonly #seen: Set<number>
  readonly #spent: Set<Offset>

  constructor(rules: CleaningRules, seen: Iterable<number> = [], spent: Iterable<Offset> = []) {
    this.#rules = rules
    this.#seen = new Set(seen)
    this.#spent = new Set(spent)
  }

  /** Another walk that goes on from here. */
  copy(): Remains {
    return new Remains(this.#rules, this.#seen, this.#spent)
  }

  /** Offsets of abort markers that were passed and of whose transaction nothing is left. */
  get spentAborts(): ReadonlySet<Offset> {
    return this.#spent
  }

  /** The batch itself, less of it, or undefined. Errors: LOG_BATCH_INVALID. */
  of(batch: RecordBatch): RecordBatch | undefined {
    if (batch.baseOffset >= this.#rules.to) return batch
    return batch.isControl ? this.#ofControl(batch) : this.#ofData(batch)
  }

  #ofControl(batch: RecordBatch): RecordBatch | undefined {
    const { rules, endsRange } = { rules: this.#rules, endsRange: this.#endsRange(batch) }
    if (batch.recordCount === 0) return endsRange ? batch : undefined
    if (readEndMarker(batch) === undefined || this.#seen.delete(batch.producerId)) return batch
    // A committed reader that is told of the abort waits for this marker: first that must be forgotten, then it may go.
    const told = rules.aborted.endsAt(batch.baseOffset)
    if (told) this.#spent.add(batch.baseOffset)
    if (told || !this.#isPastHorizon(batch) || this.#isLastWord(batch)) return this.#withHorizon(batch)
    return rebuildBatch(batch, () => false, { maxBytes: UNFOLDED_BYTES_MAX, keepEmpty: endsRange })
  }

  #ofData(batch: RecordBatch): RecordBatch | undefined {
    if (batch.isTransactional) this.#seen.add(batch.producerId)
    const keepEmpty = this.#endsRange(batch) || this.#isLastSequence(batch)
    const maxBytes = UNFOLDED_BYTES_MAX
    if (this.#rules.aborted.holds(batch)) return rebuildBatch(batch, () => false, { maxBytes, keepEmpty })
    const { kept, tombstones } = this.#judge(batch)
    const horizon = tombstones && !batch.hasDeleteHorizon ? this.#horizon : undefined
    if (kept.every(Boolean) && horizon === undefined && batch.recordCount > 0) return batch
    let at = 0
    return rebuildBatch(batch, () => kept[at++] === true, {
      maxBytes,
      keepEmpty,
      ...(horizon === undefined ? {} : { deleteHorizon: horizon }),
    })
  }

  /** For each record whether it stays, and whether one of those is a tombstone. */
  #judge(batch: RecordBatch): { kept: boolean[]; tombstones: boolean } {
    const { keys, to } = this.#rules
    const dropTombstones = this.#isPastHorizon(batch)
    const { baseOffset } = batch
    const cursor = new RecordCursor(batch, UNFOLDED_BYTES_MAX)
    const kept: boolean[] = []
    let tombstones = false
    while (cursor.next()) {
      const offset = baseOffset + cursor.offsetDelta
      const key = cursor.key()
      const isLast = offset >= to || (key !== null && offset >= (keys.get(key) ?? 0))
      const isTombstone = cursor.valueAt < 0
      const stays = isLast && !(isTombstone && dropTombstones && offset < to)
      kept.push(stays)
      tombstones ||= stays && isTombstone
    }
    return { kept, tombstones }
  }

  #withHorizon(batch: RecordBatch): RecordBatch {
    if (batch.hasDeleteHorizon) return batch
    const options = { maxBytes: UNFOLDED_BYTES_MAX, deleteHorizon: this.#horizon }
    return rebuildBatch(batch, () => true, options) ?? batch
  }

  get #horizon(): number {
    return Math.min(this.#rules.nowMs + this.#rules.deleteRetentionMs, Number.MAX_SAFE_INTEGER)
  }

  /** A batch with a horizon has it in place of its base timestamp. */
  #isPastHorizon(batch: RecordBatch): boolean {
    return batch.hasDeleteHorizon && batch.baseTimestamp <= this.#rules.nowMs
  }

  #isLastSequence({ producerId, lastOffset }: RecordBatch): boolean {
    return producerId >= 0 && this.#rules.lastOf.get(producerId)?.offset === lastOffset
  }

  #isLastWord({ producerId, producerEpoch }: RecordBatch): boolean {
    const last = this.#rules.lastOf.get(producerId)
    return last !== undefined && last.offset === undefined && last.epoch === producerEpoch
  }

  #endsRange(batch: RecordBatch): boolean {
    return batch.lastOffset + 1 === this.#rules.to
  }
}
