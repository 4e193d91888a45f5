// How a store is kept.

import type { Reporter, World } from '../../world/index.ts'
import type { Flush } from './committer.ts'
import type { Disk } from './disk.ts'

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
  /** Committed bytes that may wait in memory for their segments, when there are many logs. Default 8 MiB. */
  readonly tailBytesMax?: number
  /** Bytes of a segment that are walked when something is first looked for there, about. Default 16 MiB. */
  readonly sectionBytes?: number
  /** Room kept back for logs that free space. Default 8 MiB; 0 for none. */
  readonly ballastBytes?: number
  /** Files of segments held open, about. Default 500. */
  readonly openFilesMax?: number
  /** Called when everything is closed, to give up the lock. */
  readonly onClosed?: () => void
}

export const FLUSH_MS = 1000
export const CHECKPOINT_BYTES = 48 * 1024 * 1024
export const TAIL_BYTES_MAX = 8 * 1024 * 1024
export const SECTION_BYTES = 16 * 1024 * 1024
export const BALLAST_BYTES = 8 * 1024 * 1024
export const OPEN_FILES_MAX = 500
