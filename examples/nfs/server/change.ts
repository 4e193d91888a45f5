// What procedures that change something have in common: the look before and the look after, by which clients see whether somebody
// else changed it too (RFC 1813, wcc_data); new attributes; and that a change is on the disk before it is answered.

import { constants } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { type fattr3, nfsstat3, type sattr3, type set_time, time_how, type wcc_data } from '../nfs.js'
import { attributesOf } from './attributes.js'
import { NfsError } from './failure.js'
import type { ExportedFiles, Found } from './files.js'

/** Set-user-id and its like are not for clients to give: what runs with our rights is our choice. */
const MODE_MASK = 0o777
const NANOSECONDS = 1_000_000_000

/** What was seen of a file before a change, with what is seen of it now. */
export async function changesOf(files: ExportedFiles, before: Found): Promise<wcc_data> {
  const { size, mtime, ctime } = attributesOf(before.stats)
  const { stats } = await files.find(before.file.handle)
  return { before: { size, mtime, ctime }, after: attributesOf(stats) }
}

/** Flushes a directory: a name in it that came or went. */
export async function flush(files: ExportedFiles, folder: Found): Promise<void> {
  await using opened = await files.openDirectory(folder)
  await opened.sync()
}

/**
 * Gives a file or directory new attributes. Owners stay what they are, because the server knows no users. Errors: NfsError, the
 * system's.
 */
export async function setAttributes(files: ExportedFiles, found: Found, to: sattr3): Promise<void> {
  const is = attributesOf(found.stats)
  if ((to.uid ?? is.uid) !== is.uid || (to.gid ?? is.gid) !== is.gid)
    throw new NfsError(nfsstat3.NFS3ERR_PERM, 'owners cannot be changed')
  await using opened = await openToChange(files, found, to)
  if (to.size !== undefined) await opened.truncate(offsetOf(to.size))
  if (to.mode !== undefined) await opened.chmod(to.mode & MODE_MASK)
  await setTimes(opened, is, to)
  await opened.sync()
}

function openToChange(files: ExportedFiles, found: Found, { size }: sattr3): Promise<FileHandle> {
  if (found.stats.isDirectory() && size === undefined) return files.openDirectory(found)
  return files.open(found, size === undefined ? constants.O_RDONLY : constants.O_WRONLY)
}

async function setTimes(opened: FileHandle, is: fattr3, { atime, mtime }: sattr3): Promise<void> {
  if (atime.set_it === time_how.DONT_CHANGE && mtime.set_it === time_how.DONT_CHANGE) return
  await opened.utimes(secondsOf(atime, is.atime), secondsOf(mtime, is.mtime))
}

function secondsOf(set: set_time, is: fattr3['mtime']): number {
  if (set.set_it === time_how.SET_TO_SERVER_TIME) return Date.now() / 1000
  const { seconds, nseconds } = set.set_it === time_how.SET_TO_CLIENT_TIME ? set.time : is
  return seconds + nseconds / NANOSECONDS
}

/** An offset as a number. Errors: NfsError NFS3ERR_FBIG. */
export function offsetOf(offset: bigint, length = 0): number {
  const end = offset + BigInt(length)
  if (end > BigInt(Number.MAX_SAFE_INTEGER)) throw new NfsError(nfsstat3.NFS3ERR_FBIG, `${end} bytes`)
  return Number(offset)
}
