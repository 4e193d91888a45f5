// What a partition remembers of its idempotent producers (KIP-98): the last five batches of each, so that a batch sent
// again is answered with its first offset, a gap is refused, and a producer of an older epoch is fenced.

import type { Offset, RecordBatch } from '../../log/index.ts'
import { BrokerError } from '../errors.ts'

/** Batches a producer may have in flight, and so how many are remembered. */
export const BATCHES_REMEMBERED = 5
const SEQUENCE_MAX = 0x7fff_ffff

export interface RememberedBatch {
  readonly firstSequence: number
  readonly lastSequence: number
  readonly offset: Offset
  readonly lastOffset: Offset
  readonly timestamp: number
}

export interface ProducerState {
  readonly producerId: number
  epoch: number
  /** Oldest first. */
  batches: RememberedBatch[]
  /** Of the last batch or marker, ms since 1970. */
  lastTimestamp: number
  coordinatorEpoch: number
  /** First offset of the transaction that is open here. */
  openSince: Offset | undefined
}

export class Producers {
  readonly #states = new Map<number, ProducerState>()

  get size(): number {
    return this.#states.size
  }

  /** All of them, in no order. */
  list(): Iterable<ProducerState> {
    return this.#states.values()
  }

  get(producerId: number): ProducerState | undefined {
    return this.#states.get(producerId)
  }

  /**
   * Accepts the batch (undefined), or gives the remembered one that it repeats.
   * Errors: PRODUCER_FENCED (an older epoch), SEQUENCE_OUT_OF_ORDER (a gap, or a repeat too old to remember).
   */
  check(batch: RecordBatch): RememberedBatch | undefined {
    const state = this.#states.get(batch.producerId)
    const first = batch.baseSequence
    if (state === undefined) return undefined // its past was trimmed or it is new: Kafka accepts any first sequence
    if (batch.producerEpoch < state.epoch)
      throw new BrokerError(
        'PRODUCER_FENCED',
        `producer ${batch.producerId} has epoch ${batch.producerEpoch}, a newer one has ${state.epoch}`,
      )
    const last = state.batches.at(-1)
    if (batch.producerEpoch > state.epoch) {
      if (first !== 0) throw outOfOrder(batch, 0)
      return undefined
    }
    const repeated = state.batches.find(
      one => one.firstSequence === first && one.lastSequence === lastSequenceOf(batch),
    )
    if (repeated !== undefined) return repeated
    if (last !== undefined && first !== nextSequence(last.lastSequence))
      throw outOfOrder(batch, nextSequence(last.lastSequence))
    return undefined
  }

  /** Remembers an accepted batch under its base offset. */
  record(batch: RecordBatch): void {
    const state = this.#stateOf(batch.producerId, batch.producerEpoch)
    if (batch.producerEpoch > state.epoch) {
      state.epoch = batch.producerEpoch
      state.batches = []
    }
    state.batches.push({
      firstSequence: batch.baseSequence,
      lastSequence: lastSequenceOf(batch),
      offset: batch.baseOffset,
      lastOffset: batch.lastOffset,
      timestamp: batch.maxTimestamp,
    })
    if (state.batches.length > BATCHES_REMEMBERED) state.batches.shift()
    state.lastTimestamp = batch.maxTimestamp
    if (batch.isTransactional) state.openSince ??= batch.baseOffset
  }

  /** A transaction marker of this producer was written: its transaction is over. Gives where it had begun. */
  end(producerId: number, epoch: number, coordinatorEpoch: number, timestamp: number): Offset | undefined {
    const state = this.#stateOf(producerId, epoch)
    const began = state.openSince
    if (epoch > state.epoch) {
      state.epoch = epoch
      state.batches = []
    }
    state.openSince = undefined
    state.coordinatorEpoch = coordinatorEpoch
    state.lastTimestamp = timestamp
    return began
  }

  /** Forgets everything at or after `end`, which was refused by the store. */
  undoFrom(end: Offset): void {
    for (const [producerId, state] of this.#states) {
      state.batches = state.batches.filter(one => one.offset < end)
      if (state.openSince !== undefined && state.openSince >= end) state.openSince = undefined
      if (state.batches.length === 0 && state.openSince === undefined && state.coordinatorEpoch < 0)
        this.#states.delete(producerId)
    }
  }

  /** Forgets producers whose last batch is older than `before` (ms since 1970) and who have nothing open. */
  expire(before: number): void {
    for (const [producerId, state] of this.#states)
      if (state.lastTimestamp < before && state.openSince === undefined) this.#states.delete(producerId)
  }

  /** Takes back what a snapshot kept. */
  restore(state: ProducerState): void {
    this.#states.set(state.producerId, state)
  }

  #stateOf(producerId: number, epoch: number): ProducerState {
    let state = this.#states.get(producerId)
    if (state === undefined) {
      state = {
        producerId,
        epoch,
        batches: [],
        lastTimestamp: -1,
        coordinatorEpoch: -1,
        openSince: undefined,
      }
      this.#states.set(producerId, state)
    }
    return state
  }
}

function lastSequenceOf(batch: RecordBatch): number {
  return wrap(batch.baseSequence + batch.recordCount - 1)
}

function nextSequence(sequence: number): number {
  return wrap(sequence + 1)
}

/** Sequences go on from 0 after 2^31 - 1. */
function wrap(sequence: number): number {
  return sequence > SEQUENCE_MAX ? sequence - SEQUENCE_MAX - 1 : sequence
}

function outOfOrder(batch: RecordBatch, expected: number): BrokerError {
  return new BrokerError(
    'SEQUENCE_OUT_OF_ORDER',
    `producer ${batch.producerId} sent sequence ${batch.baseSequence}, expected is ${expected}`,
  )
}
