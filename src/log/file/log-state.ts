// What a checkpoint says of a log, and what recovery gives back.

import type { EpochStart, Offset } from '../log.ts'
import type { MarkRow } from './section.ts'

/** One segment as it is durable. */
export interface SegmentState {
  base: Offset
  generation: number
  bytes: number
  maxTimestamp: number
  end?: Offset
  /** Where sections of its index begin; none when it has but one. */
  marks?: readonly MarkRow[]
}

/** One log as it is durable. */
export interface LogState {
  readonly id: number
  readonly name: string
  start: Offset
  end: Offset
  digest: number
  epochs: EpochStart[]
  segments: SegmentState[]
  /** Ranges whose bytes are damaged. */
  rotten: { from: Offset; to: Offset }[]
}

/** A log in which nothing was ever written. */
export function freshState(id: number, name: string): LogState {
  return { id, name, start: 0, end: 0, digest: 0, epochs: [], segments: [], rotten: [] }
}

/** A state that may be changed without changing this one. */
export function copyOf(state: LogState): LogState {
  return {
    ...state,
    epochs: [...state.epochs],
    segments: state.segments.map(one => ({ ...one })),
    rotten: [...state.rotten],
  }
}

/** The folder of a log's segments. */
export function logFolder(id: number): string {
  return `logs/${id}`
}

/** The epochs that still have offsets in [start, end). */
export function epochsWithin(epochs: readonly EpochStart[], start: Offset, end: Offset): EpochStart[] {
  return epochs
    .filter((_, at) => (epochs[at + 1]?.start ?? end) > start)
    .map(one => (one.start < start ? { ...one, start } : one))
}
