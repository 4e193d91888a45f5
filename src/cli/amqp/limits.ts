// Every bound of our AMQP client: unit, default, and why. A broker is a stranger too.

export const limits = {
  /** Bytes of a frame that we ask for, its 8 of overhead included; a server may offer less (RabbitMQ: frame_max). */
  frameBytesMax: 131_072,
  /** Channels of one connection: more than any command opens. */
  channelsMax: 64,
  /** Bytes of one message's body that we take: RabbitMQ's own limit before 4.0. */
  messageBytesMax: 536_870_912,
  /** Messages that may be out without a confirm. */
  confirmsMax: 1000,
  /** Bytes of messages that may be out without a confirm. */
  unconfirmedBytesMax: 33_554_432,
  /** Messages that the server may send ahead of their acknowledgement. */
  prefetch: 500,
  /** Longest that a connection may take to open, in ms. */
  connectMs: 10_000,
  /** Longest that the end of a connection waits for its answer, in ms. */
  closeMs: 2000,
  /** Longest message that is read from standard input, in bytes. */
  lineBytesMax: 67_108_864,
} as const
