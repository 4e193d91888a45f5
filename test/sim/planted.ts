// Errors that a store could have, planted between it and the disk: each is a disk that lies in one way. What stores
// get wrong (a sync forgotten, an answer given too early) looks the same from the disk's side.

import type { Disk, DiskFile } from '../../src/log/file/disk.ts'
import type { Dice } from '../../src/sim/disk/index.ts'

/** What one lie replaces. */
interface Lie {
  sync?(file: DiskFile, path: string): Promise<void>
  write?(file: DiskFile, buffers: readonly Buffer[], position: number): number
  syncFolder?(disk: Disk, path: string): Promise<void>
}

/** The errors by name; each makes a disk that tells the lie from an honest one. */
export const plantedErrors = {
  'acknowledges before the flush': () => ({
    sync: async file => {
      file.sync().catch(() => {})
    },
  }),
  'skips one flush in eight': dice => ({
    sync: file => (dice.chance(1 / 8) ? Promise.resolve() : file.sync()),
  }),
  'never flushes a folder': () => ({
    syncFolder: () => Promise.resolve(),
  }),
  'does not notice a short write': () => ({
    write: (file, buffers, position) => {
      file.write(buffers, position)
      return buffers.reduce((sum, buffer) => sum + buffer.length, 0)
    },
  }),
  'takes a failed flush for a good one': () => ({
    sync: file => file.sync().catch(() => {}),
  }),
  'tries a failed flush again': () => ({
    sync: file => file.sync().catch(() => file.sync()),
  }),
} as const satisfies Record<string, (dice: Dice) => Lie>

/** A disk that tells this lie, and the truth about everything else. */
export function lyingDisk(disk: Disk, lie: Lie): Disk {
  const lyingFile = (file: DiskFile, path: string): DiskFile => ({
    size: () => file.size(),
    read: (into, position) => file.read(into, position),
    readLater: (into, position) => file.readLater(into, position),
    write: (buffers, position) => lie.write?.(file, buffers, position) ?? file.write(buffers, position),
    truncate: size => file.truncate(size),
    sync: () => lie.sync?.(file, path) ?? file.sync(),
    close: () => file.close(),
  })
  return {
    name: disk.name,
    makeFolder: path => disk.makeFolder(path),
    list: path => disk.list(path),
    open: (path, mode) => lyingFile(disk.open(path, mode), path),
    rename: (from, to) => disk.rename(from, to),
    remove: path => disk.remove(path),
    removeFolder: path => disk.removeFolder(path),
    syncFolder: path => lie.syncFolder?.(disk, path) ?? disk.syncFolder(path),
    freeBytes: () => disk.freeBytes(),
  }
}
