// The file engine: logs in a folder. One write-ahead log is the commit point of all of them; each log's segments are
// checkpointed copies. The room's README is ARCHITECTURE.md, "The log"; the promises are tested by the contract suite and
// by the crash model over sim/'s disk.
//
//   <folder>/checkpoint            what every log is, at a place in the write-ahead log
//   <folder>/wal/<number>.wal      groups of what one flush made durable
//   <folder>/logs/<id>/<base>.log  segments of RecordBatch v2, nothing else in them
//   <folder>/ballast               room that is given up when the disk is full

import { type Reporter, silent } from '../../world/index.ts'
import { LogError } from '../errors.ts'
import type { Epoch, Log, LogOptions, LogStore, Offset } from '../log.ts'
import { checkLogName } from '../name.ts'
import type { Append } from './append.ts'
import { Ballast } from './ballast.ts'
import { Checkpointer } from './checkpointer.ts'
import { Committer } from './committer.ts'
import type { Disk } from './disk.ts'
import { FileLog } from './file-log.ts'
import { FullDisk } from './full-disk.ts'
import { LastGroup } from './last-group.ts'
import { LateFlush } from './late-flush.ts'
import { freshState, type LogState } from './log-state.ts'
import { OpenSegments } from './open-segments.ts'
import type { Owner } from './owner.ts'
import type { Damage, Recovered } from './recovery.ts'
import type { Segment } from './segment.ts'
import { FlushStats } from './stats.ts'
import {
  BALLAST_BYTES,
  CHECKPOINT_BYTES,
  type FileStoreOptions,
  FLUSH_MS,
  OPEN_FILES_MAX,
  TAIL_BYTES_MAX,
} from './store-options.ts'
import { Tails } from './tails.ts'
import { isFull, type Wal } from './wal.ts'

export class FileStore implements LogStore {
  readonly epoch: Epoch
  readonly failed: Promise<Error>
  /** What was found damaged when the store was opened. */
  readonly damage: readonly Damage[]
  readonly stats = new FlushStats()
  readonly #options: FileStoreOptions
  readonly #disk: Disk
  readonly #report: Reporter
  readonly #wal: Wal
  readonly #committer: Committer
  readonly #openSegments: OpenSegments
  readonly #owner: Owner
  readonly #tails: Tails
  readonly #lateFlush: LateFlush
  readonly #fullDisk: FullDisk
  readonly #lastGroup: LastGroup | undefined
  readonly #checkpointer: Checkpointer
  readonly #byName = new Map<string, FileLog>()
  /** Logs that are known and were not asked for yet. */
  readonly #closedLogs = new Map<string, LogState>()
  readonly #opening = new Map<string, Promise<FileLog>>()
  /** The deletion is on its way. */
  readonly #deleting = new Map<string, Promise<void>>()
  #nextLogId: number
  #checkpointing: Promise<void> | undefined
  #state:
    | { readonly at: 'open' }
    | { readonly at: 'failed'; readonly reason: LogError }
    | { readonly at: 'closed'; readonly reason: LogError } = { at: 'open' }
  #resolveFailed: (error: Error) => void = () => {}
  #closing: Promise<void> | undefined

  constructor(
    options: FileStoreOptions,
    epoch: Epoch,
    { wal, ...recovered }: Recovered & { readonly wal: Wal },
  ) {
    const { disk, world, report = silent, flush = 'always' } = options
    this.#options = options
    this.#disk = disk
    this.#report = report
    this.epoch = epoch
    this.damage = recovered.damage
    this.failed = new Promise(resolve => {
      this.#resolveFailed = resolve
    })
    this.#nextLogId = recovered.nextLogId
    this.#wal = wal
    this.#openSegments = new OpenSegments(options.openFilesMax ?? OPEN_FILES_MAX)
    this.#tails = new Tails(this.#openSegments)
    this.#committer = new Committer(this.#wal, epoch, flush, {
      monotonic: () => world.monotonic(),
      full: (error, refused) => this.#becomeFull(error, refused),
      failed: error => this.#fail(error),
      committed: () => this.#afterCommit(),
      syncNames: segments => this.#checkpointer.syncNames(segments),
      flushed: (ms, bytes) => this.stats.flushed(ms, bytes),
    })
    this.#lateFlush = new LateFlush(this.#committer, flush)
    if (flush === 'always') this.#lastGroup = new LastGroup(this.#committer, world)
    const ballast = new Ballast(disk, options.ballastBytes ?? BALLAST_BYTES)
    this.#fullDisk = new FullDisk(
      { disk, ballast, world, report },
      { spill: () => this.#tails.spillAll(), failed: error => this.#fail(error) },
    )
    this.#checkpointer = this.#makeCheckpointer(ballast)
    this.#owner = this.#makeOwner()
    for (const state of recovered.logs) {
      const tail = recovered.tails.get(state.id)
      if (tail === undefined) this.#closedLogs.set(state.name, state)
      else this.#byName.set(state.name, new FileLog(this.#owner, state, { tail }))
    }
    if (flush === 'interval')
      this.#lateFlush.every(world, options.flushMs ?? FLUSH_MS, error => this.#fail(error))
  }

  #makeCheckpointer(ballast: Ballast): Checkpointer {
    const parts = {
      disk: this.#disk,
      epoch: this.epoch,
      wal: this.#wal,
      committer: this.#committer,
      lateFlush: this.#lateFlush,
      tails: this.#tails,
      ballast,
      dueBytes: this.#options.checkpointBytes ?? CHECKPOINT_BYTES,
      openFilesMax: this.#options.openFilesMax ?? OPEN_FILES_MAX,
    }
    return new Checkpointer(parts, {
      states: () => [...this.openLogs().map(log => log.state()), ...this.#closedLogs.values()],
      nextLogId: () => this.#nextLogId,
      isThere: log => this.#byName.get(log.name) === log,
      hasFolder: folder => [...this.#byName.values()].some(one => one.folder === folder),
      stopped: () => (this.#state.at === 'failed' ? this.#state.reason : undefined),
    })
  }

  #makeOwner(): Owner {
    const { world } = this.#options
    return {
      surroundings: {
        disk: this.#disk,
        openSegments: this.#openSegments,
        sectionBytes: this.#options.sectionBytes,
        madeFolder: folder => this.#checkpointer.madeFolder(folder),
      },
      epoch: this.epoch,
      monotonic: () => world.monotonic(),
      refusal: log => this.#refusal(log),
      commit: append => this.#committer.append(append),
      trim: (log, before) => this.#trim(log, before),
      rewrite: (log, fresh) => this.#rewrite(log, fresh),
      tailChanged: (log, bytes) => this.#tails.changed(log, bytes),
      discard: segment => this.#discard(segment),
      retire: segment => this.#lateFlush.whenDurable(() => this.#discard(segment)),
      diskError: error => this.#diskError(error),
    }
  }

  get isFull(): boolean {
    return this.#fullDisk.reason !== undefined
  }

  async open(name: string, options?: LogOptions): Promise<Log> {
    this.#assertUsable(name)
    checkLogName(name)
    const deleting = this.#deleting.get(name)
    if (deleting !== undefined) {
      await deleting.catch(() => {})
      return this.open(name, options)
    }
    const open = this.#byName.get(name)
    if (open !== undefined) {
      if (options !== undefined) open.configure(options)
      return open
    }
    const opening =
      this.#opening.get(name) ?? this.#open(name, options ?? {}).finally(() => this.#opening.delete(name))
    this.#opening.set(name, opening)
    return opening
  }

  async delete(name: string): Promise<void> {
    this.#assertUsable(name)
    const deleting = this.#deleting.get(name) ?? this.#delete(name).finally(() => this.#deleting.delete(name))
    this.#deleting.set(name, deleting)
    return deleting
  }

  list(): Iterable<string> {
    return [...this.#byName.keys(), ...this.#closedLogs.keys()]
  }

  /** Brings all segments up to date and begins the write-ahead log anew from here. Errors: the disk's. */
  checkpoint(): Promise<void> {
    this.#checkpointing ??= this.#checkpoint(false).finally(() => {
      this.#checkpointing = undefined
    })
    return this.#checkpointing
  }

  /** The logs that are open, for the scrubber. */
  openLogs(): readonly FileLog[] {
    return [...this.#byName.values()]
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    this.#lateFlush.stop()
    this.#fullDisk.end()
    await Promise.allSettled(this.#opening.values())
    await this.#committer.idle()
    this.#lastGroup?.stop()
    try {
      await this.#checkpointing
      if (this.#state.at !== 'failed') await this.#checkpoint(true)
    } catch (error) {
      // The write-ahead log has it all: the next opening replays it.
      this.#report.warn('the last checkpoint was not written', {
        store: this.#disk.name,
        error: String(error),
      })
    }
    if (this.#state.at !== 'failed') this.#state = { at: 'closed', reason: this.#closedReason() }
    for (const log of this.#byName.values()) {
      log.finish(this.#state.reason)
      for (const segment of log.files) segment.closeFile()
    }
    this.#wal.close()
    this.#options.onClosed?.()
  }

  #closedReason(): LogError {
    return new LogError('LOG_CLOSED', `the store in ${this.#disk.name} is closed`)
  }

  async #open(name: string, options: LogOptions): Promise<FileLog> {
    const known = this.#wake(name, options)
    if (known !== undefined) return known
    const id = this.#nextLogId++
    const log = new FileLog(this.#owner, freshState(id, name), { options })
    // Known from the moment of the commit, so that no checkpoint can miss it.
    await this.#committer.control({ kind: 'create', log: id, name }, () => this.#byName.set(name, log))
    return log
  }

  /** Nothing is appended from now on; the log goes when that is durable, and stays when it is refused. */
  async #delete(name: string): Promise<void> {
    await this.#opening.get(name)
    const log = this.#byName.get(name) ?? this.#wake(name, {})
    if (log === undefined) return
    await this.#committer.control({ kind: 'delete', log: log.id }, () => this.#forget(log))
  }

  #wake(name: string, options: LogOptions): FileLog | undefined {
    const state = this.#closedLogs.get(name)
    if (state === undefined) return undefined
    this.#closedLogs.delete(name)
    const log = new FileLog(this.#owner, state, { options })
    this.#byName.set(name, log)
    return log
  }

  #assertUsable(name: string): void {
    if (this.#state.at === 'failed' || this.#state.at === 'closed') throw this.#state.reason
    if (this.#closing !== undefined) throw new LogError('LOG_CLOSED', `the store of ${name} is closing`)
  }

  #refusal(log: FileLog): LogError | undefined {
    const refusal = this.#changeRefusal(log)
    if (refusal !== undefined) return refusal
    if (this.#state.at !== 'open') return this.#state.reason
    return log.isReserved ? undefined : this.#fullDisk.reason
  }

  /** Why nothing of the log may change any more. */
  #changeRefusal(log: FileLog): LogError | undefined {
    if (this.#closing !== undefined) return new LogError('LOG_CLOSED', `the store of ${log.name} is closed`)
    const isThere = this.#byName.get(log.name) === log && !this.#deleting.has(log.name)
    return isThere ? undefined : deletedReason(log)
  }

  async #trim(log: FileLog, before: Offset): Promise<void> {
    const refusal = this.#changeRefusal(log)
    if (refusal !== undefined) throw refusal
    await this.#committer.control({ kind: 'trim', log: log.id, before }, () => {
      log.dropTrimmed(before)
      this.#fullDisk.retry()
    })
  }

  /** The new file is whole and durable before the write-ahead log says that it counts. */
  async #rewrite(log: FileLog, fresh: Segment): Promise<void> {
    try {
      await fresh.sync()
      await this.#checkpointer.syncNames([fresh])
    } catch (error) {
      throw this.#fail(error)
    }
    const refusal = this.#changeRefusal(log)
    if (refusal !== undefined) {
      this.#discard(fresh)
      throw refusal
    }
    const { base: segment, generation, bytes: length, maxTimestamp } = fresh
    const entry = { kind: 'rewrite', log: log.id, segment, generation, length, maxTimestamp } as const
    try {
      await this.#committer.control(entry, () => log.replace(fresh))
    } catch (error) {
      if (this.#state.at !== 'failed') this.#discard(fresh) // else it may count after all
      throw error
    }
  }

  #forget(log: FileLog): void {
    this.#byName.delete(log.name)
    log.finish(deletedReason(log))
    this.#tails.forget(log)
    this.#lateFlush.whenDurable(() => {
      for (const segment of log.files) this.#discard(segment)
      this.#checkpointer.removedFolder(log.folder)
      try {
        this.#disk.removeFolder(log.folder)
      } catch {
        // Something is left in it, such as an unfinished rewrite: the next opening after a crash tidies up.
      }
    })
    this.#fullDisk.retry()
  }

  #discard(segment: Segment): void {
    try {
      segment.remove()
    } catch (error) {
      this.#report.warn('a segment could not be removed', { file: segment.path, error: String(error) })
    }
  }

  #afterCommit(): void {
    this.#lastGroup?.committed()
    try {
      if (this.#fullDisk.reason === undefined) this.#tails.spill(this.#options.tailBytesMax ?? TAIL_BYTES_MAX)
    } catch (error) {
      if (isFull(error)) this.#becomeFull(error, [])
      else this.#fail(error)
      return
    }
    const isDue = this.#checkpointer.isDue || this.#openSegments.isCrowded
    if (isDue && this.#checkpointing === undefined) this.checkpoint().catch(() => {}) // it has failed the store, or will be tried again
  }

  async #checkpoint(clean: boolean): Promise<void> {
    try {
      await this.#checkpointer.write(clean)
    } catch (error) {
      if (!isFull(error)) throw this.#fail(error)
      this.#becomeFull(error, [])
      throw error
    }
  }

  /** Gives the error for those who are refused. What was refused is taken back, so that its offsets are given again. */
  #becomeFull(error: unknown, refused: readonly Append[]): LogError {
    for (const log of new Set(refused.map(one => one.log))) log.undo()
    return this.#state.at === 'open' ? this.#fullDisk.begin(error) : this.#state.reason
  }

  #diskError(error: unknown): unknown {
    if (isFull(error)) return this.#becomeFull(error, [])
    return error instanceof Error && 'syscall' in error ? this.#fail(error) : error
  }

  /** Nothing is acknowledged any more; the owner must stop. Gives the error for those who wait. */
  #fail(error: unknown): LogError {
    if (this.#state.at === 'failed') return this.#state.reason
    const reason = new LogError(
      'LOG_STORE_FAILED',
      `the disk of ${this.#disk.name} failed: ${error instanceof Error ? error.message : String(error)}`,
      {},
      error,
    )
    this.#state = { at: 'failed', reason }
    this.#lateFlush.stop()
    this.#lastGroup?.stop()
    this.#fullDisk.end()
    this.#committer.stop(reason)
    for (const log of this.#byName.values()) log.finish(reason)
    this.#resolveFailed(reason)
    return reason
  }
}

function deletedReason({ name }: FileLog): LogError {
  return new LogError('LOG_DELETED', `${name} was deleted`)
}
