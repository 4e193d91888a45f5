// Why `posthorn serve` could not start or had to stop, as an exit code and a sentence.

import { AuthError } from '../../auth/index.ts'
import { LogError, type LogErrorCode } from '../../log/index.ts'
import { ServerError, type ServerErrorCode } from '../../server/index.ts'
import { CommandError, type ExitName } from '../exit.ts'

const serverExits: Readonly<Record<ServerErrorCode, ExitName>> = {
  SERVER_CONFIG_INVALID: 'config',
  SERVER_LISTENER_OPEN: 'config',
  SERVER_PASSWORDS_READABLE: 'config',
  SERVER_ADDRESS_IN_USE: 'tryAgain',
  SERVER_ADDRESS_FORBIDDEN: 'noPermission',
  SERVER_ADDRESS_UNKNOWN: 'config',
  SERVER_TLS_UNUSABLE: 'config',
}

const logExits: Readonly<Partial<Record<LogErrorCode, ExitName>>> = {
  LOG_LOCKED: 'tryAgain',
  LOG_FORMAT_UNKNOWN: 'config',
}

/** Codes of Node's errors about the data folder. */
const folderExits: Readonly<Record<string, readonly [exit: ExitName, what: string]>> = {
  EACCES: ['noPermission', 'may not be written by this user'],
  EPERM: ['noPermission', 'may not be written by this user'],
  EROFS: ['noPermission', 'is on a disk that is read-only'],
  ENOTDIR: ['config', 'is not a folder'],
  ENOSPC: ['storage', 'is on a disk that is full'],
  EDQUOT: ['storage', 'is on a disk whose quota is used up'],
  EIO: ['storage', 'is on a disk that fails'],
  EMFILE: ['storage', 'needs more open files than this process may have: raise ulimit -n'],
}

/** The error as the command ends with it; what nobody foresaw stays as it is, a bug. */
export function failure(error: unknown, folder: string | undefined): unknown {
  if (error instanceof ServerError)
    return new CommandError(serverExits[error.code], error.message, undefined, error)
  if (error instanceof LogError)
    return new CommandError(logExits[error.code] ?? 'storage', error.message, undefined, error)
  if (error instanceof AuthError)
    return new CommandError('config', `users: ${error.message}`, undefined, error)
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const found = folderExits[code]
  if (found === undefined || folder === undefined) return error
  const [exit, what] = found
  return new CommandError(exit, `the data folder ${folder} ${what} (${code})`, undefined, error)
}

/** The store can promise nothing any more. */
export function storeFailure(reason: Error): CommandError {
  return new CommandError(
    'storage',
    `the store failed, and nothing more was acknowledged: ${reason.message}`,
    'check the disk, then start again: what was acknowledged is kept',
    reason,
  )
}
