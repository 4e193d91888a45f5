// Errors by their POSIX names (IEEE Std 1003.1-2017, <errno.h>), with the number that this system gives them. What Node
// reports is turned into the same class, so that a caller looks at one field. Names that are Node's alone become the
// name that getaddrinfo(3) has for them.

import { constants } from 'node:os'

/** Every code that a call of this library makes by itself, and what it means. */
export const posixErrors = {
  EADDRINUSE: 'address already in use',
  EADDRNOTAVAIL: 'cannot assign requested address',
  EAFNOSUPPORT: 'address family not supported',
  EALREADY: 'a connection attempt is already under way',
  EBADF: 'the socket is closed',
  ECONNABORTED: 'connection aborted',
  EDESTADDRREQ: 'destination address required',
  EINVAL: 'invalid argument',
  EISCONN: 'the socket is already connected',
  EMSGSIZE: 'message too long',
  ENODATA: 'the stream ended before the data was there',
  ENOPROTOOPT: 'option not available',
  ENOTCONN: 'the socket is not connected',
  EOPNOTSUPP: 'operation not supported by this kind of socket',
  EPIPE: 'broken pipe',
  EPROTONOSUPPORT: 'protocol not supported',
  ESOCKTNOSUPPORT: 'socket type not supported',
  ETIMEDOUT: 'the deadline passed',
} as const

export type OwnCode = keyof typeof posixErrors

/** The calls, as errors name them. */
export type Operation =
  | 'socket'
  | 'bind'
  | 'listen'
  | 'accept'
  | 'connect'
  | 'send'
  | 'receive'
  | 'shutdown'
  | 'close'
  | 'setOption'
  | 'getOption'

/** A call failed. */
export class PosixError extends Error {
  override readonly name: string = 'PosixError'
  /** The name: one of `posixErrors`, another of <errno.h> that the system reported, or EAI_NONAME and the like. */
  readonly code: string
  /** The number of the name on this system; undefined when it has none. */
  readonly errno: number | undefined
  readonly operation: Operation

  constructor(code: string, operation: Operation, detail: string, options?: ErrorOptions) {
    super(`${code}: ${operation}: ${detail}`, options)
    this.code = code
    this.errno = Object.entries(constants.errno).find(([name]) => name === code)?.[1]
    this.operation = operation
  }
}

/** An error of our own making; `detail` names the thing, the value and the limit. */
export function posix(code: OwnCode, operation: Operation, detail?: string): PosixError {
  const text = posixErrors[code]
  return new PosixError(code, operation, detail === undefined ? text : `${text}: ${detail}`)
}

/** The stream ended, and what was asked for was not there: `partial` is what there was. */
export class EndOfStreamError extends PosixError {
  override readonly name = 'EndOfStreamError'
  readonly partial: Buffer

  constructor(partial: Buffer, wanted: string) {
    super('ENODATA', 'receive', `${posixErrors.ENODATA}: ${partial.length} bytes came instead of ${wanted}`)
    this.partial = partial
  }
}

/** What node:dns says where getaddrinfo has names of its own. */
const resolverNames: Readonly<Record<string, string>> = {
  ENOTFOUND: 'EAI_NONAME',
  EAI_AGAIN: 'EAI_AGAIN',
}

/** What was caught, as a PosixError with the cause; what has no code (a signal's reason, a bug) stays as it is. */
export function asPosix(error: unknown, operation: Operation): unknown {
  if (error instanceof PosixError) return error
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return error
  const code = resolverNames[error.code] ?? error.code
  return new PosixError(code, operation, error.message, { cause: error })
}
