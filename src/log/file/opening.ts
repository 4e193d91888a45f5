// Opening a store: recover what the last process left, begin a new epoch, tidy up.

import { silent } from '../../world/index.ts'
import { Ballast } from './ballast.ts'
import { type Checkpoint, FORMAT, readCheckpoint, writeCheckpoint } from './checkpoint.ts'
import type { Disk } from './disk.ts'
import { type Recovered, recover } from './recovery.ts'
import { FileStore } from './store.ts'
import type { FileStoreOptions } from './store-options.ts'
import { isFull, WAL_FOLDER, walPath } from './wal.ts'

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
