// Errors by the names of nng_strerror(3), without the prefix NNG_: who knows nng knows them.

import { errorCodeOf } from '../../transport/index.ts'

/** Every code that this library makes by itself: its text, and what to do next. */
export const spErrors = {
  EADDRINVAL: { text: 'address invalid', next: 'write one of tcp, tls+tcp, ipc, abstract, inproc, ws, wss' },
  EAGAIN: { text: 'try again', next: 'send or receive later, or wait longer' },
  EBUSY: { text: 'resource busy', next: 'a pair has one peer: close the other, or use a polyamorous one' },
  ECANCELED: { text: 'operation canceled', next: 'a newer request or survey took its place' },
  ECLOSED: { text: 'object closed', next: 'open a new socket' },
  ECONNRESET: { text: 'connection reset', next: 'the peer went away before it answered: ask again' },
  EINVAL: { text: 'invalid argument', next: 'see the message' },
  EMSGSIZE: { text: 'message too large', next: 'raise receiveSizeMax, or send less' },
  ENOENT: { text: 'entry not found', next: 'subscribe to a prefix before unsubscribing from it' },
  ENOTSUP: { text: 'not supported', next: 'this protocol does not do that' },
  EPROTO: { text: 'protocol error', next: 'see which program is at the other end' },
  ESTATE: {
    text: 'incorrect state',
    next: 'send a request before receiving its answer, or receive before answering',
  },
  ETIMEDOUT: { text: 'timed out', next: 'wait longer, or see why nobody answers' },
} as const

export type SpErrorCode = keyof typeof spErrors

/** What a socket refuses, or what its peer did wrong. */
export class SpError extends Error {
  override readonly name = 'SpError'
  readonly code: SpErrorCode

  constructor(code: SpErrorCode, detail?: string, options?: ErrorOptions) {
    super(`${code}: ${spErrors[code].text}${detail === undefined ? '' : `: ${detail}`}`, options)
    this.code = code
  }
}

/** Whatever was thrown, as an Error. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown))
}

/** Whether a dialer that met this may meet something else next time: everything but a wrong address or certificate. */
export function isWorthRetrying(error: unknown): boolean {
  return !(errorCodeOf(error) ?? '').startsWith('ADDRESS_')
}
