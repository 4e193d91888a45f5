// Opening a store: the last checkpoint, and the write-ahead log from there on. What is damaged is reported and kept
// apart, never skipped in silence. Everything that is replayed is written again, even where the file seems to hold it
// already: after a failed flush the page cache shows bytes that the disk does not have.
//
// A flush for each of thousands of logs takes half a minute. So what a log has in small runs comes back as its tail, in
// memory, and the groups are written into a new write-ahead log, which is flushed as one; only large runs are
// written to their segments at once.

import type { Offset } from '../log.ts'
import { RecordBatch } from '../record/batch.ts'
import type { Checkpoint } from './checkpoint.ts'
import type { Disk } from './disk.ts'
import { copyOf, epochsWithin, freshState, type LogState, logFolder } from './log-state.ts'
import { isMissing, Segment, segmentFileName, wholeBatchAt } from './segment.ts'
import { sideBySide } from './side-by-side.ts'
import { listFolder, type WalMark } from './wal.ts'
import { digestAfter, type Entry, flushedBefore, type RunEntry } from './wal-format.ts'
import { type ReplayedGroup, readGroups, walNumbers } from './wal-replay.ts'

/** Something that is not as it was written. */
export interface Damage {
  readonly log?: string
  readonly from?: Offset
  readonly to?: Offset
  readonly what: string
}

export interface Recovered {
  readonly logs: LogState[]
  readonly nextLogId: number
  /** Where the new write-ahead log begins. */
  readonly mark: WalMark
  /** Files of the old one, free for use once the new checkpoint is written. */
  readonly spares: readonly number[]
  /**
   * The others, to be removed then: where a process did not end well, a flush may have failed, and after that neither a
   * file's bytes nor its length can be made durable for certain any more.
   */
  readonly useless: readonly number[]
  /**
   * Files and folders that belong to nothing, to be removed then and not before: that they do may stand in groups which
   * the page cache shows and the disk does not have.
   */
  readonly strays: { readonly files: readonly string[]; readonly folders: readonly string[] }
  readonly damage: readonly Damage[]
  /** What is not in its segments, by the log's id: tails for the logs. None when the recovery was to restore all. */
  readonly tails: ReadonlyMap<number, readonly RunEntry[]>
  /** Then these groups must be in the new write-ahead log, which goes on from the last checkpoint. */
  readonly groups: readonly ReplayedGroup[]
}

/** Whether small runs may come back as tails. Where something is damaged, all is restored. */
export type Restore = 'large' | 'all'

/** Files held open during the replay. */
const OPEN_SEGMENTS_MAX = 500
/** A log that has this much in small runs has them restored to its segments. */
const TAIL_BYTES_MAX = 256 * 1024

/** Brings files and states to the end of the write-ahead log and flushes them. Errors: the disk's. */
export async function recover(disk: Disk, checkpoint: Checkpoint, restore: Restore): Promise<Recovered> {
  const recovered = await new Recovery(disk, checkpoint, restore).run()
  // What was damaged would be found again in the copy, but not the same: the states must say it.
  return recovered.damage.length > 0 && recovered.tails.size > 0
    ? recover(disk, checkpoint, 'all')
    : recovered
}

class Recovery {
  readonly #disk: Disk
  readonly #checkpoint: Checkpoint
  readonly #states = new Map<number, LogState>()
  readonly #segments = new Map<string, Segment>()
  readonly #damage: Damage[] = []
  readonly #strays = { files: [] as string[], folders: [] as string[] }
  #deleted = new Set<number>()
  #starts = new Map<number, Offset>()
  #generations = new Map<string, number>()
  /** How far the runs in a segment go. */
  #segmentEnds = new Map<string, Offset>()
  readonly #restore: Restore
  /** Logs whose runs come back as tails. */
  #small = new Set<number>()
  readonly #tails = new Map<number, RunEntry[]>()
  #nextLogId: number

  constructor(disk: Disk, checkpoint: Checkpoint, restore: Restore) {
    this.#disk = disk
    this.#checkpoint = checkpoint
    this.#restore = restore
    this.#nextLogId = checkpoint.nextLogId
    for (const state of checkpoint.logs) this.#states.set(state.id, copyOf(state))
  }

  async run(): Promise<Recovered> {
    const numbers = walNumbers(this.#disk)
    const replay = readGroups(this.#disk, this.#checkpoint, numbers)
    for (const what of replay.damage) this.#damage.push({ what })
    const groups = this.#believable(replay.groups)
    this.#foresee(groups)
    if (this.#restore === 'large' && this.#damage.length === 0) this.#small = smallLogs(groups)
    for (const { group, entries } of groups) {
      for (const entry of entries) {
        this.#apply(entry, group.epoch)
        await this.#limitOpenFiles()
      }
    }
    const endedWell = this.#checkpoint.clean && groups.length === 0
    if (!endedWell) await this.#tidyAll()
    const areCopied = this.#tails.size > 0
    return {
      logs: [...this.#states.values()],
      nextLogId: this.#nextLogId,
      mark: this.#nextMark(numbers, areCopied ? undefined : groups.at(-1)),
      spares: endedWell ? numbers : [],
      useless: endedWell ? [] : numbers,
      strays: this.#strays,
      damage: this.#damage,
      tails: this.#tails,
      groups: areCopied ? groups : [],
    }
  }

  /** Where the new write-ahead log begins: at the checkpoint again, or after this group. */
  #nextMark(numbers: readonly number[], last: ReplayedGroup | undefined): WalMark {
    const { wal } = this.#checkpoint
    const file = Math.max(wal.file, ...numbers) + 1
    if (this.#tails.size > 0) return { ...wal, file, position: 0 }
    return {
      file,
      position: 0,
      // One is left out, so that a group which was given up is never taken for the next one.
      sequence: (last?.group.sequence ?? wal.sequence - 1) + 2,
      previousCrc: last?.group.crc ?? wal.previousCrc,
    }
  }

  async #tidyAll(): Promise<void> {
    const folders = new Set(listFolder(this.#disk, 'logs'))
    for (const state of this.#states.values()) {
      this.#tidy(state)
      if (folders.has(String(state.id))) this.#findStrays(state)
      await this.#limitOpenFiles()
    }
    await this.#flush()
  }

  /**
   * The groups without the last one when the large runs that it names are not whole in their segments: it was not
   * acknowledged. Of groups that were acknowledged without a flush, the first such one and all after it are lost; what
   * was needless because of those may then be needed, so the rest is looked at again.
   */
  #believable(groups: readonly ReplayedGroup[]): readonly ReplayedGroup[] {
    let flushed = 0
    for (const { group } of groups) flushed = Math.max(flushed, flushedBefore(group))
    let kept = groups
    for (;;) {
      const whole = this.#untilTorn(kept, flushed)
      if (whole.length === kept.length) return kept
      kept = whole
    }
  }

  /** The groups before the first one from `flushed` on that names a run which matters and is not whole. */
  #untilTorn(groups: readonly ReplayedGroup[], flushed: number): readonly ReplayedGroup[] {
    this.#foresee(groups)
    for (const [index, { group, entries }] of groups.entries()) {
      const mayBeTorn = group.sequence >= flushed
      if (!mayBeTorn) continue
      const broken = entries.some(
        entry => entry.kind === 'reference' && this.#matters(entry) && !this.#isWhole(entry),
      )
      if (broken) return groups.slice(0, index)
      if (this.#segments.size >= OPEN_SEGMENTS_MAX) this.#closeSegments()
    }
    return groups
  }

  /** What later entries make needless to look at: deleted logs, trimmed offsets, rewritten segments. */
  #foresee(groups: readonly ReplayedGroup[]): void {
    this.#deleted = new Set()
    this.#starts = new Map()
    this.#generations = new Map()
    this.#segmentEnds = new Map()
    for (const { entries } of groups)
      for (const entry of entries) {
        if (entry.kind === 'delete') this.#deleted.add(entry.log)
        else if (entry.kind === 'trim')
          this.#starts.set(entry.log, Math.max(entry.before, this.#starts.get(entry.log) ?? 0))
        else if (entry.kind === 'rewrite')
          this.#generations.set(`${entry.log}/${entry.segment}`, entry.generation)
        else if (entry.kind !== 'create') this.#segmentEnds.set(`${entry.log}/${entry.segment}`, entry.next)
      }
  }

  /** Whether the run's segment stays: one that was trimmed away as a whole may have been removed already. */
  #matters(run: RunEntry): boolean {
    const end = this.#segmentEnds.get(`${run.log}/${run.segment}`) ?? run.next
    return (
      !this.#isReplaced(run) &&
      end > Math.max(this.#starts.get(run.log) ?? 0, this.#states.get(run.log)?.start ?? 0)
    )
  }

  #isReplaced(run: RunEntry): boolean {
    return this.#deleted.has(run.log) || this.#generations.has(`${run.log}/${run.segment}`)
  }

  #apply(entry: Entry, epoch: number): void {
    if (entry.kind === 'create') {
      this.#nextLogId = Math.max(this.#nextLogId, entry.log + 1)
      if (!this.#deleted.has(entry.log)) this.#states.set(entry.log, freshState(entry.log, entry.name))
      return
    }
    const state = this.#states.get(entry.log)
    if (entry.kind === 'delete') this.#states.delete(entry.log)
    else if (state === undefined) {
      if (!this.#deleted.has(entry.log))
        this.#damage.push({ what: `the write-ahead log speaks of log ${entry.log}, which nothing created` })
    } else if (entry.kind === 'trim') state.start = Math.max(state.start, entry.before)
    else if (entry.kind === 'rewrite') rewritten(state, entry)
    else this.#applyRun(state, entry, epoch)
  }

  #applyRun(state: LogState, run: RunEntry, epoch: number): void {
    if (run.base < state.end) return // the checkpoint knew it already
    if (run.base > state.end)
      this.#quarantine(state, state.end, run.base, 'is missing: the write-ahead log that held it is damaged')
    else if (run.digestBefore !== state.digest)
      this.#damage.push({
        log: state.name,
        from: run.base,
        what: 'the digest of the batch before is not the expected one',
      })
    const segment = segmentOf(state, run.segment)
    if (!this.#isReplaced(run)) this.#bringBack(state, run)
    segment.bytes = Math.max(segment.bytes, run.position + run.length)
    segment.maxTimestamp = Math.max(segment.maxTimestamp, run.maxTimestamp)
    if (state.epochs.at(-1)?.epoch !== epoch) state.epochs.push({ epoch, start: run.base })
    state.end = run.next
    state.digest = run.digestAfter
  }

  /** Writes the run's bytes to their place again, or keeps them for the tail. */
  #bringBack(state: LogState, run: RunEntry): void {
    if (this.#small.has(run.log)) {
      const tail = this.#tails.get(run.log)
      if (tail === undefined) this.#tails.set(run.log, [run])
      else tail.push(run)
      return
    }
    const segment = this.#segment(run.log, run.segment)
    if (run.kind === 'inline') {
      segment.write(run.buffers, run.position)
      return
    }
    const bytes = this.#bytesOf(run)
    if (bytes !== undefined && isWholeRun(bytes, run)) segment.write([bytes], run.position)
    else if (this.#matters(run)) this.#quarantine(state, run.base, run.next, `is damaged in ${segment.path}`)
  }

  #isWhole(run: RunEntry): boolean {
    const bytes = this.#bytesOf(run)
    return bytes !== undefined && isWholeRun(bytes, run)
  }

  /** The run's bytes as they lie in its segment; undefined when the file ends before them. */
  #bytesOf(run: RunEntry): Buffer | undefined {
    try {
      const bytes = Buffer.allocUnsafeSlow(run.length)
      return this.#segment(run.log, run.segment).read(bytes, run.position) === run.length ? bytes : undefined
    } catch (error) {
      if (isMissing(error)) return undefined
      throw error
    }
  }

  #segment(log: number, base: Offset): Segment {
    const generation = this.#states.get(log)?.segments.find(one => one.base === base)?.generation ?? 0
    const key = `${log}/${base}/${generation}`
    let segment = this.#segments.get(key)
    if (segment === undefined) {
      segment = new Segment({ disk: this.#disk }, logFolder(log), { base, generation })
      this.#segments.set(key, segment)
    }
    return segment
  }

  #quarantine(state: LogState, from: Offset, to: Offset, what: string): void {
    state.rotten.push({ from, to })
    this.#damage.push({ log: state.name, from, to, what })
  }

  /** Cuts what was never acknowledged off the segments' files. */
  #tidy(state: LogState): void {
    dropTrimmed(state)
    const last = state.segments.at(-1)
    const tail = this.#tails.get(state.id)
    if (tail === undefined) {
      if (last !== undefined) this.#cut(this.#segment(state.id, last.base), last.bytes)
      return
    }
    for (const one of state.segments) {
      const filled = tail.find(run => run.segment === one.base)?.position
      if (filled === undefined && one !== last) continue
      // No flush: what is not durable of this is done again.
      const segment = new Segment({ disk: this.#disk }, logFolder(state.id), one)
      this.#cut(segment, filled ?? one.bytes)
      segment.closeFile()
    }
  }

  #cut(segment: Segment, bytes: number): void {
    const there = segment.fileBytes()
    if (there > bytes) segment.truncate(bytes)
    else if (there < bytes) this.#damage.push({ what: `${segment.path} has ${there} bytes of ${bytes}` })
  }

  #findStrays(state: LogState): void {
    const folder = logFolder(state.id)
    const known = new Set(state.segments.map(one => segmentFileName(one.base, one.generation)))
    for (const name of listFolder(this.#disk, folder))
      if (!known.has(name)) this.#strays.files.push(`${folder}/${name}`)
  }

  async #flush(): Promise<void> {
    await this.#flushSegments()
    await this.#disk.syncFolder('logs')
    this.#findUnknownLogs()
  }

  async #flushSegments(): Promise<void> {
    const folders = new Set<string>()
    await sideBySide(this.#segments.values(), async segment => {
      if (!segment.dirty) return
      folders.add(segment.folder)
      rewriteLength(segment)
      await segment.sync()
    })
    this.#closeSegments()
    await sideBySide(folders, folder => this.#disk.syncFolder(folder))
  }

  async #limitOpenFiles(): Promise<void> {
    if (this.#segments.size >= OPEN_SEGMENTS_MAX) await this.#flushSegments()
  }

  #closeSegments(): void {
    for (const segment of this.#segments.values()) segment.closeFile()
    this.#segments.clear()
  }

  #findUnknownLogs(): void {
    for (const name of listFolder(this.#disk, 'logs')) {
      if (this.#states.has(Number(name))) continue
      for (const file of listFolder(this.#disk, `logs/${name}`))
        this.#strays.files.push(`logs/${name}/${file}`)
      this.#strays.folders.push(`logs/${name}`)
    }
  }
}

/** Changes the length there and back, so that the next flush has to write it, whatever became of an earlier one. */
function rewriteLength(segment: Segment): void {
  const bytes = segment.fileBytes()
  segment.truncate(bytes + 1)
  segment.truncate(bytes)
}

/** Logs that have nothing but small runs in these groups, and not too much of them. */
function smallLogs(groups: readonly ReplayedGroup[]): Set<number> {
  const bytes = new Map<number, number>()
  for (const { entries } of groups)
    for (const entry of entries) {
      if (entry.kind === 'inline') bytes.set(entry.log, (bytes.get(entry.log) ?? 0) + entry.length)
      else if (entry.kind === 'reference' || entry.kind === 'rewrite')
        bytes.set(entry.log, Number.POSITIVE_INFINITY)
    }
  return new Set([...bytes].filter(([, sum]) => sum < TAIL_BYTES_MAX).map(([log]) => log))
}

function isWholeRun(bytes: Buffer, run: RunEntry): boolean {
  let digest = run.digestBefore
  let next = run.base
  for (let at = 0; at < bytes.length; ) {
    const length = wholeBatchAt(bytes, at)
    if (length === undefined) return false
    const batch = new RecordBatch(bytes.subarray(at, at + length))
    if (batch.baseOffset !== next || batch.flaw() !== undefined) return false
    digest = digestAfter(digest, batch.buffer)
    next = batch.lastOffset + 1
    at += length
  }
  return digest === run.digestAfter && next === run.next
}

/** The state's segment of this base: a new one seals the one before. */
function segmentOf(state: LogState, base: Offset): LogState['segments'][number] {
  const found = state.segments.find(one => one.base === base)
  if (found !== undefined) return found
  const before = state.segments.at(-1)
  if (before !== undefined) before.end ??= base
  const fresh = { base, generation: 0, bytes: 0, maxTimestamp: -1 }
  state.segments.push(fresh)
  return fresh
}

function rewritten(
  state: LogState,
  { segment, generation, length, maxTimestamp }: Extract<Entry, { kind: 'rewrite' }>,
): void {
  const at = state.segments.findIndex(one => one.base === segment)
  const old = state.segments[at]
  if (old !== undefined)
    state.segments[at] = { base: segment, generation, bytes: length, maxTimestamp, end: old.end ?? state.end }
}

function dropTrimmed(state: LogState): void {
  // When nothing is left, a new segment begins: the file of the last one may be gone.
  state.segments = state.segments.filter(
    (one, at) => (one.end ?? state.segments[at + 1]?.base ?? state.end) > state.start,
  )
  state.epochs = epochsWithin(state.epochs, state.start, state.end)
  state.rotten = state.rotten.filter(one => one.to > state.start)
}
