// The metadata log: every definition (topics, offsets, users, ...) is a keyed record in it, null meaning gone. A part of
// the broker owns a *section* of keys and applies what is read back. A change is applied in memory at once, so that the
// next request sees it, and is answered only when it is durable; should the store refuse it, it is undone.
// When the log has grown well beyond what it says, a snapshot of all sections is appended and the past is trimmed.

import type { Log, LogStore, Offset } from '../log/index.ts'
import { batchesOf } from '../log/index.ts'
import { buildBatch } from '../log/record/builder.ts'
import { recordsOf } from '../log/record/records.ts'
import type { World } from '../world/index.ts'
import { BrokerError } from './errors.ts'
import { storageError } from './storage-error.ts'

export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json | undefined }

/** A family of keys with one owner. */
export interface Section {
  readonly name: string
  /** Takes what was written, at start and after each write; null means that the key is gone. */
  apply(key: string, value: Json): void
  /** All keys with their values, for a snapshot; also what undo needs. */
  entries(): Iterable<readonly [string, Json]>
  valueOf(key: string): Json | undefined
}

export interface Change {
  readonly section: string
  readonly key: string
  readonly value: Json
}

/** The name of the metadata log in its store. */
export const METADATA_LOG = '__metadata'
/** A snapshot is taken when the log holds this many bytes and is at least SNAPSHOT_RATIO times the last snapshot. */
const SNAPSHOT_BYTES_MIN = 8 * 1024 * 1024
const SNAPSHOT_RATIO = 3
/** Records of a snapshot are cut into batches of about this many bytes. */
const SNAPSHOT_BATCH_BYTES = 256 * 1024
/** Largest batch that is read back. */
const BATCH_BYTES_MAX = 64 * 1024 * 1024
const READ_BYTES = 1024 * 1024
/** Marks the start and the end of a snapshot; everything before the last complete one is void. */
const SNAPSHOT_BEGIN = '__snapshot-begin'
const SNAPSHOT_END = '__snapshot-end'

export class Journal {
  readonly #log: Log
  readonly #world: World
  readonly #sections = new Map<string, Section>()
  /** Keys with writes on their way, and what is durable of each. */
  readonly #pending = new Map<string, { durable: Json; writes: number }>()
  #snapshotBytes = 0
  #snapshotting: Promise<void> | undefined

  private constructor(log: Log, world: World) {
    this.#log = log
    this.#world = world
  }

  /** Opens the log and replays it into the sections. */
  static async open(store: LogStore, world: World, sections: readonly Section[]): Promise<Journal> {
    const journal = new Journal(await store.open(METADATA_LOG, { reserved: true }), world)
    for (const section of sections) journal.#sections.set(section.name, section)
    await journal.#replay()
    return journal
  }

  /** Applies the changes at once and resolves when they are durable. Errors: STORAGE_FULL, STORAGE_FAILED. */
  async write(changes: readonly Change[]): Promise<void> {
    if (changes.length === 0) return
    for (const change of changes) {
      this.#underWay(change)
      this.#apply(change)
    }
    try {
      await this.#log.append(this.#batch(changes))
    } catch (error) {
      for (const change of changes) this.#settle(change, 'refused')
      throw storageError(error)
    }
    for (const change of changes) this.#settle(change, 'durable')
    this.#snapshotWhenGrown()
  }

  /** Remembers what is durable of a key while writes of it are on their way. */
  #underWay({ section, key }: Change): void {
    const name = `${section} ${key}`
    const known = this.#pending.get(name)
    if (known !== undefined) known.writes++
    else this.#pending.set(name, { durable: this.#section(section).valueOf(key) ?? null, writes: 1 })
  }

  /** The last of several writes of a key to be refused takes them all back, to what is durable. */
  #settle({ section, key, value }: Change, outcome: 'durable' | 'refused'): void {
    const name = `${section} ${key}`
    const pending = this.#pending.get(name)
    if (pending === undefined) return
    if (outcome === 'durable') pending.durable = value
    if (--pending.writes > 0) return
    this.#pending.delete(name)
    if (outcome === 'refused') this.#apply({ section, key, value: pending.durable })
  }

  /** Ends a snapshot that is under way. */
  async close(): Promise<void> {
    await this.#snapshotting
  }

  async #replay(): Promise<void> {
    const begin = await this.#lastSnapshot()
    for await (const change of this.#changes(begin ?? this.#log.start))
      if (this.#sections.has(change.section)) this.#apply(change)
    this.#snapshotBytes = begin === undefined ? 0 : this.#log.bytes
  }

  /** Where the last complete snapshot begins. */
  async #lastSnapshot(): Promise<Offset | undefined> {
    let began: Offset | undefined
    let complete: Offset | undefined
    for await (const { section, offset } of this.#changes(this.#log.start)) {
      if (section === SNAPSHOT_BEGIN) began = offset
      else if (section === SNAPSHOT_END) complete = began
    }
    return complete
  }

  async *#changes(from: Offset): AsyncGenerator<Change & { readonly offset: Offset }> {
    for (let at = from; at < this.#log.end; ) {
      const slice = await this.#log.read(at, READ_BYTES)
      for (const chunk of slice.chunks) {
        for (const batch of batchesOf(chunk)) {
          for (const record of recordsOf(batch, { maxBytes: BATCH_BYTES_MAX })) {
            if (record.offset < from) continue
            const [section, key] = JSON.parse(record.key?.toString() ?? '[]') as [string, string]
            const value = record.value === null ? null : (JSON.parse(record.value.toString()) as Json)
            yield { section, key, value, offset: record.offset }
          }
        }
      }
      at = slice.next
    }
  }

  #snapshotWhenGrown(): void {
    if (this.#snapshotting !== undefined) return
    const { bytes } = this.#log
    if (bytes < SNAPSHOT_BYTES_MIN || bytes < this.#snapshotBytes * SNAPSHOT_RATIO) return
    this.#snapshotting = this.#snapshot().finally(() => {
      this.#snapshotting = undefined
    })
  }

  /**
   * Appends all sections between two marks and trims what came before. The appends are issued in one go, so no other
   * change can stand between the marks. A failure leaves the old past in place, which is still right.
   */
  async #snapshot(): Promise<void> {
    const before = this.#log.bytes
    const begin = this.#log.nextOffset
    try {
      await Promise.all(this.#snapshotBatches().map(changes => this.#log.append(this.#batch(changes))))
      await this.#log.roll()
      await this.#log.trim(begin)
      this.#snapshotBytes = Math.max(0, this.#log.bytes - before) || this.#log.bytes
    } catch {
      this.#snapshotBytes = before // the store says itself what is wrong; try again when the log has grown further
    }
  }

  #snapshotBatches(): Change[][] {
    const batches: Change[][] = [[{ section: SNAPSHOT_BEGIN, key: '', value: null }]]
    let bytes = 0
    for (const section of this.#sections.values()) {
      for (const [key, value] of section.entries()) {
        if (bytes > SNAPSHOT_BATCH_BYTES) {
          batches.push([])
          bytes = 0
        }
        batches.at(-1)?.push({ section: section.name, key, value })
        bytes += key.length + (JSON.stringify(value)?.length ?? 0) + 16
      }
    }
    batches.push([{ section: SNAPSHOT_END, key: '', value: null }])
    return batches
  }

  #batch(changes: readonly Change[]) {
    const timestamp = this.#world.now()
    return buildBatch(
      changes.map(({ section, key, value }) => ({
        timestamp,
        key: Buffer.from(JSON.stringify([section, key])),
        value: value === null ? null : Buffer.from(JSON.stringify(value)),
        headers: [],
      })),
    )
  }

  #apply({ section, key, value }: Change): void {
    if (section !== SNAPSHOT_BEGIN && section !== SNAPSHOT_END) this.#section(section).apply(key, value)
  }

  #section(name: string): Section {
    const section = this.#sections.get(name)
    if (section === undefined)
      throw new BrokerError('REQUEST_INVALID', `the metadata log has no section '${name}'`)
    return section
  }
}
