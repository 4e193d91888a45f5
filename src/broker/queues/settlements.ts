// The cursor log: what is settled in every queue and subscription of the broker, in one log. Each turn's settlements of
// all queues go out as one batch, at most one at a time, so that acknowledging costs no flush of its own under load.
// A record is what changed of one cursor since its record before; when the log has grown well beyond what it says, all
// cursors are written whole and the past is trimmed.
//
//   key: the cursor's name   value: null when it is gone, else settlement-format.ts
//
// A settlement that a crash takes away means that the message is delivered again, never that it is lost.

import { batchesOf, type Log, type LogStore } from '../../log/index.ts'
import { buildBatch, type NewRecord } from '../../log/record/builder.ts'
import { recordsOf } from '../../log/record/records.ts'
import type { Timer, World } from '../../world/index.ts'
import type { OffsetRange } from './offset-ranges.ts'
import { OffsetRanges } from './offset-ranges.ts'
import { packSettlement, unpackSettlement } from './settlement-format.ts'

/** The name of the cursor log in its store. */
export const CURSOR_LOG = '__cursors'
const SNAPSHOT_BYTES_MIN = 16 * 1024 * 1024
const SNAPSHOT_RATIO = 3
const SNAPSHOT_BATCH_BYTES = 256 * 1024
const BATCH_BYTES_MAX = 64 * 1024 * 1024
const READ_BYTES = 1024 * 1024
/** After the store refused (full disk), in ms. */
const RETRY_MS = 1000
const SNAPSHOT_BEGIN = 'begin'
const SNAPSHOT_END = 'end'

/** What is known of one cursor. */
export interface SettledState {
  /** Everything below is settled. */
  cursor: number
  /** Above it. */
  readonly settled: OffsetRanges
  /** Everything at or above was never given to a consumer. */
  acquiredUpTo: number
  /** Failed deliveries of messages that are still there; undefined as long as there was none. */
  failures: Map<number, number> | undefined
}

/** What changed of a cursor. */
export interface SettlementChange {
  readonly cursor: number
  readonly acquiredUpTo: number
  readonly settled: readonly OffsetRange[]
  readonly failures: readonly (readonly [offset: number, count: number])[]
}

/** A cursor that is kept here. */
export interface Settling {
  readonly name: string
  readonly state: SettledState
  /** What changed since it was last asked. */
  takeChange(): SettlementChange
  /** What `takeChange` gave last is durable. */
  kept(): void
  /** The store refused it: it is to be part of the next change. */
  refused(change: SettlementChange): void
}

export class Settlements {
  readonly #log: Log
  readonly #world: World
  /** Read back and not asked for yet. */
  readonly #restored: Map<string, SettledState>
  readonly #settling = new Map<string, Settling>()
  #dirty = new Set<Settling>()
  #gone: string[] = []
  #writing: Promise<void> | undefined
  #scheduled = false
  #retry: Timer | undefined
  #snapshotBytes = 0
  #closed = false

  private constructor(log: Log, world: World, restored: Map<string, SettledState>) {
    this.#log = log
    this.#world = world
    this.#restored = restored
    this.#snapshotBytes = log.bytes
  }

  /** Opens the log and reads it back. */
  static async open(store: LogStore, world: World): Promise<Settlements> {
    const log = await store.open(CURSOR_LOG, { reserved: true })
    return new Settlements(log, world, await replay(log))
  }

  /** What is known of a cursor: a fresh state where nothing is. */
  restore(name: string): SettledState {
    const known = this.#restored.get(name)
    this.#restored.delete(name)
    return known ?? freshState()
  }

  /** Cursors that were read back and not asked for yet, whose names begin so. */
  namesFrom(prefix: string): string[] {
    return [...this.#restored.keys()].filter(name => name.startsWith(prefix))
  }

  /** Begins to keep a cursor. */
  add(one: Settling): void {
    this.#settling.set(one.name, one)
  }

  /** Forgets a cursor for good. */
  remove(name: string): void {
    const one = this.#settling.get(name)
    const known = this.#restored.delete(name) || one !== undefined
    this.#settling.delete(name)
    if (one !== undefined) this.#dirty.delete(one)
    if (!known) return
    this.#gone.push(name)
    this.#schedule()
  }

  /** Something of the cursor changed: it goes out with the next batch. */
  touch(one: Settling): void {
    if (this.#dirty.has(one)) return
    this.#dirty.add(one)
    this.#schedule()
  }

  /** Resolves when everything settled so far is durable, or was refused. */
  async flush(): Promise<void> {
    while (this.#writing !== undefined || this.#scheduled) {
      if (this.#writing === undefined) this.#write()
      await this.#writing
    }
  }

  async close(): Promise<void> {
    await this.flush()
    this.#closed = true
    this.#retry?.cancel()
  }

  #schedule(): void {
    if (this.#scheduled || this.#closed) return
    this.#scheduled = true
    if (this.#writing === undefined && this.#retry === undefined) queueMicrotask(() => this.#write())
  }

  #write(): void {
    if (this.#writing !== undefined || !this.#scheduled) return
    this.#scheduled = false
    const settling = [...this.#dirty]
    const gone = this.#gone
    this.#dirty = new Set()
    this.#gone = []
    const changes = settling.map(one => one.takeChange())
    const records = settling.map((one, n) => record(one.name, packSettlement(changes[n] as SettlementChange)))
    for (const name of gone) records.push(record(name, null))
    if (records.length === 0) return
    this.#writing = this.#log.append(buildBatch(records)).then(
      () => {
        for (const one of settling) one.kept()
        this.#afterWrite(undefined)
      },
      () => {
        // The store itself says what is wrong. What was settled stays so in memory, and is written when there is room.
        settling.forEach((one, n) => {
          one.refused(changes[n] as SettlementChange)
          if (this.#settling.has(one.name)) this.#dirty.add(one)
        })
        this.#gone.push(...gone)
        this.#afterWrite(RETRY_MS)
      },
    )
  }

  #afterWrite(retryMs: number | undefined): void {
    this.#writing = undefined
    if (retryMs !== undefined && !this.#closed) {
      this.#retry = this.#world.after(retryMs, () => {
        this.#retry = undefined
        this.#scheduled = true
        this.#write()
      })
      return
    }
    if (this.#isGrown()) this.#snapshot()
    if (this.#scheduled) this.#write()
  }

  #isGrown(): boolean {
    const { bytes } = this.#log
    return bytes >= SNAPSHOT_BYTES_MIN && bytes >= this.#snapshotBytes * SNAPSHOT_RATIO
  }

  /** All cursors whole between two marks, issued in one go; then the past is trimmed. A failure leaves the past. */
  #snapshot(): void {
    const before = this.#log.bytes
    const begin = this.#log.nextOffset
    const appends = this.#snapshotBatches().map(records => this.#log.append(buildBatch(records)))
    this.#writing = Promise.all(appends)
      .then(async () => {
        await this.#log.roll()
        await this.#log.trim(begin)
        this.#snapshotBytes = Math.max(1, this.#log.bytes - before)
      })
      .catch(() => {
        this.#snapshotBytes = before // tried again when the log has grown further
      })
      .then(() => {
        this.#writing = undefined
        if (this.#scheduled) this.#write()
      })
  }

  #snapshotBatches(): NewRecord[][] {
    const batches: NewRecord[][] = [[record('', Buffer.from(SNAPSHOT_BEGIN))]]
    let bytes = 0
    for (const [name, state] of this.#states()) {
      const value = packSettlement({
        ...state,
        settled: [...state.settled],
        failures: [...(state.failures ?? [])],
      })
      if (bytes > SNAPSHOT_BATCH_BYTES) {
        batches.push([])
        bytes = 0
      }
      batches.at(-1)?.push(record(name, value))
      bytes += name.length + value.length + 16
    }
    batches.push([record('', Buffer.from(SNAPSHOT_END))])
    return batches
  }

  *#states(): Generator<readonly [string, SettledState]> {
    yield* this.#restored
    for (const [name, { state }] of this.#settling)
      if (state.cursor > 0 || state.settled.size > 0 || state.acquiredUpTo > 0) yield [name, state]
  }
}

export function freshState(): SettledState {
  return { cursor: 0, settled: new OffsetRanges(), acquiredUpTo: 0, failures: undefined }
}

function record(name: string, value: Buffer | null): NewRecord {
  return { timestamp: -1, key: Buffer.from(name), value }
}

/** The states that the log says, from its last whole snapshot on. */
async function replay(log: Log): Promise<Map<string, SettledState>> {
  let states = new Map<string, SettledState>()
  let fresh: Map<string, SettledState> | undefined
  for (let at = log.start; at < log.end; ) {
    const slice = await log.read(at, READ_BYTES)
    for (const chunk of slice.chunks)
      for (const batch of batchesOf(chunk))
        for (const { offset, key, value } of recordsOf(batch, { maxBytes: BATCH_BYTES_MAX })) {
          if (offset < at) continue
          const name = key?.toString() ?? ''
          if (name !== '') {
            apply(states, name, value)
            if (fresh !== undefined) apply(fresh, name, value)
          } else if (value?.toString() === SNAPSHOT_BEGIN) fresh = new Map()
          else if (fresh !== undefined) {
            states = fresh
            fresh = undefined
          }
        }
    at = slice.next
  }
  return states
}

function apply(states: Map<string, SettledState>, name: string, value: Buffer | null): void {
  if (value === null) {
    states.delete(name)
    return
  }
  let state = states.get(name)
  if (state === undefined) {
    state = freshState()
    states.set(name, state)
  }
  const change = unpackSettlement(value)
  for (const { from, to } of change.settled) state.settled.add(from, to)
  state.cursor = state.settled.absorb(Math.max(state.cursor, change.cursor))
  state.acquiredUpTo = Math.max(state.acquiredUpTo, change.acquiredUpTo)
  if (change.failures.length > 0) {
    state.failures ??= new Map()
    for (const [offset, count] of change.failures) state.failures.set(offset, count)
  }
  for (const offset of state.failures?.keys() ?? [])
    if (offset < state.cursor || state.settled.has(offset)) state.failures?.delete(offset)
}
