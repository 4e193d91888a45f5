// Bytes of a message that are not in memory: whoever sends the message reads them when their turn comes.

export interface ByteSource {
  readonly bytes: number
  /** Fills the buffer from byte `at` on, and gives how many bytes came, one at least. Errors: those of where they lie. */
  read(into: Buffer, at: number): number | Promise<number>
}

/** A part of a message to send. */
export type Piece = Buffer | ByteSource

export function isSource(piece: Piece): piece is ByteSource {
  return !(piece instanceof Uint8Array)
}
