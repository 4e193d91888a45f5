// Every bound of the SP sockets that is not an option of nng's.

export const spLimits = {
  /** Payload bytes of a message when `receiveSizeMax` says nothing; nng takes any size by default. */
  receiveBytes: 67_108_864,
  /** The largest that `receiveSizeMax` may be; 0 means this. */
  receiveBytesMax: 1_073_741_824,
  /** Bytes of a message that are asked of the system before they have arrived; a longer one grows as it comes. */
  aheadBytesMax: 1_048_576,
  /** Bytes of a pipe that wait for the system before it takes no more. */
  pipeBytesMax: 262_144,
  /** Messages up to so many bytes are copied into the pipe's batch; longer ones are sent as they lie. */
  copyBytesMax: 8192,
  /** Bytes of a batch. */
  batchBytes: 65_536,
  /** Bytes after which what one turn sends goes to the system before it has ended. */
  flushBytes: 131_072,
  /** Payload bytes of a WebSocket frame that is sent, as in nng, which takes no frame above 1 MiB. */
  wsFrameBytes: 65_536,
  /** Ms from the connection to the end of the handshake, as in nng. */
  handshakeMs: 10_000,
  /** Ms that `close` waits for what was sent to leave, and for peers to end. */
  closeMs: 1000,
  /** Pipes of one socket; further ones are closed at once. */
  pipesMax: 65_536,
  /** Contexts of one socket. */
  contextsMax: 65_536,
  /** Messages that `sendBuffer` and `receiveBuffer` may be, as in nng. */
  bufferMax: 8192,
  /** Subscriptions of one context. */
  subscriptionsMax: 65_536,
  /** The largest `ttlMax`. */
  ttlMax: 15,
} as const
