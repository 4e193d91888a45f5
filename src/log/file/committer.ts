// Group commit across all logs of a store. One flush is under way at a time; whatever is appended meanwhile is the next
// group. There is no timer: a group is as large as the time of a flush allows.
//
//   take what waits -> runs (consecutive batches of one log) -> large runs straight into their segments, the others into
//   the write-ahead log, which also names the large ones -> flush both -> acknowledge
//
// The segments are written before the write-ahead log, so that a group which is whole in the log is whole.

import { endOfTurn } from '../../flow/index.ts'
import { type Append, bytesOf } from './append.ts'
import type { FileLog } from './file-log.ts'
import { Flushes } from './flushes.ts'
import type { Segment } from './segment.ts'
import { isFull, type Wal, type WalMark } from './wal.ts'
import type { Entry, RunEntry } from './wal-format.ts'

/** Bytes of one group, about. */
const GROUP_BYTES_MAX = 16 * 1024 * 1024
/** A log that has this much in a group writes it straight into its segment. */
const DIRECT_BYTES = 256 * 1024
/** The same, when the group is of one or two logs. */
const DIRECT_FEW_BYTES = 192 * 1024
/** The same, where groups are not flushed one by one: from here on writing twice costs more than another call of the system. */
const DIRECT_LATE_BYTES = 8 * 1024
/** Segments that a late flush may find changed by such writes: each takes a flush of its own. */
const LATE_SEGMENTS_MAX = 64

export type Flush = 'always' | 'interval' | 'never'

/** A change that is not a batch. */
export interface Control {
  readonly entry: Exclude<Entry, RunEntry>
  /** Counting all batches that were ever queued: the first that comes after it. A deletion must not overtake any. */
  readonly place: number
  /** Called when the change is durable. */
  apply(): void
  resolve(): void
  reject(error: unknown): void
}

export interface CommitterHooks {
  /** The disk is full: nothing of these was kept. */
  full(error: unknown, refused: readonly Append[]): unknown
  /** The disk failed: nothing may be acknowledged any more. Gives the error for those who wait. */
  failed(error: unknown): unknown
  committed(): void
  /** Makes the names of new segments durable. */
  syncNames(segments: readonly Segment[]): Promise<void>
  flushed(ms: number, bytes: number): void
  readonly monotonic: () => number
}

interface Group {
  readonly appends: Append[]
  readonly controls: Control[]
}

export class Committer {
  readonly #wal: Wal
  readonly #epoch: number
  readonly #flush: Flush
  readonly #hooks: CommitterHooks
  #appends: Append[] = []
  #controls: Control[] = []
  /** Batches taken out of the queue so far. */
  #taken = 0
  /** An empty group is wanted. */
  #isEmptyWanted = false
  #running: Promise<void> | undefined
  #stopped: { readonly reason: unknown } | undefined
  #mark: WalMark
  #directBytes = 0
  /** Segments that were written to and, in the modes that do not flush each group, are not flushed yet. */
  readonly #unflushed = new Set<Segment>()
  readonly #flushes = new Flushes()

  constructor(wal: Wal, epoch: number, flush: Flush, hooks: CommitterHooks) {
    this.#wal = wal
    this.#epoch = epoch
    this.#flush = flush
    this.#hooks = hooks
    this.#mark = wal.mark
  }

  /** The end of the last acknowledged group: what a replay from here on would bring. */
  get mark(): WalMark {
    return this.#mark
  }

  /** Bytes written past the write-ahead log, which only names them: a replay has to look at them, too. */
  get directBytes(): number {
    return this.#directBytes
  }

  /** Queues a batch; the group is written at the end of this turn of the event loop at the earliest. */
  append(append: Append): void {
    this.#appends.push(append)
    this.#start()
  }

  control(entry: Control['entry'], apply: () => void): Promise<void> {
    if (this.#stopped !== undefined) return Promise.reject(this.#stopped.reason)
    return new Promise((resolve, reject) => {
      this.#controls.push({ entry, place: this.#taken + this.#appends.length, apply, resolve, reject })
      this.#start()
    })
  }

  /** Commits a group without contents, which proves that the one before it was whole. */
  commitNothing(): void {
    this.#isEmptyWanted = true
    this.#start()
  }

  /** Resolves when nothing is under way and nothing waits. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running
  }

  /** Flushes what was acknowledged without a flush. */
  async flush(): Promise<void> {
    const segments = [...this.#unflushed]
    const { sequence } = this.#wal.mark
    this.#unflushed.clear()
    await this.#flushes.all([this.#wal.sync(), this.#syncSegments(segments)])
    this.#wal.flushedTo = Math.max(this.#wal.flushedTo, sequence)
  }

  /** Rejects everything that waits, and all that comes later. */
  stop(reason: unknown): void {
    this.#stopped ??= { reason }
    for (const one of [...this.#appends, ...this.#controls]) one.reject(reason)
    this.#appends = []
    this.#controls = []
  }

  #start(): void {
    if (this.#running !== undefined || this.#stopped !== undefined) return
    this.#running = this.#run()
      .catch(error => this.stop(this.#hooks.failed(error)))
      .finally(() => {
        this.#running = undefined
        if (this.#isWanted) this.#start()
      })
  }

  async #run(): Promise<void> {
    // Whatever else arrives in this turn joins the group.
    await endOfTurn()
    while (this.#isWanted && this.#stopped === undefined) await this.#commit(this.#take())
  }

  get #isWanted(): boolean {
    return this.#appends.length + this.#controls.length > 0 || this.#isEmptyWanted
  }

  #take(): Group {
    this.#isEmptyWanted = false
    let bytes = 0
    let count = 0
    while (count < this.#appends.length && bytes < GROUP_BYTES_MAX)
      bytes += this.#appends[count++]?.buffer.length ?? 0
    this.#taken += count
    const appends = this.#appends
    this.#appends = appends.slice(count)
    const controls = this.#controls.filter(one => one.place <= this.#taken)
    this.#controls = this.#controls.slice(controls.length)
    return { appends: appends.slice(0, count), controls }
  }

  async #commit(group: Group): Promise<void> {
    const began = this.#hooks.monotonic()
    const runs = runsOf(group.appends)
    const direct = this.#directRuns(runs)
    try {
      this.#write(group, runs, direct)
    } catch (error) {
      this.#refuse(group, error)
      return
    }
    const segments = [...new Set(direct.map(run => run[0]?.segment).filter(one => one !== undefined))]
    try {
      if (this.#flush === 'always') await Promise.all([this.#wal.sync(), this.#syncSegments(segments)])
      else for (const segment of segments) this.#unflushed.add(segment)
    } catch (error) {
      this.#fail(group, error)
      return
    }
    if (this.#stopped !== undefined) {
      reject(group, this.#stopped.reason)
      return
    }
    this.#acknowledge(group, direct)
    this.#hooks.flushed(this.#hooks.monotonic() - began, bytesOf(group.appends))
    this.#hooks.committed()
  }

  /** The runs of logs that have enough to write to be worth a flush of their own. */
  #directRuns(runs: readonly Append[][]): Append[][] {
    const bytes = new Map<FileLog | undefined, number>()
    for (const run of runs) bytes.set(run[0]?.log, (bytes.get(run[0]?.log) ?? 0) + bytesOf(run))
    const enough = this.#directBytesMin(bytes.size)
    return runs.filter(run => (bytes.get(run[0]?.log) ?? 0) >= enough)
  }

  #directBytesMin(logs: number): number {
    if (this.#flush !== 'always' && this.#unflushed.size + logs <= LATE_SEGMENTS_MAX) return DIRECT_LATE_BYTES
    return logs <= 2 ? DIRECT_FEW_BYTES : DIRECT_BYTES
  }

  #write(group: Group, runs: readonly Append[][], direct: readonly Append[][]): void {
    const isDirect = new Set(direct)
    for (const run of direct) {
      run[0]?.log.spill()
      run[0]?.log.writeDirectly(run)
      this.#directBytes += bytesOf(run)
    }
    const entries: Entry[] = runs.map(run => entryOf(run, isDirect.has(run)))
    for (const { entry } of group.controls) entries.push(entry)
    this.#wal.write(entries, this.#epoch, this.#flush === 'always')
  }

  async #syncSegments(segments: readonly Segment[]): Promise<void> {
    if (segments.length === 0) return
    const fresh = segments.filter(one => one.isNew)
    await Promise.all([
      ...segments.map(one => one.sync()),
      fresh.length > 0 ? this.#hooks.syncNames(fresh) : undefined,
    ])
  }

  #acknowledge({ appends, controls }: Group, direct: readonly Append[][]): void {
    const logs = new Set<FileLog>()
    this.#mark = this.#wal.mark
    for (const append of appends) {
      append.log.committed(append)
      logs.add(append.log)
      append.resolve(append.base)
    }
    for (const run of direct) run[0]?.log.leaveTail(run)
    for (const { apply, resolve } of controls) {
      apply()
      resolve()
    }
    for (const log of logs) log.notify()
  }

  /** A full disk refuses this group and all that waits behind it, whose offsets follow from it; anything else is final. */
  #refuse(group: Group, error: unknown): void {
    if (!isFull(error)) {
      this.#fail(group, error)
      return
    }
    const refused = [...group.appends, ...this.#appends]
    const controls = [...group.controls, ...this.#controls]
    this.#taken += this.#appends.length
    this.#appends = []
    this.#controls = []
    const reason = this.#hooks.full(error, refused)
    for (const one of [...refused, ...controls]) one.reject(reason)
  }

  #fail(group: Group, error: unknown): void {
    const reason = this.#hooks.failed(error)
    reject(group, reason)
    this.stop(reason)
  }
}

function reject({ appends, controls }: Group, reason: unknown): void {
  for (const one of [...appends, ...controls]) one.reject(reason)
}

/** Consecutive batches of one log in one segment, in the order of their first ones. */
function runsOf(appends: readonly Append[]): Append[][] {
  const runs: Append[][] = []
  const last = new Map<FileLog, Append[]>()
  for (const append of appends) {
    const run = last.get(append.log)
    if (run?.[0]?.segment === append.segment) run.push(append)
    else {
      const fresh = [append]
      runs.push(fresh)
      last.set(append.log, fresh)
    }
  }
  return runs
}

function entryOf(run: readonly Append[], direct: boolean): RunEntry {
  const [first] = run
  const last = run.at(-1)
  if (first === undefined || last === undefined) throw new TypeError('a run has at least one batch')
  let maxTimestamp = -1
  for (const one of run) if (one.maxTimestamp > maxTimestamp) maxTimestamp = one.maxTimestamp
  return {
    kind: direct ? 'reference' : 'inline',
    log: first.log.id,
    segment: first.segment.base,
    position: first.position,
    base: first.base,
    next: last.next,
    digestBefore: first.digestBefore,
    digestAfter: last.digestAfter,
    maxTimestamp,
    length: bytesOf(run),
    buffers: run.map(one => one.buffer),
  }
}
