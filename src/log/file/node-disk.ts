// The real disk: node:fs under one folder. Writes and reads that hit the page cache are synchronous, because a hop to the
// thread pool costs more than they do (measured: 3 us against 50 to 200 us); flushes are not.

import {
  close,
  closeSync,
  existsSync,
  fdatasync,
  fstatSync,
  fsync,
  ftruncateSync,
  mkdirSync,
  open,
  openSync,
  read,
  readdirSync,
  readSync,
  renameSync,
  rmdirSync,
  statfsSync,
  writevSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { Disk, DiskFile, OpenMode } from './disk.ts'
import { Removal } from './removal.ts'

const openLater = promisify(open)
const fsyncLater = promisify(fsync)
const closeLater = promisify(close)
const flags = { read: 'r', write: 'r+', create: 'wx+' } as const

/** The folder `root`, which is made when there is none. Errors: Node's own. */
export function nodeDisk(root: string): Disk {
  makePath(root)
  const at = (path: string): string => join(root, path)
  const removal = new Removal()
  return {
    name: root,
    makeFolder: path => makeFolder(at(path)),
    list: path => readdirSync(at(path)),
    open: (path, mode) => openFile(at(path), mode),
    rename: (from, to) => renameSync(at(from), at(to)),
    remove: path => removal.remove(at(path)),
    removeFolder: path => rmdirSync(at(path)),
    syncFolder: path => syncFolder(at(path)),
    freeBytes() {
      const { bavail, bsize } = statfsSync(root)
      return bavail * bsize
    },
  }
}

/** Node's own `recursive` never comes back where a folder that is there refuses children as missing (/proc). */
function makePath(path: string): void {
  if (!existsSync(dirname(path))) makePath(dirname(path))
  makeFolder(path)
}

function makeFolder(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 })
  } catch (error) {
    if (!existsSync(path)) throw error
  }
}

function openFile(path: string, mode: OpenMode): DiskFile {
  const fd = openSync(path, flags[mode], 0o600)
  return {
    size: () => fstatSync(fd).size,
    read: (into, position) => readFully(fd, into, position),
    readLater: (into, position) => readLater(fd, into, position),
    write: (buffers, position) => writevSync(fd, buffers as Buffer[], position),
    truncate: size => ftruncateSync(fd, size),
    sync: () =>
      new Promise((resolve, reject) => {
        fdatasync(fd, error => (error ? reject(error) : resolve()))
      }),
    close: () => closeSync(fd),
  }
}

function readFully(fd: number, into: Buffer, position: number): number {
  for (let at = 0; at < into.length; ) {
    const count = readSync(fd, into, at, into.length - at, position + at)
    if (count === 0) return at
    at += count
  }
  return into.length
}

async function readLater(fd: number, into: Buffer, position: number): Promise<number> {
  for (let at = 0; at < into.length; ) {
    const from = at
    const count = await new Promise<number>((resolve, reject) => {
      read(fd, into, from, into.length - from, position + from, (error, bytes) =>
        error ? reject(error) : resolve(bytes),
      )
    })
    if (count === 0) return at
    at += count
  }
  return into.length
}

async function syncFolder(path: string): Promise<void> {
  const fd = await openLater(path, 'r')
  try {
    await fsyncLater(fd)
  } finally {
    await closeLater(fd)
  }
}
