// How the system says that a peer, or the way to it, is gone.

const codes = new Set(['ECONNRESET', 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE', 'ECONNABORTED', 'ETIMEDOUT'])

/** Whether a stream's error says no more than that its connection broke, as connections do. */
export function isDisconnect(error: unknown): boolean {
  return error instanceof Error && 'code' in error && codes.has(String(error.code))
}
