// Reading the write-ahead log from a checkpoint on. A group that is not whole is the torn end only if no whole group of a
// later number follows; if one does, bytes rotted.

import type { Disk } from './disk.ts'
import { listFolder, WAL_FOLDER, type WalMark, walNumber, walPath } from './wal.ts'
import {
  decodeEntries,
  decodeGroup,
  type Entry,
  findGroup,
  flushedBefore,
  GROUP_HEADER_BYTES,
  type Group,
  sequenceIn,
} from './wal-format.ts'

export interface ReplayedGroup {
  readonly group: Group
  readonly entries: readonly Entry[]
}

/** What was found: the groups in order, and what is said of those that are damaged. */
export interface Replay {
  readonly groups: readonly ReplayedGroup[]
  readonly damage: readonly string[]
}

/** Numbers of the files of the write-ahead log, in order. */
export function walNumbers(disk: Disk): number[] {
  return listFolder(disk, WAL_FOLDER)
    .flatMap(name => walNumber(name) ?? [])
    .sort((a, b) => a - b)
}

/** From where on the write-ahead log is to be read, and whether it was closed in order there: then nothing should follow. */
interface Ended {
  readonly wal: WalMark
  readonly clean: boolean
}

/** All groups from the mark on. Errors: the disk's. */
export function readGroups(disk: Disk, { wal, clean }: Ended, numbers: readonly number[]): Replay {
  const replay = { groups: [] as ReplayedGroup[], damage: [] as string[] }
  if (!clean || isGoneOn(disk, wal, numbers)) new Reader(disk, wal).read(numbers, replay)
  return replay
}

/**
 * Whether a group from the mark on begins at the mark or at the front of a file behind it. Reads a header of each: to find
 * a group anywhere takes looking through whole files.
 */
function isGoneOn(disk: Disk, mark: WalMark, numbers: readonly number[]): boolean {
  return numbers.some(number => {
    if (number < mark.file) return false
    const header = readHeader(disk, number, number === mark.file ? mark.position : 0)
    return (sequenceIn(header) ?? -1) >= mark.sequence
  })
}

function readHeader(disk: Disk, number: number, position: number): Buffer {
  const file = disk.open(walPath(number), 'read')
  try {
    const header = Buffer.alloc(GROUP_HEADER_BYTES)
    return header.subarray(0, file.read(header, position))
  } finally {
    file.close()
  }
}

class Reader {
  readonly #disk: Disk
  readonly #mark: WalMark

  constructor(disk: Disk, mark: WalMark) {
    this.#disk = disk
    this.#mark = mark
  }

  read(numbers: readonly number[], { groups, damage }: { groups: ReplayedGroup[]; damage: string[] }): void {
    const wal = this.#mark
    let sequence = wal.sequence
    let previousCrc = wal.previousCrc
    const files = numbers.filter(one => one >= wal.file)
    for (const [index, number] of files.entries()) {
      const file = this.#readFile(number)
      let at = number === wal.file ? wal.position : 0
      for (;;) {
        let group = decodeGroup(file, at)
        if (group?.sequence !== sequence || group.previousCrc !== previousCrc) {
          const later = this.#laterGroup(file, at, sequence, files[index + 1])
          if (later === undefined) break
          // Acknowledged without a flush: a power loss may take one and leave the next.
          if (!this.#wasFlushed(file, later, sequence, files.slice(index + 1))) return
          ;({ at, group } = later)
          damage.push(
            `groups ${sequence} to ${group.sequence - 1} of the write-ahead log are damaged (${walPath(number)})`,
          )
        }
        groups.push({ group, entries: decodeEntries(group.payload) })
        at += group.bytes
        sequence = group.sequence + 1
        previousCrc = group.crc
      }
    }
  }

  /**
   * A whole group in the rest of this file that comes after the expected one, which must then have been whole once. When
   * the expected one is the first of the next file, this file simply ended.
   */
  #laterGroup(
    file: Buffer,
    at: number,
    sequence: number,
    next: number | undefined,
  ): { at: number; group: Group } | undefined {
    const found = findGroup(file, at, sequence + 1)
    if (found === undefined) return undefined
    if (next !== undefined) {
      const first = decodeGroup(this.#readFile(next), 0)
      if (first?.sequence === sequence) return undefined
    }
    return found
  }

  /** Whether the group of this number was durable once: the one that was found, or one after it, says so. */
  #wasFlushed(
    file: Buffer,
    found: { readonly at: number; readonly group: Group },
    sequence: number,
    files: readonly number[],
  ): boolean {
    const says = ({ group }: { readonly group: Group }): boolean => flushedBefore(group) > sequence
    for (const bytes of [file, ...files.map(number => this.#readFile(number))]) {
      let next = bytes === file ? found : findGroup(bytes, 0, sequence + 1)
      for (; next !== undefined; next = findGroup(bytes, next.at + next.group.bytes, sequence + 1))
        if (says(next)) return true
    }
    return false
  }

  #readFile(number: number): Buffer {
    const file = this.#disk.open(walPath(number), 'read')
    try {
      const bytes = Buffer.allocUnsafeSlow(file.size())
      return bytes.subarray(0, file.read(bytes, 0))
    } finally {
      file.close()
    }
  }
}
