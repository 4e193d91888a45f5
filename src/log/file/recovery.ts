// Opening a store: the last checkpoint, and the write-ahead log from there on. A group that is not whole is the torn end
// of the log only if no whole group of a later number follows; if one does, bytes rotted, and what they held is reported
// and kept apart, never skipped in silence. Everything that is replayed is written again, even where the file seems to
// hold it already: after a failed flush the page cache shows bytes that the disk does not have.

import type { Offset } from '../log.ts'
import { RecordBatch } from '../record/batch.ts'
import type { Checkpoint } from './checkpoint.ts'
import type { Disk } from './disk.ts'
import { epochsWithin, freshState, type LogState, logFolder } from './log-state.ts'
import { isMissing, Segment, segmentFileName, wholeBatchAt } from './segment.ts'
import { sideBySide } from './side-by-side.ts'
import { WAL_FOLDER, type WalMark, walNumber, walPath } from './wal.ts'
import {
  decodeEntries,
  decodeGroup,
  digestAfter,
  type Entry,
  findGroup,
  flushedBefore,
  type Group,
  type RunEntry,
} from './wal-format.ts'

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
  /** Bytes replayed. */
  readonly replayedBytes: number
}

/** Files held open during the replay. */
const OPEN_SEGMENTS_MAX = 500

interface ReplayedGroup {
  readonly group: Group
  readonly entries: readonly Entry[]
}

/** Brings files and states to the end of the write-ahead log and flushes them. Errors: the disk's. */
export async function recover(disk: Disk, checkpoint: Checkpoint): Promise<Recovered> {
  const recovery = new Recovery(disk, checkpoint)
  return recovery.run()
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
  #nextLogId: number
  #bytes = 0

  constructor(disk: Disk, checkpoint: Checkpoint) {
    this.#disk = disk
    this.#checkpoint = checkpoint
    this.#nextLogId = checkpoint.nextLogId
    for (const state of checkpoint.logs) this.#states.set(state.id, structuredClone(state) as LogState)
  }

  async run(): Promise<Recovered> {
    const numbers = walNumbers(this.#disk)
    const groups = this.#believable(this.#readGroups(numbers))
    this.#foresee(groups)
    for (const { group, entries } of groups) {
      for (const entry of entries) {
        this.#apply(entry, group.epoch)
        await this.#limitOpenFiles()
      }
    }
    const endedWell = this.#checkpoint.clean && groups.length === 0
    if (!endedWell) {
      for (const state of this.#states.values()) {
        this.#tidy(state)
        await this.#limitOpenFiles()
      }
      await this.#flush()
    }
    const last = groups.at(-1)?.group
    const { wal } = this.#checkpoint
    return {
      logs: [...this.#states.values()],
      nextLogId: this.#nextLogId,
      mark: {
        file: Math.max(wal.file, ...numbers) + 1,
        position: 0,
        // One is left out, so that a group which was given up is never taken for the next one.
        sequence: (last?.sequence ?? wal.sequence - 1) + 2,
        previousCrc: last?.crc ?? wal.previousCrc,
      },
      spares: endedWell ? numbers : [],
      useless: endedWell ? [] : numbers,
      strays: this.#strays,
      damage: this.#damage,
      replayedBytes: this.#bytes,
    }
  }

  /** All groups from the checkpoint's mark on, in order. */
  #readGroups(numbers: readonly number[]): ReplayedGroup[] {
    const { wal } = this.#checkpoint
    const groups: ReplayedGroup[] = []
    let sequence = wal.sequence
    let previousCrc = wal.previousCrc
    const files = numbers.filter(one => one >= wal.file)
    for (const [index, number] of files.entries()) {
      const file = this.#readFile(number)
      let at = number === wal.file ? wal.position : 0
      for (;;) {
        let group = decodeGroup(file, at)
        if (group?.sequence !== sequence || group.previousCrc !== previousCrc) {
          const later = this.#laterGroup(file, at, sequence, files[index + 1])
          if (later === undefined) break
          // Acknowledged without a flush: a power loss may take one and leave the next.
          if (!this.#wasFlushed(file, later, sequence, files.slice(index + 1))) return groups
          ;({ at, group } = later)
          this.#damage.push({
            what: `groups ${sequence} to ${group.sequence - 1} of the write-ahead log are damaged (${walPath(number)})`,
          })
        }
        groups.push({ group, entries: decodeEntries(group.payload) })
        this.#bytes += group.bytes
        at += group.bytes
        sequence = group.sequence + 1
        previousCrc = group.crc
      }
    }
    return groups
  }

  /**
   * A whole group in the rest of this file that comes after the expected one, which must then have been whole once. When
   * the expected one is the first of the next file, this file simply ended.
   */
  #laterGroup(
    file: Buffer,
    at: number,
    sequence: number,
    next: number | undefined,
  ): { at: number; group: Group } | undefined {
    const found = findGroup(file, at, sequence + 1)
    if (found === undefined) return undefined
    if (next !== undefined) {
      const first = decodeGroup(this.#readFile(next), 0)
      if (first?.sequence === sequence) return undefined
    }
    return found
  }

  /** Whether the group of this number was durable once: the one that was found, or one after it, says so. */
  #wasFlushed(
    file: Buffer,
    found: { readonly at: number; readonly group: Group },
    sequence: number,
    files: readonly number[],
  ): boolean {
    const says = ({ group }: { readonly group: Group }): boolean => flushedBefore(group) > sequence
    for (const bytes of [file, ...files.map(number => this.#readFile(number))]) {
      let next = bytes === file ? found : findGroup(bytes, 0, sequence + 1)
      for (; next !== undefined; next = findGroup(bytes, next.at + next.group.bytes, sequence + 1))
        if (says(next)) return true
    }
    return false
  }

  #readFile(number: number): Buffer {
    const file = this.#disk.open(walPath(number), 'read')
    try {
      const bytes = Buffer.allocUnsafeSlow(file.size())
      return bytes.subarray(0, file.read(bytes, 0))
    } finally {
      file.close()
    }
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
    if (!this.#isReplaced(run)) this.#restore(state, run)
    segment.bytes = Math.max(segment.bytes, run.position + run.length)
    segment.maxTimestamp = Math.max(segment.maxTimestamp, run.maxTimestamp)
    if (state.epochs.at(-1)?.epoch !== epoch) state.epochs.push({ epoch, start: run.base })
    state.end = run.next
    state.digest = run.digestAfter
  }

  /** Writes the run's bytes to their place again. */
  #restore(state: LogState, run: RunEntry): void {
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
      this.#disk.makeFolder(logFolder(log))
      segment = new Segment({ disk: this.#disk }, logFolder(log), { base, generation })
      this.#segments.set(key, segment)
    }
    return segment
  }

  #quarantine(state: LogState, from: Offset, to: Offset, what: string): void {
    state.rotten.push({ from, to })
    this.#damage.push({ log: state.name, from, to, what })
  }

  /** Cuts what was never acknowledged off the last segment, and notes files that belong to nothing. */
  #tidy(state: LogState): void {
    dropTrimmed(state)
    // The write-ahead log may say that a log was made whose folder the power loss took.
    this.#disk.makeFolder(logFolder(state.id))
    const last = state.segments.at(-1)
    if (last !== undefined) {
      const segment = this.#segment(state.id, last.base)
      const there = segment.fileBytes()
      if (there > last.bytes) segment.truncate(last.bytes)
      else if (there < last.bytes)
        this.#damage.push({ log: state.name, what: `${segment.path} has ${there} bytes of ${last.bytes}` })
    }
    this.#findStrays(state)
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
      folders.add(segment.folder)
      if (!segment.dirty) return
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

function walNumbers(disk: Disk): number[] {
  return listFolder(disk, WAL_FOLDER)
    .flatMap(name => walNumber(name) ?? [])
    .sort((a, b) => a - b)
}

function listFolder(disk: Disk, path: string): string[] {
  try {
    return disk.list(path)
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}
