// Where the data would lie: the file system below the folder, and the room on it.

import { existsSync, statfsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { formatBytes } from '../../quantity.ts'
import type { Finding } from './finding.ts'

/** Magic numbers of file systems (Linux: statfs(2)); elsewhere they are not known, and nothing is said. */
const fileSystems: Readonly<Record<number, string>> = {
  61267: 'ext4',
  1481003842: 'xfs',
  2435016766: 'btrfs',
  801189825: 'zfs',
  2035054128: 'overlay',
  16914836: 'tmpfs',
  2240043254: 'ramfs',
  26985: 'nfs',
  16914839: '9p',
  1702057286: 'fuse',
}
const volatile = new Set(['tmpfs', 'ramfs'])
const remote = new Set(['nfs', '9p', 'fuse'])
/** Below this the broker has hardly room for its write-ahead log. */
const FREE_BYTES_LOW = 512 * 1024 * 1024

/** The folder itself, or the nearest one above it that exists. */
export function existingFolder(folder: string): string {
  for (let at = resolve(folder); ; at = dirname(at)) if (existsSync(at) || dirname(at) === at) return at
}

/** Says what the folder lies on. Errors: Node's own. */
export function placeFindings(folder: string): Finding[] {
  const { type, bavail, bsize } = statfsSync(folder)
  return [judgeFileSystem(fileSystems[type] ?? `type 0x${type.toString(16)}`), judgeRoom(bavail * bsize)]
}

export function judgeFileSystem(name: string): Finding {
  const found = { check: 'file system', result: name }
  if (volatile.has(name))
    return { ...found, verdict: 'failed', meaning: 'it is memory: everything is lost when the machine stops' }
  if (remote.has(name))
    return {
      ...found,
      verdict: 'warning',
      meaning: 'what a flush promises here is decided by another machine',
    }
  return { ...found, verdict: 'ok', meaning: 'files on it outlive the machine as far as its disk does' }
}

export function judgeRoom(freeBytes: number): Finding {
  const found = { check: 'free space', result: formatBytes(freeBytes) }
  return freeBytes < FREE_BYTES_LOW
    ? {
        ...found,
        verdict: 'warning',
        meaning: `below ${formatBytes(FREE_BYTES_LOW)} appends may soon be refused`,
      }
    : { ...found, verdict: 'ok', meaning: 'when it runs out, appends are refused and reads go on' }
}
