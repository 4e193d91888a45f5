// What can go wrong with a WebSocket, one code each, and the status that the peer is told (RFC 6455 section 7.4.1).

/** Every code: the status of the Close frame that goes to the peer, 0 when none does. */
export const wsErrors = {
  /** The server answered the handshake with something else than 101; `status` says what. */
  WS_REFUSED: { status: 0 },
  /** The peer's handshake breaks RFC 6455 section 4, or HTTP. */
  WS_HANDSHAKE_INVALID: { status: 0 },
  /** No frame may look like this. */
  WS_FRAME_INVALID: { status: 1002 },
  /** Text that is not UTF-8. */
  WS_TEXT_INVALID: { status: 1007 },
  /** More fragments than allowed. */
  WS_TOO_MANY_FRAGMENTS: { status: 1008 },
  /** A frame or message larger than allowed. */
  WS_TOO_LARGE: { status: 1009 },
  /** The connection ended without a Close frame. */
  WS_ENDED_ABNORMALLY: { status: 0 },
  /** A Close frame was sent and the peer did not end in time. */
  WS_CLOSE_TIMEOUT: { status: 0 },
} as const

export type WsErrorCode = keyof typeof wsErrors

export class WsError extends Error {
  override readonly name = 'WsError'
  readonly code: WsErrorCode
  /** HTTP status of a refused handshake: what was answered, or what will be. */
  readonly status: number | undefined

  constructor(code: WsErrorCode, message: string, status?: number) {
    super(message)
    this.code = code
    this.status = status
  }
}
