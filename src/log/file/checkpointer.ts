// Checkpoints of a store: tails are spilled, segments and the names of new ones flushed, the state of every log written,
// and the write-ahead log before it given free. The states are taken first: what comes while segments are flushed is
// replayed.

import type { Ballast } from './ballast.ts'
import { FORMAT, writeCheckpoint } from './checkpoint.ts'
import type { Committer } from './committer.ts'
import type { Disk } from './disk.ts'
import type { FileLog } from './file-log.ts'
import type { LateFlush } from './late-flush.ts'
import type { LogState } from './log-state.ts'
import type { Segment } from './segment.ts'
import { sideBySide } from './side-by-side.ts'
import type { Tails } from './tails.ts'
import type { Wal } from './wal.ts'

export interface CheckpointParts {
  readonly disk: Disk
  readonly epoch: number
  readonly wal: Wal
  readonly committer: Committer
  readonly lateFlush: LateFlush
  readonly tails: Tails
  readonly ballast: Ballast
  /** A checkpoint is due after this many bytes of write-ahead log. */
  readonly dueBytes: number
  readonly openFilesMax: number
}

/** What the store knows of its logs. */
export interface Logs {
  states(): LogState[]
  nextLogId(): number
  /** Neither deleted nor forgotten. */
  isThere(log: FileLog): boolean
  hasFolder(folder: string): boolean
  /** Why nothing may be written any more. */
  stopped(): Error | undefined
}

export class Checkpointer {
  readonly #parts: CheckpointParts
  readonly #logs: Logs
  /** Folders of logs whose names may not be durable. */
  readonly #newFolders = new Set<string>()
  #walBytes = 0
  #directBytes = 0

  constructor(parts: CheckpointParts, logs: Logs) {
    this.#parts = parts
    this.#logs = logs
  }

  /** Enough would have to be replayed that another checkpoint pays. */
  get isDue(): boolean {
    const { wal, committer, dueBytes } = this.#parts
    return (
      wal.totalBytes - this.#walBytes >= dueBytes || committer.directBytes - this.#directBytes >= dueBytes * 4
    )
  }

  madeFolder(folder: string): void {
    this.#newFolders.add(folder)
  }
  removedFolder(folder: string): void {
    this.#newFolders.delete(folder)
  }

  /** `clean` when nothing comes after it. Errors: the disk's, or why the store stopped meanwhile. */
  async write(clean: boolean): Promise<void> {
    const { disk, epoch, wal, committer, lateFlush, ballast } = this.#parts
    const { mark } = committer
    const total = wal.totalBytes
    const direct = committer.directBytes
    const logs = this.#logs.states()
    const nextLogId = this.#logs.nextLogId()
    await this.#flushSegments()
    await lateFlush.flush()
    const stopped = this.#logs.stopped()
    if (stopped !== undefined) throw stopped
    await writeCheckpoint(disk, { format: FORMAT, epoch, nextLogId, wal: mark, clean, logs })
    this.#walBytes = total
    this.#directBytes = direct
    wal.release(mark.file)
    if (!clean) await ballast.restore()
  }

  /** Makes the names of segments durable. Errors: the disk's. */
  async syncNames(segments: readonly Segment[]): Promise<void> {
    if (segments.length === 0) return
    await Promise.all([...new Set(segments.map(one => one.folder))].map(folder => this.#syncFolder(folder)))
    await this.#syncNewFolders()
    for (const segment of segments) segment.isNew = false
  }

  async #flushSegments(): Promise<void> {
    const { tails, openFilesMax } = this.#parts
    const dirty = tails.takeDirty()
    const closeAfter = dirty.length > openFilesMax / 2
    try {
      await sideBySide(dirty, log => this.#flushLog(log, closeAfter))
    } catch (error) {
      for (const log of dirty) tails.markDirty(log)
      throw error
    }
    await this.#syncNewFolders()
  }

  async #flushLog(log: FileLog, closeAfter: boolean): Promise<void> {
    if (!this.#logs.isThere(log)) return
    log.spill()
    const segments = log.files.filter(one => one.needsSync)
    for (const segment of segments) await segment.sync()
    const fresh = segments.filter(one => one.isNew)
    if (fresh.length > 0) await this.#syncFolder(log.folder)
    for (const segment of fresh) segment.isNew = false
    if (log.tailBytes > 0) this.#parts.tails.markDirty(log)
    if (closeAfter) for (const segment of segments) if (!segment.needsSync) segment.closeFile()
  }

  async #syncFolder(folder: string): Promise<void> {
    try {
      await this.#parts.disk.syncFolder(folder)
    } catch (error) {
      // A log that was deleted in the middle of a checkpoint takes its folder along.
      if (this.#logs.hasFolder(folder)) throw error
    }
  }

  async #syncNewFolders(): Promise<void> {
    if (this.#newFolders.size === 0) return
    const folders = [...this.#newFolders]
    await this.#parts.disk.syncFolder('logs')
    for (const folder of folders) this.#newFolders.delete(folder)
  }
}
