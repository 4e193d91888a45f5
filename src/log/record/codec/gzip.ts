// gzip (RFC 1952) by Node's zlib, which stops by itself at a limit.

import { gunzipSync, gzipSync } from 'node:zlib'
import { damaged, tooLarge } from '../refusal.ts'

/** One gzip member at zlib's default level, as Java's clients write. */
export function gzip(bytes: Buffer): Buffer {
  return gzipSync(bytes)
}

/** Inflates one or more members. Errors: LOG_BATCH_INVALID when damaged or larger than `maxBytes`. */
export function gunzip(bytes: Buffer, maxBytes: number): Buffer {
  const inflated = inflate(bytes, maxBytes)
  if (inflated.length > maxBytes) throw tooLarge('gzip', maxBytes)
  return inflated
}

function inflate(bytes: Buffer, maxBytes: number): Buffer {
  try {
    return gunzipSync(bytes, { maxOutputLength: Math.max(1, maxBytes) })
  } catch (cause) {
    if (isTooLarge(cause)) throw tooLarge('gzip', maxBytes)
    throw damaged('gzip', cause instanceof Error ? cause.message : String(cause), cause)
  }
}

/** Whether zlib stopped at `maxOutputLength`. */
export function isTooLarge(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE'
}
