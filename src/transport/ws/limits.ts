// Every bound of the WebSocket transport.

export interface WsLimits {
  /** Bytes of the request or response head. More ends the handshake (431 from a server). */
  readonly headBytesMax: number
  /** Header fields of a head. */
  readonly headersMax: number
  /** Payload bytes of one frame; more ends the connection with 1009 before anything is allocated. */
  readonly frameBytesMax: number
  /** Payload bytes of one frame that is sent; a longer message goes in several. */
  readonly sendFrameBytesMax: number
  /** Payload bytes of one message, all its fragments together; more ends the connection with 1009. */
  readonly messageBytesMax: number
  /** Fragments of one message; more ends the connection with 1008. */
  readonly fragmentsMax: number
  /** Messages that have arrived and were not taken; beyond, the connection is not read. */
  readonly queueMessagesMax: number
  /** Their bytes. */
  readonly queueBytesMax: number
  /** From the connection to the end of the handshake, ms. */
  readonly handshakeMs: number
  /** From sending a Close frame to the peer's end, ms; then the connection is cut. */
  readonly closeMs: number
}

export const wsLimits: WsLimits = {
  headBytesMax: 8192,
  headersMax: 64,
  frameBytesMax: 64 << 20,
  sendFrameBytesMax: 64 << 20,
  messageBytesMax: 64 << 20,
  fragmentsMax: 16_384,
  queueMessagesMax: 1000,
  queueBytesMax: 1 << 20,
  handshakeMs: 10_000,
  closeMs: 5000,
}

/** Bytes that the payload of a control frame may have (RFC 6455 section 5.5). */
export const CONTROL_BYTES_MAX = 125
