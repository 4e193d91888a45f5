// The checkpoint: what every log is at a point of the write-ahead log, so that only what came after is replayed. One
// small file, replaced as a whole: written beside the old one, flushed, renamed, and the folder flushed.

import { crc32c } from '../../bytes/crc32c.ts'
import { LogError } from '../errors.ts'
import type { Disk } from './disk.ts'
import type { LogState } from './log-state.ts'
import { isMissing } from './segment.ts'
import type { WalMark } from './wal.ts'
import { writeFully } from './write-fully.ts'

export const FORMAT = 1
const PATH = 'checkpoint'
const FRESH_PATH = 'checkpoint.new'

export interface Checkpoint {
  readonly format: number
  readonly epoch: number
  readonly nextLogId: number
  readonly wal: WalMark
  /** The store was closed in order: nothing is to be replayed or tidied. */
  readonly clean: boolean
  readonly logs: readonly LogState[]
}

/** Undefined when the folder has none. Errors: LOG_FORMAT_UNKNOWN, LOG_ROTTEN. */
export function readCheckpoint(disk: Disk): Checkpoint | undefined {
  const bytes = readFile(disk)
  if (bytes === undefined) return undefined
  const end = bytes.lastIndexOf(0x0a)
  const text = bytes.subarray(0, end)
  if (end < 0 || bytes.toString('latin1', end + 1) !== checksum(text))
    throw new LogError('LOG_ROTTEN', `${disk.name}/${PATH} is damaged`, { file: PATH })
  const checkpoint = JSON.parse(text.toString()) as Checkpoint
  if (checkpoint.format !== FORMAT)
    throw new LogError(
      'LOG_FORMAT_UNKNOWN',
      `${disk.name} has format ${checkpoint.format}, this version knows ${FORMAT}`,
      { format: checkpoint.format },
    )
  return checkpoint
}

/** Replaces the checkpoint; durable when it resolves. Errors: the disk's. */
export async function writeCheckpoint(disk: Disk, checkpoint: Checkpoint): Promise<void> {
  const text = Buffer.from(JSON.stringify(checkpoint))
  const bytes = Buffer.concat([text, Buffer.from(`\n${checksum(text)}`)])
  remove(disk, FRESH_PATH)
  const file = disk.open(FRESH_PATH, 'create')
  try {
    writeFully(file, [bytes], 0)
    await file.sync()
  } finally {
    file.close()
  }
  disk.rename(FRESH_PATH, PATH)
  await disk.syncFolder('')
}

function readFile(disk: Disk): Buffer | undefined {
  try {
    const file = disk.open(PATH, 'read')
    try {
      const bytes = Buffer.alloc(file.size())
      return bytes.subarray(0, file.read(bytes, 0))
    } finally {
      file.close()
    }
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

function checksum(text: Buffer): string {
  return crc32c(text).toString(16).padStart(8, '0')
}

function remove(disk: Disk, path: string): void {
  try {
    disk.remove(path)
  } catch (error) {
    if (!isMissing(error)) throw error
  }
}
