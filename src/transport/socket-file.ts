// The files of Unix-domain sockets: how long their names may be, and what to do with one that a program left behind when
// it died. The only file outside log/, server/ and cli/ that touches the file system: a socket's name is a file, and who
// binds it must be able to take the old one away.
//
// A file is replaced only when it is a socket and nobody answers there. Between asking and removing another program may
// have taken its place, so the inode is looked at again just before; the gap that remains is one system call wide.

import { lstat, unlink } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deferred } from '../flow/index.ts'
import { errorCodeOf, SocketError } from './errors.ts'

/** Bytes of sun_path that a name can use (unix(7): 108 on Linux, 104 on BSD and macOS, one of them a NUL). */
export const SOCKET_NAME_BYTES_MAX =
  process.platform === 'linux' || process.platform === 'android' ? 107 : 103

/** Characters of the name of a Windows pipe, `\\.\pipe\` included. */
const PIPE_NAME_MAX = 256
const PIPE_PREFIX = '\\\\.\\pipe\\'

/** A name as node:net takes it. */
export type SocketName =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'abstract'; readonly path: string }
  | { readonly kind: 'pipe'; readonly path: string }

/**
 * What a path means here: `@name` is an abstract name on Linux, anything on Windows is a named pipe, the rest is a
 * file. Errors: SocketError ENAMETOOLONG, EINVAL (empty, or with a NUL), EADDRNOTAVAIL (abstract where there is none).
 */
export function socketName(path: string, platform: NodeJS.Platform = process.platform): SocketName {
  if (path === '' || path === '@' || path.includes('\0'))
    throw new SocketError('EINVAL', `'${path.replaceAll('\0', '\\0')}' is no name for a socket`)
  if (platform === 'win32') {
    const pipe = path.startsWith(PIPE_PREFIX) ? path : PIPE_PREFIX + path.replaceAll('/', '\\')
    if (pipe.length > PIPE_NAME_MAX) throw tooLong(path, `${pipe.length} characters as a pipe`, PIPE_NAME_MAX)
    return { kind: 'pipe', path: pipe }
  }
  const bytes = Buffer.byteLength(path)
  if (!path.startsWith('@')) {
    if (bytes > SOCKET_NAME_BYTES_MAX) throw tooLong(path, `${bytes} bytes`, SOCKET_NAME_BYTES_MAX)
    return { kind: 'file', path }
  }
  if (platform !== 'linux' && platform !== 'android')
    throw new SocketError('EADDRNOTAVAIL', `'${path}' is an abstract name, which only Linux has`)
  // The NUL stands in the place of the @, so the name itself has one byte less than the whole of sun_path.
  if (bytes > SOCKET_NAME_BYTES_MAX) throw tooLong(path, `${bytes} bytes`, SOCKET_NAME_BYTES_MAX)
  return { kind: 'abstract', path: `\0${path.slice(1)}` }
}

function tooLong(path: string, length: string, max: number): SocketError {
  return new SocketError('ENAMETOOLONG', `'${path}' has ${length}, a socket's name may have ${max}`)
}

/** A path for `ipc://*`: in the folder for temporary files, and nobody else's. */
export function ephemeralPath(random: Buffer): string {
  const name = `socket-${random.toString('hex')}`
  return process.platform === 'win32' ? name : join(tmpdir(), name)
}

/** Takes the file away if it is a socket on which nobody listens. True when it is gone. */
export async function removeStale(path: string): Promise<boolean> {
  const before = await inodeOfSocket(path)
  if (before === undefined || (await answers(path))) return false
  if ((await inodeOfSocket(path)) !== before) return false
  try {
    await unlink(path)
  } catch (error) {
    if (errorCodeOf(error) !== 'ENOENT') throw error
  }
  return true
}

/** Undefined when the path is no socket. A link is none: what it points to is not ours to judge. */
async function inodeOfSocket(path: string): Promise<bigint | undefined> {
  try {
    const found = await lstat(path, { bigint: true })
    return found.isSocket() ? found.ino : undefined
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

/** Whether somebody listens there: only a refusal says no. A full backlog (EAGAIN) or no right to ask (EACCES) is a yes. */
function answers(path: string): Promise<boolean> {
  const done = deferred<boolean>()
  const socket = connect({ path })
  socket.once('connect', () => done.resolve(true))
  socket.once('error', error => done.resolve(errorCodeOf(error) !== 'ECONNREFUSED'))
  return done.promise.finally(() => socket.destroy())
}
