// A log of the file engine. An append gets its offset and its place in a segment at once, and goes to the committer; the
// batches of small commits stay in memory (the *tail*) after the write-ahead log made them durable, until they are
// *spilled* into their segment's file in larger pieces.

import { LogError } from '../errors.ts'
import type { Epoch, EpochStart, Log, LogExtent, LogOptions, LogSlice, Offset, SegmentInfo } from '../log.ts'
import { owned } from '../owned.ts'
import type { RecordBatch } from '../record/batch.ts'
import { Watchers } from '../watchers.ts'
import { type Append, batchesOfRun } from './append.ts'
import { emptySlice, extentOfParts, type Parts, readParts, seekParts } from './log-reading.ts'
import { epochsWithin, type LogState, logFolder, type SegmentState } from './log-state.ts'
import type { Owner } from './owner.ts'
import { type RottenRange, readableTo, withRotten } from './rotten-ranges.ts'
import { Segment } from './segment.ts'
import { Tail } from './tail.ts'
import { digestAfter, type RunEntry } from './wal-format.ts'

/** Segments are sealed at this size unless the log's options say otherwise. */
const SEGMENT_BYTES = 128 * 1024 * 1024

/** Of logs that were never written or damaged. */
const none: readonly never[] = []

export class FileLog implements Log {
  readonly id: number
  readonly name: string
  readonly #owner: Owner
  readonly #watchers = new Watchers()
  #options: LogOptions
  #segments: Segment[]
  #start: Offset
  /** Where the log begins after a restart: a trim that was refused may be asked for again. */
  #durableStart: Offset
  #end: Offset
  #next: Offset
  #digest: number
  #committed: { segment: Segment; bytes: number; digest: number }
  #epochs: readonly EpochStart[]
  #rotten: readonly RottenRange[]
  readonly #tail = new Tail()
  #ended: LogError | undefined

  /** `tail` are the runs that are not in their segments yet, in order. */
  constructor(
    owner: Owner,
    state: LogState,
    { options = {}, tail = [] }: { readonly options?: LogOptions; readonly tail?: readonly RunEntry[] } = {},
  ) {
    this.#owner = owner
    this.id = state.id
    this.name = state.name
    this.#options = options
    this.#start = state.start
    this.#durableStart = state.start
    this.#end = state.end
    this.#next = state.end
    this.#digest = state.digest
    this.#epochs = state.epochs.length === 0 ? none : [...state.epochs]
    this.#rotten = state.rotten.length === 0 ? none : [...state.rotten]
    this.#segments = state.segments.map(one => this.#segmentAt(one))
    // Not by `push`, which makes room for sixteen: a hundred thousand logs have one segment each.
    if (this.#segments.at(-1)?.end !== undefined || this.#segments.length === 0)
      this.#segments = this.#segments.concat([this.#segmentAt({ base: state.end })])
    const active = this.#active
    this.#committed = { segment: active, bytes: active.bytes, digest: state.digest }
    for (const run of tail) this.#pushRun(run)
    owner.tailChanged(this, this.#tail.bytes)
  }

  get folder(): string {
    return logFolder(this.id)
  }
  get start(): Offset {
    return this.#start
  }
  get end(): Offset {
    return this.#end
  }
  get nextOffset(): Offset {
    return this.#next
  }
  get epoch(): Epoch {
    return this.#owner.epoch
  }
  get epochs(): readonly EpochStart[] {
    return this.#epochs
  }
  get bytes(): number {
    return this.#segments.reduce((sum, one) => sum + one.bytes, 0)
  }
  /** As they are durable: one whose last batches are on their way still counts as being written. */
  get segments(): readonly SegmentInfo[] {
    const there = this.#segments.filter(one => one.base <= this.#end)
    return there.map(one => ({
      base: one.base,
      end: Math.min(one.end ?? this.#end, this.#end),
      bytes: one.bytes,
      maxTimestamp: one.maxTimestamp,
      sealed: this.#isSealed(one),
      ...(one.verifiedAt !== undefined && { verifiedAt: one.verifiedAt }),
    }))
  }
  /** The segments themselves, for the store: checkpoints, handles, the scrubber. */
  get files(): readonly Segment[] {
    return this.#segments
  }
  get tailBytes(): number {
    return this.#tail.bytes
  }
  /** Appends go on when the disk is nearly full. */
  get isReserved(): boolean {
    return this.#options.reserved === true
  }

  configure(options: LogOptions): void {
    this.#options = options
  }

  append(batch: RecordBatch, fence?: Epoch): Promise<Offset> {
    const refusal = this.#ended ?? this.#fenced(fence) ?? this.#owner.refusal(this)
    if (refusal !== undefined) return Promise.reject(refusal)
    return new Promise((resolve, reject) => {
      const append = this.#place(batch, resolve, reject)
      this.#tail.push(append)
      this.#owner.tailChanged(this, append.buffer.length)
      this.#owner.commit(append)
    })
  }

  read(from: Offset, maxBytes: number): LogSlice | Promise<LogSlice> {
    if (this.#ended !== undefined && this.#ended.code !== 'LOG_STORE_FAILED') throw this.#ended
    if (from < this.#start || from > this.#end)
      throw new LogError(
        'LOG_OFFSET_OUT_OF_RANGE',
        `offset ${from} of ${this.name} is outside [${this.#start}, ${this.#end}]`,
        { from, start: this.#start, end: this.#end },
      )
    if (from === this.#end) return emptySlice(from)
    const limit = readableTo(this.#rotten, { name: this.name, from, end: this.#end })
    return readParts(this.#parts, { from, limit, maxBytes })
  }

  extent(from: Offset, maxBytes: number, limit: Offset): LogExtent | undefined {
    // What is wrong with it, or with the offset, `read` says.
    if (this.#ended !== undefined || this.#rotten.length > 0 || from < this.#start || from >= this.#end)
      return undefined
    return extentOfParts(this.#parts, { from, limit: Math.min(limit, this.#end), maxBytes })
  }

  async seek(timestampMs: number): Promise<Offset | undefined> {
    if (this.#ended !== undefined) throw this.#ended
    return seekParts(this.#parts, { timestampMs, start: this.#start, end: this.#end })
  }

  async trim(before: Offset): Promise<void> {
    if (this.#ended !== undefined) throw this.#ended
    if (before > this.#end)
      throw new LogError(
        'LOG_OFFSET_OUT_OF_RANGE',
        `cannot trim ${this.name} to ${before}, its end is ${this.#end}`,
        { before, end: this.#end },
      )
    if (before <= this.#durableStart) return
    if (before > this.#start) {
      this.#start = before
      this.#watchers.notify()
    }
    await this.#owner.trim(this, before)
  }

  async roll(): Promise<void> {
    if (this.#ended !== undefined) throw this.#ended
    this.#seal()
  }

  async rewrite(base: Offset, batches: AsyncIterable<RecordBatch>): Promise<void> {
    if (this.#ended !== undefined) throw this.#ended
    const old = this.#segments.find(one => one.base === base && this.#isSealed(one))
    if (old?.end === undefined)
      throw new LogError('LOG_OFFSET_OUT_OF_RANGE', `${this.name} has no sealed segment at ${base}`, { base })
    const fresh = this.#segmentAt({ base, generation: old.generation + 1, end: old.end })
    try {
      for await (const batch of batches) {
        const position = fresh.place(batch.baseOffset, batch.bytes, batch.maxTimestamp)
        this.#onDisk(() => fresh.write([batch.buffer], position))
      }
      if (fresh.bytes === 0) this.#onDisk(() => fresh.truncate(0))
    } catch (error) {
      this.#owner.discard(fresh)
      throw error
    }
    await this.#owner.rewrite(this, fresh)
  }

  watch(listener: () => void): () => void {
    return this.#watchers.add(listener)
  }

  /** How far the segment's file holds its batches; what follows is in the tail. */
  filled(segment: Segment): number {
    return this.#tail.filled(segment)
  }

  /** A commit made these durable: readers see them. */
  committed(last: Append): void {
    this.#end = last.next
    this.#committed = {
      segment: last.segment,
      bytes: last.position + last.buffer.length,
      digest: last.digestAfter,
    }
  }
  notify(): void {
    this.#watchers.notify()
  }

  /** Writes the committed tail into the segments' files. Errors: the disk's. */
  spill(): void {
    this.#tailLeft(this.#tail.spill(this.#end))
  }

  /** Writes these batches, the last of the tail, into their file at once. Errors: the disk's. */
  writeDirectly(run: readonly Append[]): void {
    const [first] = run
    if (first === undefined) return
    first.segment.write(
      run.map(one => one.buffer),
      first.position,
    )
  }

  /** These lie in their file now: they leave the tail. */
  leaveTail(run: readonly Append[]): void {
    this.#tailLeft(this.#tail.drop(run))
  }

  /** Takes back every append that is not committed: offsets, places, digests. */
  undo(): void {
    const { segment, bytes, digest } = this.#committed
    const end = this.#end
    this.#tailLeft(this.#tail.cut(end))
    while (this.#active.base > end) this.#owner.discard(this.#segments.pop() ?? segment)
    // A segment that was sealed stays so, it may have been rewritten: then the empty one after it is left.
    const active = this.#active
    active.end = undefined
    active.unplace(active === segment ? bytes : 0)
    this.#next = this.#end
    this.#digest = digest
    this.#epochs = this.#epochs.filter(one => one.start < this.#end)
  }

  /** The trim was committed: whole segments below it go, and the epochs that wrote them. */
  dropTrimmed(durableStart: Offset): void {
    // A later trim may have moved `#start` further, and is not durable: what it takes must stay until it is.
    const start = Math.max(this.#durableStart, durableStart)
    this.#durableStart = start
    if (this.#end === start && this.#next === this.#end) {
      this.#seal()
      this.#committed = { ...this.#committed, segment: this.#active, bytes: this.#active.bytes }
    }
    while (this.#segments.length > 1) {
      const [first] = this.#segments
      if (
        first === undefined ||
        first === this.#committed.segment ||
        (first.end ?? Number.POSITIVE_INFINITY) > start
      )
        break
      this.#segments.shift()
      this.#owner.retire(first)
    }
    this.#epochs = epochsWithin(this.#epochs, start, this.#next)
    this.#rotten = this.#rotten.filter(one => one.to > start)
  }

  /** The rewrite was committed: the new file takes the old one's place. */
  replace(fresh: Segment): void {
    const at = this.#segments.findIndex(one => one.base === fresh.base)
    const old = this.#segments[at]
    if (old === undefined) {
      this.#owner.discard(fresh) // trimmed away meanwhile
      return
    }
    this.#segments[at] = fresh
    if (this.#committed.segment === old)
      this.#committed = { ...this.#committed, segment: fresh, bytes: fresh.bytes }
    this.#tailLeft(this.#tail.dropSegment(old))
    this.#owner.retire(old)
  }

  /** Bytes in this range are damaged: reading them is refused, the rest stays readable. */
  quarantine(from: Offset, to: Offset): void {
    this.#rotten = withRotten(this.#rotten, from, to)
  }

  finish(reason: LogError): void {
    this.#ended ??= reason
    this.#watchers.notify()
  }

  /** What of this log is durable now, for a checkpoint. */
  state(): LogState {
    const last = this.#segments.indexOf(this.#committed.segment)
    return {
      id: this.id,
      name: this.name,
      start: this.#start,
      end: this.#end,
      digest: this.#committed.digest,
      epochs: this.#epochs.filter(one => one.start < this.#end),
      rotten: [...this.#rotten],
      segments: this.#segments
        .slice(0, last + 1)
        .map((one, at) => this.#segmentState(one, at === last ? this.#committed.bytes : one.bytes)),
    }
  }

  #segmentState(segment: Segment, bytes: number): SegmentState {
    const { base, generation, maxTimestamp, end } = segment
    const marks = segment.marks(bytes)
    return {
      ...{ base, generation, bytes, maxTimestamp },
      ...(this.#isSealed(segment) && end !== undefined && { end }),
      ...(marks.length > 0 && { marks }),
    }
  }

  get #active(): Segment {
    const active = this.#segments.at(-1)
    if (active === undefined) throw new TypeError(`${this.name} has no segment`)
    return active
  }

  /** What the disk refuses here concerns the store; what others throw does not. */
  #onDisk(write: () => void): void {
    if (this.#ended !== undefined) throw this.#ended
    try {
      write()
    } catch (error) {
      throw this.#owner.diskError(error)
    }
  }

  #isSealed({ end }: Segment): boolean {
    return end !== undefined && end <= this.#end
  }

  #fenced(fence: Epoch | undefined): LogError | undefined {
    if (fence === undefined || fence === this.epoch) return undefined
    return new LogError('LOG_FENCED', `${this.name} is at epoch ${this.epoch}, the writer at ${fence}`, {
      epoch: this.epoch,
      fence,
    })
  }

  #place(batch: RecordBatch, resolve: Append['resolve'], reject: Append['reject']): Append {
    batch.baseOffset = this.#next
    batch.leaderEpoch = this.epoch
    const buffer = owned(batch.buffer)
    const maxTimestamp = batch.maxTimestamp
    const [base, next] = [this.#next, batch.lastOffset + 1]
    if (this.#epochs.at(-1)?.epoch !== this.epoch)
      this.#epochs = [...this.#epochs, { epoch: this.epoch, start: base }]
    const limit = this.#options.segmentBytes ?? SEGMENT_BYTES
    if (this.#active.bytes > 0 && this.#active.bytes + buffer.length > limit) this.#seal()
    const segment = this.#active
    const position = segment.place(base, buffer.length, maxTimestamp)
    const digestBefore = this.#digest
    this.#digest = digestAfter(digestBefore, buffer)
    this.#next = next
    return {
      log: this,
      segment,
      position,
      base,
      next,
      digestBefore,
      digestAfter: this.#digest,
      maxTimestamp,
      buffer,
      resolve,
      reject,
    }
  }

  #seal(): void {
    const active = this.#active
    if (active.bytes === 0 && active.base === this.#next) return
    active.end = this.#next
    this.#segments.push(this.#segmentAt({ base: this.#next }))
  }

  #segmentAt(at: ConstructorParameters<typeof Segment>[2]): Segment {
    return new Segment(this.#owner.surroundings, this.folder, at)
  }

  get #parts(): Parts {
    return { segments: this.#segments, tail: this.#tail, monotonic: this.#owner.monotonic }
  }

  /** A recovered run: it may be of a segment that was trimmed away. */
  #pushRun(run: RunEntry): void {
    const segment = this.#segments.find(one => one.base === run.segment)
    if (segment === undefined) return
    // A file that the last checkpoint did not know: its name may not be durable.
    if (run.position === 0) segment.isNew = true
    for (const batch of batchesOfRun(run, segment)) this.#tail.push(batch)
  }

  #tailLeft(bytes: number): void {
    if (bytes > 0) this.#owner.tailChanged(this, -bytes)
  }
}
