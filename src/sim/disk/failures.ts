// What the simulated disk throws: Node's own errors by their codes, and the one that no program may survive.

/** Power is gone, or the process was killed: whatever the program does from here on, nobody sees it. */
export class PowerLoss extends Error {
  override readonly name = 'PowerLoss'
}

const texts = {
  EBADF: 'bad file descriptor',
  EEXIST: 'file already exists',
  EINVAL: 'invalid argument',
  EIO: 'i/o error',
  EISDIR: 'illegal operation on a directory',
  ENOENT: 'no such file or directory',
  ENOSPC: 'no space left on device',
  ENOTDIR: 'not a directory',
  ENOTEMPTY: 'directory not empty',
} as const

export type SystemErrorCode = keyof typeof texts

/** An error as node:fs throws it: message, `code`, `syscall` and `path`. */
export function systemError(code: SystemErrorCode, syscall: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${texts[code]}, ${syscall} '${path}'`), { code, syscall, path })
}
