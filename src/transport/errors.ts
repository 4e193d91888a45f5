// Errors that are ours to make. What the system says comes as Node gives it, an Error whose `code` is the POSIX name; a
// SocketError has the same shape, so that who catches one need not know who noticed.

/** POSIX names of what transports find out by themselves. */
export const socketErrors = {
  EADDRINUSE: 'address already in use',
  EADDRNOTAVAIL: 'cannot assign requested address',
  ECONNABORTED: 'software caused connection abort',
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset by peer',
  EINVAL: 'invalid argument',
  EMSGSIZE: 'message too long',
  ENAMETOOLONG: 'file name too long',
  EPROTO: 'protocol error',
  ETIMEDOUT: 'connection timed out',
} as const

export type SocketErrorCode = keyof typeof socketErrors

export class SocketError extends Error {
  override readonly name = 'SocketError'
  readonly code: SocketErrorCode

  /** `detail` names the thing, the value and the limit. */
  constructor(code: SocketErrorCode, detail: string) {
    super(`${code}: ${socketErrors[code]}: ${detail}`)
    this.code = code
  }
}

/** The `code` of an error, whoever made it; undefined when it has none. */
export function errorCodeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
