// What a partition remembers of its idempotent producers (KIP-98, KIP-360): the last five batches of each, so that a
// batch sent again is answered with its first offset, a gap is refused, and a producer of an older epoch is fenced; and
// where the transaction begins that a producer has open here.

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
  /** Of this epoch, oldest first. */
  batches: RememberedBatch[]
  /** The sequence that must come next; undefined when the past is not known, so that any may. */
  nextSequence: number | undefined
  /** Of the last batch or marker, ms since 1970. */
  lastTimestamp: number
  coordinatorEpoch: number
  /** First offset of the transaction that is open here. */
  openSince: Offset | undefined
}

export class Producers {
  /** Made for the first: most partitions have none. */
  #states: Map<number, ProducerState> | undefined
  /** Producers with a transaction open here, in the order of its first offset: the first one bounds what is stable. */
  #open: Map<number, Offset> | undefined

  get size(): number {
    return this.#states?.size ?? 0
  }

  /** Offset of the first batch of an open transaction; undefined when none is open. */
  get firstOpen(): Offset | undefined {
    for (const offset of this.#open?.values() ?? []) return offset
    return undefined
  }

  /** All of them, in no order. */
  list(): Iterable<ProducerState> {
    return this.#all
  }

  get(producerId: number): ProducerState | undefined {
    return this.#states?.get(producerId)
  }

  /**
   * Accepts the batch (undefined), or gives the remembered one that it repeats.
   * Errors: PRODUCER_FENCED (an older epoch), SEQUENCE_OUT_OF_ORDER (a gap, or a repeat too old to remember).
   */
  check(batch: RecordBatch): RememberedBatch | undefined {
    const state = this.get(batch.producerId)
    const first = batch.baseSequence
    if (state === undefined) return undefined // its past was trimmed or it is new: Kafka accepts any first sequence
    if (batch.producerEpoch < state.epoch)
      throw new BrokerError(
        'PRODUCER_FENCED',
        `producer ${batch.producerId} has epoch ${batch.producerEpoch}, a newer one has ${state.epoch}`,
      )
    if (batch.producerEpoch > state.epoch) {
      if (first !== 0) throw outOfOrder(batch, 0)
      return undefined
    }
    const repeated = state.batches.find(
      one => one.firstSequence === first && one.lastSequence === lastSequenceOf(batch),
    )
    if (repeated !== undefined) return repeated
    if (state.nextSequence !== undefined && first !== state.nextSequence)
      throw outOfOrder(batch, state.nextSequence)
    return undefined
  }

  /** Remembers an accepted batch under its base offset. */
  record(batch: RecordBatch): void {
    const state = this.#stateOf(batch.producerId, batch.producerEpoch)
    if (batch.producerEpoch > state.epoch) {
      state.epoch = batch.producerEpoch
      state.batches = []
    }
    const lastSequence = lastSequenceOf(batch)
    state.batches.push({
      firstSequence: batch.baseSequence,
      lastSequence,
      offset: batch.baseOffset,
      lastOffset: batch.lastOffset,
      timestamp: batch.maxTimestamp,
    })
    if (state.batches.length > BATCHES_REMEMBERED) state.batches.shift()
    state.nextSequence = wrap(lastSequence + 1)
    state.lastTimestamp = batch.maxTimestamp
    if (batch.isTransactional && state.openSince === undefined) {
      state.openSince = batch.baseOffset
      this.#open ??= new Map()
      this.#open.set(batch.producerId, batch.baseOffset)
    }
  }

  /** A transaction marker of this producer was written: its transaction is over. Gives where it had begun. */
  end(producerId: number, epoch: number, coordinatorEpoch: number, timestamp: number): Offset | undefined {
    const state = this.#stateOf(producerId, epoch)
    const began = state.openSince
    if (epoch > state.epoch) {
      state.epoch = epoch
      state.batches = []
      state.nextSequence = 0
    }
    state.openSince = undefined
    this.#open?.delete(producerId)
    state.coordinatorEpoch = coordinatorEpoch
    state.lastTimestamp = timestamp
    return began
  }

  /**
   * Forgets everything at or after `end`, which was refused by the store. A producer is then expected to go on where
   * the refusal began, or a batch that was sent behind the refused one would leave a gap.
   */
  undoFrom(end: Offset): void {
    for (const state of this.#all) {
      Object.assign(state, cutAt(state, end))
      if (state.openSince === undefined) this.#open?.delete(state.producerId)
    }
  }

  /** Forgets producers whose last batch is older than `before` (ms since 1970) and who have nothing open. */
  expire(before: number): void {
    for (const [producerId, state] of this.#states ?? [])
      if (state.lastTimestamp < before && state.openSince === undefined) this.#states?.delete(producerId)
  }

  /** What is known of the batches below `end`, to be kept: what is still on its way to the disk may never arrive. */
  knownAt(end: Offset): ProducerState[] {
    return [...this.#all].map(state => cutAt(state, end))
  }

  /** Takes back what a snapshot kept, and nothing else. */
  restore(states: Iterable<ProducerState>): void {
    const known = new Map<number, ProducerState>()
    for (const state of states) known.set(state.producerId, { ...state, batches: [...state.batches] })
    this.#states = known
    const open = [...known.values()].flatMap(({ producerId, openSince }) =>
      openSince === undefined ? [] : [[producerId, openSince] as const],
    )
    this.#open = new Map(open.sort(([, a], [, b]) => a - b))
  }

  get #all(): Iterable<ProducerState> {
    return this.#states?.values() ?? []
  }

  #stateOf(producerId: number, epoch: number): ProducerState {
    this.#states ??= new Map()
    let state = this.#states.get(producerId)
    if (state === undefined) {
      state = {
        producerId,
        epoch,
        batches: [],
        nextSequence: undefined,
        lastTimestamp: -1,
        coordinatorEpoch: -1,
        openSince: undefined,
      }
      this.#states.set(producerId, state)
    }
    return state
  }
}

/** The state without what lies at or after `end`. */
function cutAt(state: ProducerState, end: Offset): ProducerState {
  const batches = state.batches.filter(one => one.offset < end)
  const refused = state.batches[batches.length]
  return {
    ...state,
    batches,
    nextSequence: refused === undefined ? state.nextSequence : refused.firstSequence,
    openSince: state.openSince !== undefined && state.openSince < end ? state.openSince : undefined,
  }
}

/** By the offsets and not by the records: compaction takes records away and leaves a batch its sequences. */
function lastSequenceOf(batch: RecordBatch): number {
  return wrap(batch.baseSequence + batch.lastOffsetDelta)
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
