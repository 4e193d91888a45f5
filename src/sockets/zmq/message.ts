// Messages as the room passes them on, and how a user's values become one.

import { ZmqError } from './errors.ts'

/** Frames of one message, one at least. */
export type Frames = Buffer[]

/** What can be sent as one frame. */
export type MessageLike = ArrayBufferView | ArrayBuffer | SharedArrayBuffer | string | number | null

/** Bodies up to this many bytes are copied when they are sent, as the original does: callers use small buffers again. */
const COPY_BYTES_MAX = 128
const empty = Buffer.alloc(0)

/** The frames of what a user sends. Errors: ZmqError EINVAL for undefined and an empty list. */
export function framesOf(message: MessageLike | readonly MessageLike[]): Frames {
  if (!Array.isArray(message)) return [frameOf(message as MessageLike)]
  if (message.length === 0) throw new ZmqError('EINVAL', { text: 'A message must have a part' })
  return message.map(frameOf)
}

/** The bytes of one part: numbers and other values as text, null as nothing. */
export function frameOf(part: MessageLike): Buffer {
  if (typeof part === 'string') return Buffer.from(part)
  if (Buffer.isBuffer(part)) return part
  if (part === null) return empty
  if (ArrayBuffer.isView(part)) return Buffer.from(part.buffer, part.byteOffset, part.byteLength)
  if (part instanceof ArrayBuffer || part instanceof SharedArrayBuffer) return Buffer.from(part)
  return Buffer.from(String(part))
}

/** For frames that will not be written into bytes in this turn: small ones are copied, large ones kept. */
export function kept(frames: Frames): Frames {
  for (let at = 0; at < frames.length; at++) {
    const frame = frames[at] as Buffer
    if (frame.length <= COPY_BYTES_MAX) frames[at] = copyOf(frame)
  }
  return frames
}

function copyOf(frame: Buffer): Buffer {
  const copy = Buffer.allocUnsafe(frame.length)
  copy.set(frame)
  return copy
}

export function bytesOf(frames: readonly Buffer[]): number {
  let bytes = 0
  for (const frame of frames) bytes += frame.length
  return bytes
}
