// The few things that the file engine asks of a file system. The real one is node-disk.ts; sim/ has one that loses,
// tears and refuses, so that every promise of the engine can be tested at every step. Paths are relative to the
// store's folder and use '/'. All errors are Node's own (`code` ENOENT, ENOSPC, EIO, ...).

/** How to open: `read` an existing file, `write` an existing file (and read it), `create` a new one (and read it). */
export type OpenMode = 'read' | 'write' | 'create'

export interface Disk {
  /** What people call this place, for messages. */
  readonly name: string
  /** Makes a folder whose parent exists; an existing one is fine. */
  makeFolder(path: string): void
  /** Names within a folder, in no order. */
  list(path: string): string[]
  /** `create` fails with EEXIST when the file is there. */
  open(path: string, mode: OpenMode): DiskFile
  rename(from: string, to: string): void
  /** Removes a file; ENOENT when there is none. Its room may come back a little later. */
  remove(path: string): void
  /** Removes an empty folder. */
  removeFolder(path: string): void
  /** Makes names that came, went or changed in this folder durable (fsync of the directory). */
  syncFolder(path: string): Promise<void>
  /** Bytes that can still be written. */
  freeBytes(): number
}

export interface DiskFile {
  /** The file's length in bytes now. */
  size(): number
  /** Reads at `position` into `into`; gives the bytes read, fewer than asked only at the end of the file. */
  read(into: Buffer, position: number): number
  /** The same without holding up the thread: for data that is likely not cached. */
  readLater(into: Buffer, position: number): Promise<number>
  /**
   * Writes the buffers one after another at `position` into the page cache; gives the bytes written. **May be short
   * without an error** (a full disk): the caller goes on with the rest and then sees ENOSPC.
   */
  write(buffers: readonly Buffer[], position: number): number
  /** Cuts (or extends with a hole) to `size` bytes. */
  truncate(size: number): void
  /** Resolves when all that was written is on the medium (fdatasync). After a rejection nothing may be assumed. */
  sync(): Promise<void>
  close(): void
}
