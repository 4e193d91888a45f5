// The exported folder: the only way from what a client says to a file, and so the place where it is made sure that
// the file lies in the folder. Clients reach it step by step from the root, by names that are checked; '..' of the root
// is the root. Symbolic links are never followed here, they are for the client to follow.
//
// Before each use the file is looked at again: it must still be the one of the handle, and the folder that it lies in must
// still be reached without a symbolic link. Between that look and the use there is a moment in which somebody with rights on
// the machine itself could put a link there; Node has no openat, with which it could be closed.

import { type BigIntStats, constants } from 'node:fs'
import { type FileHandle, lstat, open, realpath } from 'node:fs/promises'
import { type nfs_fh3, nfsstat3 } from '../nfs.js'
import { NfsError } from './failure.js'
import { Handles, identityOf, type KnownFile } from './handles.js'
import { limits } from './limits.js'
import { checkName, folderOf, here, parent, within } from './paths.js'

/** A file, and what was just seen of it. */
export interface Found {
  readonly file: KnownFile
  readonly stats: BigIntStats
}

export class ExportedFiles {
  readonly #root: Buffer
  readonly #handles: Handles

  private constructor(root: Buffer, handlesMax: number) {
    this.#root = root
    this.#handles = new Handles(handlesMax)
  }

  /** Errors: the system's, when there is no such folder. */
  static async open(folder: string, handlesMax: number = limits.handlesMax): Promise<ExportedFiles> {
    const files = new ExportedFiles(await realpath(folder, 'buffer'), handlesMax)
    directory(await files.root())
    return files
  }

  async root(): Promise<Found> {
    return this.#know(this.#root)
  }

  /** The file of a handle. Errors: NfsError NFS3ERR_STALE, when it is unknown, forgotten, or the file is gone. */
  async find(handle: nfs_fh3): Promise<Found> {
    const file = this.#handles.find(handle)
    if (file === undefined) throw stale('an unknown handle')
    const stats = await this.#look(file.path).catch((error: unknown) => {
      throw isGone(error) ? stale('it is gone') : error
    })
    if (identityOf(stats) !== file.identity) throw stale('another file is in its place')
    return { file, stats }
  }

  /** A name in a directory. Errors: NfsError, the system's. */
  async lookup(folder: Found, name: Uint8Array): Promise<Found> {
    directory(folder)
    checkName(name)
    const { path } = folder.file
    if (here.equals(name)) return folder
    if (parent.equals(name)) return path.equals(this.#root) ? folder : this.#know(folderOf(path))
    return this.#know(within(path, name))
  }

  /** Opens a regular file. Close it. Errors: NfsError when it is none, the system's. */
  async open({ file, stats }: Found, flags: number): Promise<FileHandle> {
    if (stats.isDirectory()) throw new NfsError(nfsstat3.NFS3ERR_ISDIR, 'a directory')
    if (!stats.isFile()) throw new NfsError(nfsstat3.NFS3ERR_INVAL, 'no regular file')
    return opened(file, flags)
  }

  /** Opens a directory, to change what it is or to flush it. Close it. Errors: NfsError when it is none, the system's. */
  async openDirectory(found: Found): Promise<FileHandle> {
    return opened(directory(found).file, constants.O_RDONLY | constants.O_DIRECTORY)
  }

  /** What was at a path is at another now. */
  moved(from: Buffer, to: Buffer): void {
    this.#handles.moved(from, to)
  }

  async #know(path: Buffer): Promise<Found> {
    const stats = await this.#look(path)
    return { file: this.#handles.know(path, stats), stats }
  }

  async #look(path: Buffer): Promise<BigIntStats> {
    const stats = await lstat(path, { bigint: true })
    if (path.equals(this.#root)) return stats
    const folder = folderOf(path)
    if (!(await realpath(folder, 'buffer')).equals(folder)) throw stale('its folder is elsewhere now')
    return stats
  }
}

/** Errors: NfsError NFS3ERR_NOTDIR when it is no directory. */
export function directory(found: Found): Found {
  if (!found.stats.isDirectory()) throw new NfsError(nfsstat3.NFS3ERR_NOTDIR, 'no directory')
  return found
}

/** Should it have become a symbolic link or a pipe since it was looked at, neither is followed or waited for. */
async function opened(file: KnownFile, flags: number): Promise<FileHandle> {
  const handle = await open(file.path, flags | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  const now = await handle.stat({ bigint: true })
  if (identityOf(now) === file.identity) return handle
  await handle.close()
  throw stale('another file is in its place')
}

function stale(detail: string): NfsError {
  return new NfsError(nfsstat3.NFS3ERR_STALE, detail)
}

function isGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')
}
