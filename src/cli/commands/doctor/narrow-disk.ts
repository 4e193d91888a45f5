// A disk with a limit in front of a real folder, for the check of what happens when there is no room: files together may
// have so many bytes, a write that crosses the limit is cut short without an error, and the next one gets ENOSPC, as
// Linux does it.

import type { Disk, DiskFile } from '../../../log/file/disk.ts'

export class NarrowDisk implements Disk {
  readonly #disk: Disk
  readonly #capacity: number
  /** Bytes of each file, by path. */
  readonly #sizes = new Map<string, number>()

  /** `disk` must be empty. */
  constructor(disk: Disk, capacityBytes: number) {
    this.#disk = disk
    this.#capacity = capacityBytes
  }

  get name(): string {
    return this.#disk.name
  }
  makeFolder(path: string): void {
    this.#disk.makeFolder(path)
  }
  list(path: string): string[] {
    return this.#disk.list(path)
  }
  open(path: string, mode: 'read' | 'write' | 'create'): DiskFile {
    return this.#narrowed(path, this.#disk.open(path, mode))
  }
  rename(from: string, to: string): void {
    this.#disk.rename(from, to)
    this.#sizes.set(to, this.#sizes.get(from) ?? 0)
    this.#sizes.delete(from)
  }
  remove(path: string): void {
    this.#disk.remove(path)
    this.#sizes.delete(path)
  }
  removeFolder(path: string): void {
    this.#disk.removeFolder(path)
  }
  syncFolder(path: string): Promise<void> {
    return this.#disk.syncFolder(path)
  }
  freeBytes(): number {
    let free = this.#capacity
    for (const bytes of this.#sizes.values()) free -= bytes
    return Math.max(0, free)
  }

  #narrowed(path: string, file: DiskFile): DiskFile {
    return {
      size: () => file.size(),
      read: (into, position) => file.read(into, position),
      readLater: (into, position) => file.readLater(into, position),
      write: (buffers, position) => file.write(this.#fitting(path, file, buffers, position), position),
      truncate: bytes => {
        file.truncate(bytes)
        this.#sizes.set(path, bytes)
      },
      sync: () => file.sync(),
      close: () => file.close(),
    }
  }

  /** What there is room for. Errors: ENOSPC when that is nothing. */
  #fitting(path: string, file: DiskFile, buffers: readonly Buffer[], position: number): readonly Buffer[] {
    const wanted = buffers.reduce((sum, one) => sum + one.length, 0)
    const size = file.size()
    const room = size - position + this.freeBytes()
    if (wanted > 0 && room <= 0)
      throw Object.assign(new Error(`ENOSPC: no space left on device, write '${path}'`), {
        code: 'ENOSPC',
        syscall: 'write',
      })
    this.#sizes.set(path, Math.max(size, position + Math.min(wanted, room)))
    return wanted <= room ? buffers : [Buffer.concat(buffers).subarray(0, room)]
  }
}
