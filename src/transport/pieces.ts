// Sending a message of which some bytes are not in memory: they are read when the peer has taken what went before, so that a
// message of any length holds as much memory as is read at a time.

import { type ByteSource, isSource, type Piece } from '../bytes/index.ts'
import { isPrompt, type PromptStream, type Stream } from './stream.ts'

/** Bytes of a source that are read at a time: few enough to be in the processor's cache when the system copies them. */
const READ_BYTES = 256 * 1024

/** Memory for the next message; V8 takes it when it looks through all old objects. */
let spare: WeakRef<Buffer> | undefined

/** Sends the pieces in order, and resolves when no more have to be read. Errors: those of the sources; then the message is torn. */
export async function sendPieces(stream: Stream, pieces: readonly Piece[]): Promise<void> {
  if (!isPrompt(stream)) {
    await sendEach(stream, pieces, turnReader(stream))
    return
  }
  const room = spare?.deref() ?? Buffer.allocUnsafeSlow(READ_BYTES)
  spare = undefined
  await sendEach(stream, pieces, promptReader(stream, room))
  spare = new WeakRef(room)
}

async function sendEach(stream: Stream, pieces: readonly Piece[], reader: PieceReader): Promise<void> {
  for (const piece of pieces)
    if (isSource(piece)) await sendSource(piece, reader)
    else await stream.write([piece])
}

async function sendSource(source: ByteSource, { room, send }: PieceReader): Promise<void> {
  for (let at = 0; at < source.bytes; ) {
    const chunk = room().subarray(0, source.bytes - at)
    const reading = source.read(chunk, at)
    const got = reading instanceof Promise ? await reading : reading
    at += got
    const slow = send(chunk.subarray(0, got))
    if (slow !== undefined) await slow
  }
}

/** Memory to read into, and what sends it. */
interface PieceReader {
  room(): Buffer
  send(chunk: Buffer): Promise<void> | undefined
}

/** What is sent at once is with the system when that is done: the same memory serves for the next read. */
function promptReader(stream: PromptStream, room: Buffer): PieceReader {
  return { room: () => room, send: chunk => stream.writeNow([chunk]) }
}

/** The stream may hand the memory itself to the peer. */
function turnReader(stream: Stream): PieceReader {
  return { room: () => Buffer.allocUnsafeSlow(READ_BYTES), send: chunk => stream.write([chunk]) }
}
