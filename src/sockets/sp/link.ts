// How the messages of one connection travel, whatever the transport: a stream with frames, or a WebSocket whose messages
// are the frames. Sending never waits; `hasRoom` says when it should stop, and `onRoom` is called when there is room again.

import type { Peer } from '../../transport/index.ts'
import type { Message } from './message.ts'

export interface Link {
  readonly peer: Peer
  /** Whether the pipe should take more: fewer than `pipeBytesMax` wait for the system. */
  readonly hasRoom: boolean
  /** Called when there is room again. */
  onRoom: () => void
  /** Sends the message; its bytes are kept until they are sent. Everything of one turn goes out together. */
  send(message: Message): void
  /**
   * Gives what arrives to `take`, a batch at a time, and waits when that asks it to; resolves when the peer has ended.
   * Errors: what broke the connection, SpError for what the peer did wrong.
   */
  run(take: (payloads: readonly Buffer[]) => Promise<void> | undefined): Promise<void>
  /** Sends what was sent, ends, and waits for the peer's end. Idempotent. */
  close(): Promise<void>
  /** Ends now. Idempotent. */
  abort(reason?: Error): void
}
