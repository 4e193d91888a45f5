// Opening a store: recover what the last process left, begin a new epoch, tidy up.

import { silent } from '../../world/index.ts'
import { Ballast } from './ballast.ts'
import { type Checkpoint, FORMAT, readCheckpoint, writeCheckpoint } from './checkpoint.ts'
import { type Recovered, recover } from './recovery.ts'
import { FileStore } from './store.ts'
import type { FileStoreOptions } from './store-options.ts'
import { isFull, settleDrafts, WAL_FOLDER, Wal, walPath } from './wal.ts'

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
  if (last.epoch >= 0 && !last.clean) await settleDrafts(disk, last.wal.file)
  const { recovered, draft } = await recoverWithRoom(options, last)
  for (const { what, ...fields } of recovered.damage)
    report.error(`damaged data: ${what}`, { store: disk.name, ...fields })
  const epoch = last.epoch + 1
  await writeCheckpoint(disk, {
    format: FORMAT,
    epoch,
    nextLogId: recovered.nextLogId,
    wal: recovered.mark,
    clean: false,
    logs: draft === undefined ? recovered.logs : last.logs,
  })
  draft?.publish()
  for (const number of recovered.useless) disk.remove(walPath(number))
  for (const path of recovered.strays.files) disk.remove(path)
  for (const path of recovered.strays.folders) disk.removeFolder(path)
  const wal = draft ?? new Wal(disk, recovered.mark, { ...walSize(options), spares: recovered.spares })
  return new FileStore(options, epoch, { ...recovered, wal })
}

/** The new write-ahead log, when it begins with what is replayed. */
interface Opened {
  readonly recovered: Recovered
  readonly draft?: Wal
}

/** Without room for a copy of the write-ahead log all is restored, and that may need room which only the ballast has. */
async function recoverWithRoom(options: FileStoreOptions, last: Checkpoint): Promise<Opened> {
  const { disk } = options
  try {
    const recovered = await recover(disk, last, 'large')
    return recovered.groups.length === 0
      ? { recovered }
      : { recovered, draft: await copied(options, recovered) }
  } catch (error) {
    if (!isFull(error)) throw error
  }
  try {
    return { recovered: await recover(disk, last, 'all') }
  } catch (error) {
    if (!isFull(error)) throw error
    new Ballast(disk, 0).release()
    return { recovered: await recover(disk, last, 'all') }
  }
}

/** Writes the replayed groups into a new write-ahead log and flushes it. Errors: the disk's; then nothing is left of it. */
async function copied(options: FileStoreOptions, { mark, groups }: Recovered): Promise<Wal> {
  const wal = new Wal(options.disk, mark, { ...walSize(options), isDraft: true })
  try {
    for (const { group, entries } of groups) wal.write(entries, group.epoch, true)
    // An empty one takes the number of a group that was given up.
    wal.write([], groups.at(-1)?.group.epoch ?? 0, true)
    await wal.sync()
    wal.flushedTo = wal.mark.sequence
    return wal
  } catch (error) {
    wal.discard()
    throw error
  }
}

function walSize({ walFileBytes }: FileStoreOptions): { readonly fileBytes?: number } {
  return walFileBytes === undefined ? {} : { fileBytes: walFileBytes }
}
