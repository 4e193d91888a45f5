// One segment of a log: a file of batches, one after another, nothing between them. `bytes` counts what was given a place
// in it; what lies in the file may end earlier (the rest is still in memory) or later (refused or unfinished writes,
// which nobody reads and the next write replaces).

import { LogError } from '../errors.ts'
import type { Offset } from '../log.ts'
import { BATCH_HEADER_BYTES, BATCH_PREFIX_BYTES, RecordBatch } from '../record/batch.ts'
import type { Disk, DiskFile } from './disk.ts'
import { Flushes } from './flushes.ts'
import { OpenFile } from './open-file.ts'
import type { OpenSegments } from './open-segments.ts'
import type { Entry, MarkRow, Placed } from './section.ts'
import { SegmentIndex } from './segment-index.ts'
import { SECTION_BYTES } from './store-options.ts'
import { writeFully } from './write-fully.ts'

/** Read at a time when a segment is walked. */
const WALK_BYTES = 1024 * 1024

/** What a segment lies in. */
export interface Surroundings {
  readonly disk: Disk
  /** Told of files that are opened; the recovery keeps its own count. */
  readonly openSegments?: OpenSegments
  /** Bytes of a section of a segment's index; SECTION_BYTES when left out. */
  readonly sectionBytes?: number
  /** Told of folders that are made: a log has one from its first segment on. */
  madeFolder?(folder: string): void
}

export class Segment {
  readonly base: Offset
  readonly folder: string
  /** Rises with every rewrite; part of the file's name. */
  readonly generation: number
  bytes: number
  maxTimestamp: number
  /** One past the last offset it may hold, once it is sealed. */
  end: Offset | undefined
  verifiedAt: number | undefined
  /** Written since the last flush. */
  dirty = false
  /** The file's name may not be durable yet. */
  isNew = false
  readonly #surroundings: Surroundings
  #file: OpenFile | undefined
  #flushes: Flushes | undefined
  /** Made with the first batch that is placed or looked for. */
  #index: SegmentIndex | undefined
  /** The log has no more use for it: what still comes for it goes nowhere. */
  #isRemoved = false

  constructor(
    surroundings: Surroundings,
    folder: string,
    at: {
      readonly base: Offset
      readonly generation?: number
      readonly bytes?: number
      readonly maxTimestamp?: number
      readonly end?: Offset
      readonly marks?: readonly MarkRow[]
    },
  ) {
    this.#surroundings = surroundings
    this.folder = folder
    this.base = at.base
    this.generation = at.generation ?? 0
    this.bytes = at.bytes ?? 0
    this.maxTimestamp = at.maxTimestamp ?? -1
    this.end = at.end
    if (at.marks !== undefined) this.#index = this.#indexWith(at.marks)
  }

  get path(): string {
    return `${this.folder}/${segmentFileName(this.base, this.generation)}`
  }

  /** Something in it may not be durable yet. */
  get needsSync(): boolean {
    return !this.#isRemoved && (this.dirty || this.isNew || this.#flushes !== undefined)
  }

  /** A batch got its place at the end. */
  place(base: Offset, bytes: number, maxTimestamp: number): number {
    const position = this.bytes
    this.#indexed().place({ base, position, bytes, maxTimestamp }, this.maxTimestamp)
    this.bytes += bytes
    if (maxTimestamp > this.maxTimestamp) this.maxTimestamp = maxTimestamp
    return position
  }

  /** Takes back everything from `position` on. */
  unplace(position: number): void {
    this.bytes = position
    this.#index?.cut(position)
  }

  /** Writes into the page cache. Errors: the disk's. */
  write(buffers: readonly Buffer[], position: number): void {
    if (this.#isRemoved) return
    this.dirty = true
    writeFully(this.#openForWriting(), buffers, position)
  }

  read(into: Buffer, position: number): number {
    return this.#openForReading().read(into, position)
  }
  readLater(into: Buffer, position: number): Promise<number> {
    return this.#openForReading().readLater(into, position)
  }

  /** Bytes in the file now; 0 when there is no file. */
  fileBytes(): number {
    try {
      return this.#openForReading().size()
    } catch (error) {
      if (isMissing(error)) return 0
      throw error
    }
  }

  truncate(bytes: number): void {
    this.dirty = true
    this.#openForWriting().truncate(bytes)
  }

  /** Makes the file's bytes durable; its name is the folder's matter. */
  async sync(): Promise<void> {
    if (this.#isRemoved) return
    this.dirty = false
    this.#flushes ??= new Flushes()
    await this.#flushes.all([this.#openForWriting().sync()])
    if (this.#flushes?.isUnderWay === false) this.#flushes = undefined // a segment at rest is to take little
  }

  /** As those of its index, with `filled` as how far the file holds batches. Errors: the disk's. */
  positionOf(offset: Offset, filled: number): number {
    return this.#indexed().positionOf(offset, filled)
  }
  exactPositionOf(offset: Offset, filled: number): number | undefined {
    return this.#indexed().exactPositionOf(offset, filled)
  }
  positionOfTime(timestampMs: number, filled: number): number {
    return this.#indexed().positionOfTime(timestampMs, filled)
  }
  lastEntry(bounds: Parameters<SegmentIndex['lastEntry']>[0], filled: number): Entry | undefined {
    return this.#indexed().lastEntry(bounds, filled)
  }
  /** Where sections of the index begin that lie before `bytes`: given to the next process, it need not walk all of the file. */
  marks(bytes: number): readonly MarkRow[] {
    return this.#index?.marks(bytes) ?? []
  }

  /** Its file, which is not closed before `release`, whatever becomes of the segment. */
  hold(): { readonly file: DiskFile; readonly release: () => void } {
    const file = this.#openForReading()
    return { file, release: file.hold() }
  }

  closeFile(): void {
    if (this.#file === undefined) return
    this.#surroundings.openSegments?.closed(this)
    this.#file.close()
    this.#file = undefined
  }

  /** Removes the file; none is fine. */
  remove(): void {
    this.#isRemoved = true
    this.closeFile()
    try {
      this.#surroundings.disk.remove(this.path)
    } catch (error) {
      if (!isMissing(error)) throw error
    }
  }

  /**
   * The batches in [from, filled) of the file, header by header. Where the lengths make no sense it ends with LOG_ROTTEN,
   * or goes on at the next batch that can be believed. A batch is a view of memory that the next ones are read into.
   */
  *walk(
    from: number,
    filled: number,
    damage: 'throw' | 'skip' = 'throw',
  ): Generator<{ readonly position: number; readonly batch: RecordBatch }> {
    let room = Buffer.allocUnsafeSlow(Math.max(0, Math.min(WALK_BYTES, filled - from)))
    for (let at = from; at < filled; ) {
      const chunk = room.subarray(0, filled - at)
      const got = this.read(chunk, at)
      let used = 0
      for (;;) {
        const bytes = wholeBatchAt(chunk.subarray(0, got), used)
        if (bytes === undefined) break
        yield { position: at + used, batch: new RecordBatch(chunk.subarray(used, used + bytes)) }
        used += bytes
      }
      if (used === 0) {
        const needed = got >= BATCH_PREFIX_BYTES ? chunk.readInt32BE(8) + BATCH_PREFIX_BYTES : 0
        const isDamaged = needed < BATCH_HEADER_BYTES || needed > filled - at || needed <= got
        if (isDamaged || got < chunk.length) {
          if (damage === 'throw') throw this.rotten(at)
          used = this.#damagedBytes(at, filled)
        } else room = Buffer.allocUnsafeSlow(needed)
      }
      at += used
    }
  }

  /** As `SegmentIndex` walks it. */
  *placedIn(from: number, to: number): Generator<Placed> {
    for (const { position, batch } of this.walk(from, to, 'skip')) {
      const { baseOffset: base, bytes, maxTimestamp } = batch
      yield { base, position, bytes, maxTimestamp }
    }
  }

  /** From `at` to the next whole batch with the right checksum, or to the end. */
  #damagedBytes(at: number, filled: number): number {
    const rest = Buffer.allocUnsafeSlow(filled - at)
    const got = this.read(rest, at)
    for (let skipped = 1; skipped + BATCH_HEADER_BYTES <= got; skipped++) {
      const bytes = wholeBatchAt(rest.subarray(0, got), skipped)
      if (bytes === undefined) continue
      const batch = new RecordBatch(rest.subarray(skipped, skipped + bytes))
      if (batch.baseOffset >= this.base && batch.flaw() === undefined) return skipped
    }
    return filled - at
  }

  rotten(position: number): LogError {
    return new LogError('LOG_ROTTEN', `${this.path} is damaged at byte ${position}`, {
      file: this.path,
      position,
    })
  }

  #indexed(): SegmentIndex {
    this.#index ??= this.#indexWith([])
    return this.#index
  }

  #indexWith(marks: readonly MarkRow[]): SegmentIndex {
    return new SegmentIndex(this, marks, this.#surroundings.sectionBytes ?? SECTION_BYTES)
  }

  #openForReading(): OpenFile {
    return this.#file ?? this.#opened(this.#surroundings.disk.open(this.path, 'write'))
  }

  #openForWriting(): OpenFile {
    if (this.#file !== undefined) return this.#file
    try {
      return this.#opened(this.#surroundings.disk.open(this.path, 'write'))
    } catch (error) {
      if (!isMissing(error)) throw error
      this.isNew = true
      return this.#opened(this.#create())
    }
  }

  #create(): DiskFile {
    const { disk } = this.#surroundings
    try {
      return disk.open(this.path, 'create')
    } catch (error) {
      if (!isMissing(error)) throw error
      disk.makeFolder(this.folder)
      this.#surroundings.madeFolder?.(this.folder)
      return disk.open(this.path, 'create')
    }
  }

  #opened(file: DiskFile): OpenFile {
    const opened = new OpenFile(file)
    this.#file = opened
    this.#surroundings.openSegments?.opened(this)
    return opened
  }
}

/** `00000000000000000000.log`, and `00000000000000000000.2.log` after two rewrites. */
export function segmentFileName(base: Offset, generation: number): string {
  return `${String(base).padStart(20, '0')}${generation === 0 ? '' : `.${generation}`}.log`
}

/** Bytes of the batch at `at` when the buffer holds all of it and it looks like one. */
export function wholeBatchAt(buffer: Buffer, at: number): number | undefined {
  if (at + BATCH_HEADER_BYTES > buffer.length) return undefined
  const bytes = buffer.readInt32BE(at + 8) + BATCH_PREFIX_BYTES
  return bytes >= BATCH_HEADER_BYTES && at + bytes <= buffer.length && buffer.readInt8(at + 16) === 2
    ? bytes
    : undefined
}

export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
