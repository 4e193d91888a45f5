// Names and paths as bytes. A name that comes from a client is one step within a directory and nothing else: not empty, no
// slash, no zero byte, which would end it in the system.

import { nfsstat3 } from '../nfs.js'
import { NfsError } from './failure.js'
import { limits } from './limits.js'

const SLASH = 0x2f

export const here = Buffer.from('.')
export const parent = Buffer.from('..')

/** Errors: NfsError when it is no name. */
export function checkName(name: Uint8Array): void {
  if (name.length > limits.nameBytesMax)
    throw new NfsError(nfsstat3.NFS3ERR_NAMETOOLONG, `a name of ${name.length} bytes`)
  if (name.length === 0 || name.includes(SLASH) || name.includes(0))
    throw new NfsError(nfsstat3.NFS3ERR_INVAL, 'a name that is none')
}

/** Whether it is '.' or '..', which a directory has but nobody may make or take away. */
export function isDots(name: Uint8Array): boolean {
  return here.equals(name) || parent.equals(name)
}

/** The path of a name in a folder. */
export function within(folder: Buffer, name: Uint8Array): Buffer {
  const isTop = folder.length === 1 && folder[0] === SLASH
  return Buffer.concat(isTop ? [folder, name] : [folder, Buffer.of(SLASH), name])
}

/** The folder of a path. */
export function folderOf(path: Buffer): Buffer {
  return path.subarray(0, Math.max(path.lastIndexOf(SLASH), 1))
}

/** Whether the path is that of the folder, or of something in it. */
export function isWithin(path: Buffer, folder: Buffer): boolean {
  const begins = path.subarray(0, folder.length).equals(folder)
  return begins && (path.length === folder.length || folder.at(-1) === SLASH || path[folder.length] === SLASH)
}

/** The names of a path; slashes at its end and double ones count for nothing. */
export function namesOf(path: Uint8Array): Buffer[] {
  const names: Buffer[] = []
  for (let from = 0; from < path.length; ) {
    const slash = path.indexOf(SLASH, from)
    const to = slash < 0 ? path.length : slash
    if (to > from) names.push(Buffer.from(path.subarray(from, to)))
    from = to + 1
  }
  return names
}
