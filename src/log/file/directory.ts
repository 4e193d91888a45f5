// The file engine on a real folder: locked against a second process, and re-read in the background.

import { systemWorld, type World } from '../../world/index.ts'
import { lockFolder } from './lock.ts'
import { nodeDisk } from './node-disk.ts'
import { openStoreOn } from './opening.ts'
import { Scrubber } from './scrubber.ts'
import type { FileStore } from './store.ts'
import type { FileStoreOptions } from './store-options.ts'

export interface DirectoryStoreOptions extends Omit<FileStoreOptions, 'disk' | 'world' | 'onClosed'> {
  /** Made when it does not exist. */
  readonly directory: string
  readonly world?: World
  /** Bytes a second that the scrubber may read; 0 turns it off. Default 4 MiB. */
  readonly scrubBytesPerSecond?: number
}

const SCRUB_BYTES_PER_SECOND = 4 * 1024 * 1024

/** Opens the store in a folder. Errors: LOG_LOCKED, LOG_FORMAT_UNKNOWN, LOG_ROTTEN, Node's own. */
export async function openFileStore(options: DirectoryStoreOptions): Promise<FileStore> {
  const { directory, world = systemWorld, scrubBytesPerSecond = SCRUB_BYTES_PER_SECOND, ...rest } = options
  const disk = nodeDisk(directory)
  const unlock = lockFolder(directory)
  try {
    let scrubber: Scrubber | undefined
    const onClosed = (): void => {
      scrubber?.stop()
      unlock()
    }
    const store = await openStoreOn({ ...rest, disk, world, onClosed })
    if (scrubBytesPerSecond > 0)
      scrubber = new Scrubber(store, {
        world,
        bytesPerSecond: scrubBytesPerSecond,
        ...(rest.report && { report: rest.report }),
      })
    return store
  } catch (error) {
    unlock()
    throw error
  }
}
