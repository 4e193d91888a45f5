// The message interface: for protocols that need the transport to keep the borders of messages, as ZeroMQ (ZWS) and
// nanomsg (SP) do over WebSocket. `byteStream` is the way to a Stream for those that don't.

import type { Incoming } from '../../flow/index.ts'
import type { Peer, PromptStream } from '../stream.ts'

/** How a message stream ended. */
export interface WsClosing {
  /** From the Close frame; 1005 when it had none, 1006 when there was no frame (RFC 6455 section 7.1.5). */
  readonly status: number
  readonly reason: string
}

export interface MessageStream {
  readonly peer: Peer
  /** The sub-protocol that was agreed on; empty when there is none. */
  readonly protocol: string
  /**
   * Whole messages, binary ones and the UTF-8 of text, bounded: not taking them stops the peer. Ends when either side
   * closes; gives the reason when the connection broke, after what had arrived.
   */
  readonly messages: Incoming<Buffer>
  /**
   * Sends the chunks as one message; they are kept until they are sent. A promise means that the peer reads slowly.
   * After an ending nothing is sent. With `now` it does not wait for the turn to end, where it otherwise would.
   */
  send(
    chunks: readonly Buffer[],
    options?: { readonly text?: boolean; readonly now?: boolean },
  ): Promise<void> | undefined
  /**
   * Asks whether the peer is there: sends a Ping, resolves at the next Pong. Peers answer when they read, so one that is
   * slow answers late. Rejects with the signal's reason (a deadline), SocketError ECONNABORTED when the stream ends.
   */
  ping(signal?: AbortSignal): Promise<void>
  /**
   * Sends what was sent before, then the Close frame, and resolves when the peer has ended too, or was cut after
   * `closeMs`. Messages that had arrived can still be taken; later ones are thrown away. Idempotent.
   * Errors: RangeError for a status or reason that a Close frame can't have.
   */
  close(status?: number, reason?: string): Promise<void>
  /** Ends now, without a Close frame. Idempotent. */
  abort(reason?: Error): void
  /** Settles when the stream has ended, however; never rejects. */
  readonly closed: Promise<WsClosing>
}

/** Bytes over messages: each write is one binary message, and the borders of what arrives mean nothing. */
export function byteStream(messages: MessageStream): PromptStream {
  const send = (chunks: readonly Buffer[], now: boolean): Promise<void> | undefined =>
    chunks.some(chunk => chunk.length > 0) ? messages.send(chunks, { now }) : undefined
  return {
    peer: messages.peer,
    bytes: messages.messages,
    write: chunks => send(chunks, false),
    writeNow: chunks => send(chunks, true),
    close: () => messages.close(),
    abort: reason => messages.abort(reason),
  }
}
