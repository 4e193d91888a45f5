// The files of the write-ahead log. A file is filled with zeros ahead of the writing and used again when a checkpoint has
// made it needless: writing into allocated blocks halves the time of a flush.

import type { Disk, DiskFile } from './disk.ts'
import { Flushes } from './flushes.ts'
import { OpenFile } from './open-file.ts'
import { isMissing } from './segment.ts'
import { type Entry, encodeGroup, groupBytes, unflushedFlags } from './wal-format.ts'
import { writeFully } from './write-fully.ts'

export const WAL_FOLDER = 'wal'
/** Bytes of one file. */
export const WAL_FILE_BYTES = 64 * 1024 * 1024
/** Zeros are written this far ahead. */
const PREPARE_BYTES = 1024 * 1024
/** Files kept for use; more are removed. */
const SPARE_MAX = 2

/** Where the log goes on, and what the next group must say. */
export interface WalMark {
  readonly file: number
  readonly position: number
  readonly sequence: number
  readonly previousCrc: number
}

export class Wal {
  readonly #disk: Disk
  readonly #fileBytes: number
  readonly #spares: number[]
  /** Numbers of files that have no proper name yet; undefined once they have. */
  #drafts: number[] | undefined
  #arena = Buffer.allocUnsafe(64 * 1024)
  #zeros: Buffer | undefined
  #file: DiskFile
  #number: number
  #position = 0
  #prepared: number
  #sequence: number
  #previousCrc: number
  #folderChanged = true
  /** Files that were written to and not flushed since. */
  #unflushed = new Set<DiskFile>()
  /** An earlier one may still be at it, with files that a later one leaves out. */
  readonly #flushes = new Flushes()
  /** Groups before this one, and what they name in segments, are durable: the committer says so. */
  flushedTo: number
  #total = 0

  /**
   * Begins a new file, `mark.file`; `spares` are numbers of files that may be used again. A draft counts for nothing
   * until `publish`: its files have other names.
   */
  constructor(
    disk: Disk,
    mark: WalMark,
    {
      spares = [],
      fileBytes = WAL_FILE_BYTES,
      isDraft = false,
    }: { readonly spares?: readonly number[]; readonly fileBytes?: number; readonly isDraft?: boolean },
  ) {
    this.#disk = disk
    this.#drafts = isDraft ? [] : undefined
    this.#fileBytes = fileBytes
    this.#spares = [...spares]
    this.#number = mark.file
    this.#sequence = mark.sequence
    this.#previousCrc = mark.previousCrc
    this.flushedTo = mark.sequence
    this.#file = this.#nextFile(mark.file)
    this.#prepared = this.#file.size()
  }

  /** Where the next group goes. */
  get mark(): WalMark {
    return {
      file: this.#number,
      position: this.#position,
      sequence: this.#sequence,
      previousCrc: this.#previousCrc,
    }
  }
  /** Bytes written since this was opened. */
  get totalBytes(): number {
    return this.#total
  }

  /** Writes a group into the page cache; `isFlushed` when it is acknowledged only after a flush. Errors: the disk's; the log is then as if nothing had been written. */
  write(entries: readonly Entry[], epoch: number, isFlushed: boolean): void {
    const bytes = groupBytes(entries)
    if (this.#position + bytes > this.#fileBytes && this.#position > 0) this.#rotate()
    const flags = isFlushed ? 0 : unflushedFlags(this.#sequence, this.flushedTo)
    if (this.#arena.length < bytes) this.#arena = Buffer.allocUnsafe(bytes * 2)
    const crc = encodeGroup(
      this.#arena,
      { epoch, sequence: this.#sequence, flags, previousCrc: this.#previousCrc },
      entries,
    )
    this.#prepare(this.#position + bytes)
    writeFully(this.#file, [this.#arena.subarray(0, bytes)], this.#position)
    this.#unflushed.add(this.#file)
    this.#position += bytes
    this.#total += bytes
    this.#sequence++
    this.#previousCrc = crc
  }

  /** Makes durable what was written before the call. */
  async sync(): Promise<void> {
    const files = [...this.#unflushed]
    this.#unflushed.clear()
    const folder = this.#folderChanged ? this.#disk.syncFolder(WAL_FOLDER) : undefined
    this.#folderChanged = false
    await this.#flushes.all([folder, ...files.map(file => file.sync())])
    for (const file of files) if (file !== this.#file && !this.#unflushed.has(file)) file.close()
  }

  /** Files before `number` are no longer needed: some are kept for use, the others removed. */
  release(number: number): void {
    for (const name of this.#disk.list(WAL_FOLDER)) {
      const one = walNumber(name)
      if (one === undefined || one >= number || one === this.#number || this.#spares.includes(one)) continue
      if (this.#spares.length < SPARE_MAX) this.#spares.push(one)
      else this.#disk.remove(`${WAL_FOLDER}/${name}`)
    }
  }

  /** A checkpoint names the draft: its files get their proper names. Errors: the disk's. */
  publish(): void {
    const drafts = this.#drafts ?? []
    for (const number of drafts) this.#disk.rename(draftPath(number, drafts[0] ?? number), walPath(number))
    this.#drafts = undefined
    this.#folderChanged = true
  }

  /** Removes a draft that is not wanted. */
  discard(): void {
    this.close()
    const drafts = this.#drafts ?? []
    for (const number of drafts) this.#disk.remove(draftPath(number, drafts[0] ?? number))
  }

  close(): void {
    for (const file of this.#unflushed) if (file !== this.#file) file.close()
    this.#file.close()
  }

  #rotate(): void {
    const before = this.#file
    const file = this.#nextFile(this.#number + 1)
    if (!this.#unflushed.has(before)) before.close()
    this.#file = file
    this.#number++
    this.#position = 0
    this.#prepared = file.size()
    this.#folderChanged = true
  }

  #nextFile(number: number): DiskFile {
    if (this.#drafts !== undefined) {
      const draft = new OpenFile(this.#disk.open(draftPath(number, this.#drafts[0] ?? number), 'create'))
      this.#drafts.push(number)
      return draft
    }
    const spare = this.#spares[0]
    if (spare === undefined) return new OpenFile(this.#disk.open(walPath(number), 'create'))
    this.#disk.rename(walPath(spare), walPath(number))
    this.#spares.shift()
    return new OpenFile(this.#disk.open(walPath(number), 'write'))
  }

  /** Has zeros ready beyond `needed`. When there is no room for them, the write itself will find out. */
  #prepare(needed: number): void {
    if (needed <= this.#prepared) return
    const until = Math.min(this.#fileBytes, needed + PREPARE_BYTES)
    if (until <= needed) return
    try {
      this.#zeros ??= Buffer.alloc(PREPARE_BYTES)
      writeFully(this.#file, [this.#zeros.subarray(0, until - needed)], needed)
      this.#prepared = until
    } catch (error) {
      if (!isFull(error)) throw error
    }
  }
}

/**
 * After a crash: the files of the draft that the checkpoint names, which begins with `first`, get their proper names;
 * others are removed, and that is durable before another checkpoint may name their number. Errors: the disk's.
 */
export async function settleDrafts(disk: Disk, first: number): Promise<void> {
  for (const name of disk.list(WAL_FOLDER)) {
    const [, number, draft] = /^(\d{10,})\.draft-(\d+)$/.exec(name) ?? []
    if (number === undefined) continue
    const path = `${WAL_FOLDER}/${name}`
    if (Number(draft) === first) disk.rename(path, walPath(Number(number)))
    else disk.remove(path)
  }
  await disk.syncFolder(WAL_FOLDER)
}

/** A file of the draft whose first file will have the number `draft`. */
function draftPath(number: number, draft: number): string {
  return `${WAL_FOLDER}/${padded(number)}.draft-${draft}`
}

function padded(number: number): string {
  return String(number).padStart(10, '0')
}

export function walPath(number: number): string {
  return `${WAL_FOLDER}/${padded(number)}.wal`
}

/** The number of a file of the log; undefined for other names. */
export function walNumber(name: string): number | undefined {
  const match = /^(\d{10,})\.wal$/.exec(name)
  return match?.[1] === undefined ? undefined : Number(match[1])
}

/** Whether the disk refused for want of room. */
export function isFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT')
}

/** Names in a folder; none when it is not there. */
export function listFolder(disk: Disk, path: string): string[] {
  try {
    return disk.list(path)
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}
