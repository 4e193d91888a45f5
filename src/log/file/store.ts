// The file engine: logs in a folder. One write-ahead log is the commit point of all of them; each log's segments are
// checkpointed copies. The room's README is ARCHITECTURE.md, "The log"; the promises are tested by the contract suite and
// by the crash model over sim/'s disk.
//
//   <folder>/checkpoint            what every log is, at a place in the write-ahead log
//   <folder>/wal/<number>.wal      groups of what one flush made durable
//   <folder>/logs/<id>/<base>.log  segments of RecordBatch v2, nothing else in them
//   <folder>/ballast               room that is given up when the disk is full

import { type Reporter, silent, type Timer, type World } from '../../world/index.ts'
import { LogError } from '../errors.ts'
import type { Epoch, Log, LogOptions, LogStore, Offset } from '../log.ts'
import { checkLogName } from '../name.ts'
import { Ballast } from './ballast.ts'
import { type Checkpoint, FORMAT, readCheckpoint, writeCheckpoint } from './checkpoint.ts'
import { Committer, type Flush } from './committer.ts'
import type { Disk } from './disk.ts'
import { type Append, FileLog, type LogState, logFolder, type Owner } from './file-log.ts'
import { OpenSegments } from './open-segments.ts'
import { type Damage, freshState, type Recovered, recover } from './recovery.ts'
import type { Segment } from './segment.ts'
import { sideBySide } from './side-by-side.ts'
import { FlushStats } from './stats.ts'
import { isFull, WAL_FOLDER, Wal, walPath } from './wal.ts'

export interface FileStoreOptions {
  readonly disk: Disk
  readonly world: World
  readonly report?: Reporter
  /**
   * `always` (the default) acknowledges what is on the medium. `interval` and `never` acknowledge what the operating
   * system has: a crash of the process loses nothing, one of the machine up to `flushMs`, or whatever was not written.
   */
  readonly flush?: Flush
  /** For `interval`: ms between flushes. Default 1000. */
  readonly flushMs?: number
  /** Bytes of one file of the write-ahead log. Default 64 MiB. */
  readonly walFileBytes?: number
  /** A checkpoint is made after this many bytes of write-ahead log. Default 48 MiB. */
  readonly checkpointBytes?: number
  /** Committed bytes that may wait in memory for their segments. Default 8 MiB. */
  readonly tailBytesMax?: number
  /** Room kept back for logs that free space. Default 8 MiB; 0 for none. */
  readonly ballastBytes?: number
  /** Files of segments held open, about. Default 500. */
  readonly openFilesMax?: number
  /** Called when everything is closed, to give up the lock. */
  readonly onClosed?: () => void
}

const FLUSH_MS = 1000
const CHECKPOINT_BYTES = 48 * 1024 * 1024
const TAIL_BYTES_MAX = 8 * 1024 * 1024
const BALLAST_BYTES = 8 * 1024 * 1024
const OPEN_FILES_MAX = 500
/** How often a full disk is looked at again, in ms. */
const FULL_RETRY_MS = 1000

export class FileStore implements LogStore {
  readonly epoch: Epoch
  readonly failed: Promise<Error>
  /** What was found damaged when the store was opened. */
  readonly damage: readonly Damage[]
  readonly stats = new FlushStats()
  readonly #options: FileStoreOptions
  readonly #disk: Disk
  readonly #world: World
  readonly #report: Reporter
  readonly #wal: Wal
  readonly #committer: Committer
  readonly #ballast: Ballast
  readonly #openSegments: OpenSegments
  readonly #owner: Owner
  readonly #byName = new Map<string, FileLog>()
  /** Logs that are known and were not asked for yet. */
  readonly #closedLogs = new Map<string, LogState>()
  readonly #opening = new Map<string, Promise<FileLog>>()
  readonly #dirty = new Set<FileLog>()
  /** To be done after the next flush, in the modes that acknowledge before it. */
  #afterFlush: (() => void)[] = []
  readonly #newFolders = new Set<string>()
  /** The deletion is on its way. */
  readonly #deleting = new Map<string, Promise<void>>()
  #nextLogId: number
  #tailBytes = 0
  #walBytesAtCheckpoint = 0
  #directBytesAtCheckpoint = 0
  #checkpointing: Promise<void> | undefined
  #state:
    | { at: 'open' }
    | { at: 'full'; reason: LogError }
    | { at: 'failed'; reason: LogError }
    | { at: 'closed'; reason: LogError } = { at: 'open' }
  #resolveFailed: (error: Error) => void = () => {}
  #flushTimer: Timer | undefined
  #fullTimer: Timer | undefined
  #closing: Promise<void> | undefined

  constructor(options: FileStoreOptions, epoch: Epoch, recovered: Recovered) {
    this.#options = options
    this.#disk = options.disk
    this.#world = options.world
    this.#report = options.report ?? silent
    this.epoch = epoch
    this.damage = recovered.damage
    this.failed = new Promise(resolve => {
      this.#resolveFailed = resolve
    })
    this.#nextLogId = recovered.nextLogId
    for (const state of recovered.logs) this.#closedLogs.set(state.name, state)
    this.#wal = new Wal(options.disk, recovered.mark, {
      spares: recovered.spares,
      ...(options.walFileBytes && { fileBytes: options.walFileBytes }),
    })
    this.#openSegments = new OpenSegments(options.openFilesMax ?? OPEN_FILES_MAX)
    this.#ballast = new Ballast(options.disk, options.ballastBytes ?? BALLAST_BYTES)
    this.#committer = new Committer(this.#wal, epoch, options.flush ?? 'always', {
      monotonic: () => this.#world.monotonic(),
      full: (error, refused) => this.#becomeFull(error, refused),
      failed: error => this.#fail(error),
      committed: () => this.#afterCommit(),
      syncNames: segments => this.#syncNames(segments),
      flushed: (ms, bytes) => this.stats.flushed(ms, bytes),
    })
    this.#owner = {
      disk: this.#disk,
      openSegments: this.#openSegments,
      epoch,
      monotonic: () => this.#world.monotonic(),
      refusal: log => this.#refusal(log),
      commit: append => this.#committer.append(append),
      trim: (log, before) => this.#trim(log, before),
      rewrite: (log, fresh) => this.#rewrite(log, fresh),
      tailChanged: (log, bytes) => this.#tailChanged(log, bytes),
      discard: segment => this.#discard(segment),
      retire: segment => this.#whenDurable(() => this.#discard(segment)),
      diskError: error => this.#diskError(error),
    }
    if (options.flush === 'interval') this.#flushEvery(options.flushMs ?? FLUSH_MS)
  }

  get isFull(): boolean {
    return this.#state.at === 'full'
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
    this.#flushTimer?.cancel()
    this.#fullTimer?.cancel()
    await Promise.allSettled(this.#opening.values())
    await this.#committer.idle()
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
    this.#disk.makeFolder(logFolder(id))
    this.#newFolders.add(logFolder(id))
    const log = new FileLog(this.#owner, freshState(id, name), options)
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
    const log = new FileLog(this.#owner, state, options)
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
    if (this.#state.at === 'open' || (this.#state.at === 'full' && log.isReserved)) return undefined
    return this.#state.reason
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
      this.#retryWhenFull()
    })
  }

  /** The new file is whole and durable before the write-ahead log says that it counts. */
  async #rewrite(log: FileLog, fresh: Segment): Promise<void> {
    try {
      await fresh.sync()
      await this.#syncNames([fresh])
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
    this.#dirty.delete(log)
    this.#tailBytes -= log.tailBytes
    this.#whenDurable(() => {
      for (const segment of log.files) this.#discard(segment)
      this.#newFolders.delete(log.folder)
      try {
        this.#disk.removeFolder(log.folder)
      } catch {
        // Something is left in it, such as an unfinished rewrite: the next opening after a crash tidies up.
      }
    })
    this.#retryWhenFull()
  }

  /** The change that makes this right was acknowledged; after a power loss it must not have come before the change. */
  #whenDurable(remove: () => void): void {
    if ((this.#options.flush ?? 'always') === 'always') remove()
    else this.#afterFlush.push(remove)
  }

  /** Flushes what was acknowledged without a flush. Errors: the disk's. */
  async #flushAcknowledged(): Promise<void> {
    const due = this.#afterFlush
    this.#afterFlush = []
    await this.#committer.flush()
    for (const remove of due) remove()
  }

  #discard(segment: Segment): void {
    try {
      segment.remove()
    } catch (error) {
      this.#report.warn('a segment could not be removed', { file: segment.path, error: String(error) })
    }
  }

  #tailChanged(log: FileLog, bytes: number): void {
    this.#tailBytes += bytes
    if (bytes > 0) this.#dirty.add(log)
  }

  #afterCommit(): void {
    try {
      this.#spill(this.#options.tailBytesMax ?? TAIL_BYTES_MAX)
    } catch (error) {
      if (isFull(error)) this.#becomeFull(error, [])
      else this.#fail(error)
      return
    }
    const most = this.#options.checkpointBytes ?? CHECKPOINT_BYTES
    const isDue =
      this.#wal.totalBytes - this.#walBytesAtCheckpoint >= most ||
      this.#committer.directBytes - this.#directBytesAtCheckpoint >= most * 4 ||
      this.#openSegments.isCrowded
    if (isDue && this.#checkpointing === undefined) this.checkpoint().catch(() => {}) // it has failed the store, or will be tried again
  }

  /**
   * Writes tails into segments, the ones that waited longest first, until at most half of `most` waits. When too many
   * files would be open, the checkpoint does it, which flushes and closes them.
   */
  #spill(most: number): void {
    if (this.#tailBytes <= most || this.#state.at === 'full') return
    for (const log of this.#dirty) {
      if (this.#tailBytes <= most / 2 || this.#openSegments.isCrowded) return
      log.spill()
      if (log.tailBytes === 0 && !log.files.some(one => one.needsSync)) this.#dirty.delete(log)
    }
  }

  async #checkpoint(clean: boolean): Promise<void> {
    const { mark } = this.#committer
    const total = this.#wal.totalBytes
    const direct = this.#committer.directBytes
    const logs = [...this.openLogs().map(log => log.state()), ...this.#closedLogs.values()]
    const nextLogId = this.#nextLogId
    try {
      await this.#flushSegments()
      if ((this.#options.flush ?? 'always') !== 'always') await this.#flushAcknowledged()
      if (this.#state.at === 'failed') throw this.#state.reason
      await writeCheckpoint(this.#disk, {
        format: FORMAT,
        epoch: this.epoch,
        nextLogId,
        wal: mark,
        clean,
        logs,
      })
      this.#walBytesAtCheckpoint = total
      this.#directBytesAtCheckpoint = direct
      this.#wal.release(mark.file)
      if (!clean) await this.#ballast.restore()
    } catch (error) {
      if (!isFull(error)) throw this.#fail(error)
      this.#becomeFull(error, [])
      throw error
    }
  }

  async #flushSegments(): Promise<void> {
    const dirty = [...this.#dirty]
    this.#dirty.clear()
    const closeAfter = dirty.length > (this.#options.openFilesMax ?? OPEN_FILES_MAX) / 2
    try {
      await sideBySide(dirty, log => this.#flushLog(log, closeAfter))
    } catch (error) {
      for (const log of dirty) this.#dirty.add(log)
      throw error
    }
    await this.#syncNewFolders()
  }

  async #flushLog(log: FileLog, closeAfter: boolean): Promise<void> {
    if (this.#byName.get(log.name) !== log) return
    log.spill()
    const segments = log.files.filter(one => one.needsSync)
    for (const segment of segments) await segment.sync()
    const fresh = segments.filter(one => one.isNew)
    if (fresh.length > 0) await this.#syncFolder(log.folder)
    for (const segment of fresh) segment.isNew = false
    if (log.tailBytes > 0) this.#dirty.add(log)
    if (closeAfter) for (const segment of segments) if (!segment.needsSync) segment.closeFile()
  }

  async #syncNames(segments: readonly Segment[]): Promise<void> {
    if (segments.length === 0) return
    await Promise.all([...new Set(segments.map(one => one.folder))].map(folder => this.#syncFolder(folder)))
    await this.#syncNewFolders()
    for (const segment of segments) segment.isNew = false
  }

  async #syncFolder(folder: string): Promise<void> {
    try {
      await this.#disk.syncFolder(folder)
    } catch (error) {
      if (!this.#isGone(folder)) throw error
    }
  }

  /** A log that was deleted in the middle of a checkpoint takes its folder along. */
  #isGone(folder: string): boolean {
    return ![...this.#byName.values()].some(one => one.folder === folder)
  }

  async #syncNewFolders(): Promise<void> {
    if (this.#newFolders.size === 0) return
    const folders = [...this.#newFolders]
    await this.#disk.syncFolder('logs')
    for (const folder of folders) this.#newFolders.delete(folder)
  }

  /** Gives the error for those who are refused. What was refused is taken back, so that its offsets are given again. */
  #becomeFull(error: unknown, refused: readonly Append[]): LogError {
    const reason = new LogError('LOG_DISK_FULL', `the disk of ${this.#disk.name} is full`, {}, error)
    for (const log of new Set(refused.map(one => one.log))) log.undo()
    if (this.#state.at !== 'open') return reason
    this.#state = { at: 'full', reason }
    this.#report.error('the disk is full: appends are refused, reads go on', { store: this.#disk.name })
    try {
      this.#ballast.release()
    } catch (failure) {
      return this.#fail(failure)
    }
    this.#watchFull()
    return reason
  }

  #diskError(error: unknown): unknown {
    if (isFull(error)) return this.#becomeFull(error, [])
    return error instanceof Error && 'syscall' in error ? this.#fail(error) : error
  }

  #watchFull(): void {
    this.#fullTimer = this.#world.after(FULL_RETRY_MS, () => {
      this.#retryWhenFull()
      if (this.#state.at === 'full') this.#watchFull()
    })
  }

  /** Space may have come back: tries to keep what waits and to take the ballast back. */
  #retryWhenFull(): void {
    if (this.#state.at !== 'full') return
    try {
      if (this.#disk.freeBytes() < this.#ballast.bytes * 2) return
      for (const log of this.#dirty) log.spill()
    } catch (error) {
      if (!isFull(error)) this.#fail(error)
      return
    }
    this.#state = { at: 'open' }
    this.#fullTimer?.cancel()
    this.#report.info('the disk has room again: appends go on', { store: this.#disk.name })
  }

  #flushEvery(ms: number): void {
    this.#flushTimer = this.#world.after(ms, () => {
      this.#flushAcknowledged().then(
        () => this.#flushEvery(ms),
        error => this.#fail(error),
      )
    })
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
    this.#flushTimer?.cancel()
    this.#fullTimer?.cancel()
    this.#committer.stop(reason)
    for (const log of this.#byName.values()) log.finish(reason)
    this.#resolveFailed(reason)
    return reason
  }
}

/** Replaying may need room that only the ballast has. */
async function recoverWithRoom(disk: Disk, last: Checkpoint): Promise<Recovered> {
  try {
    return await recover(disk, last)
  } catch (error) {
    if (!isFull(error)) throw error
    new Ballast(disk, 0).release()
    return recover(disk, last)
  }
}

function deletedReason({ name }: FileLog): LogError {
  return new LogError('LOG_DELETED', `${name} was deleted`)
}

/** Opens the store in `disk`: recovers, begins a new epoch, and serves. Errors: LOG_FORMAT_UNKNOWN, LOG_ROTTEN, the disk's. */
export async function openStoreOn(options: FileStoreOptions): Promise<FileStore> {
  const { disk, report = silent } = options
  disk.makeFolder(WAL_FOLDER)
  disk.makeFolder('logs')
  const last = readCheckpoint(disk) ?? {
    format: FORMAT,
    epoch: -1,
    nextLogId: 1,
    clean: false,
    logs: [],
    wal: { file: 0, position: 0, sequence: 1, previousCrc: 0 },
  }
  const recovered = await recoverWithRoom(disk, last)
  for (const { what, ...fields } of recovered.damage)
    report.error(`damaged data: ${what}`, { store: disk.name, ...fields })
  const epoch = last.epoch + 1
  await writeCheckpoint(disk, {
    format: FORMAT,
    epoch,
    nextLogId: recovered.nextLogId,
    wal: recovered.mark,
    clean: false,
    logs: recovered.logs,
  })
  for (const number of recovered.useless) disk.remove(walPath(number))
  for (const path of recovered.strays.files) disk.remove(path)
  for (const path of recovered.strays.folders) disk.removeFolder(path)
  return new FileStore(options, epoch, recovered)
}
