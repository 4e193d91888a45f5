// Every bound of the AMQP 0-9-1 head: unit, default, where it comes from, why.

export const limits = {
  /** Highest channel number offered in tune (RabbitMQ: channel_max): a client that leaks channels meets it early. */
  channelMax: 2047,
  /** Bytes of a frame offered in tune, the 8 of its frame included (RabbitMQ: frame_max). */
  frameBytesMax: 131_072,
  /** Smallest frame that may be agreed upon, bytes (specification: frame-min-size). */
  frameBytesMin: 4096,
  /** Bytes of a frame before tune (RabbitMQ since 3.12): a token as password makes start-ok larger than frame-min-size. */
  frameBytesBeforeTuneMax: 8192,
  /** Bytes that a peer may send ahead of an answer that it has to wait for during the handshake. Ours: one read. */
  bytesAheadMax: 131_072,
  /** Seconds between heartbeats offered in tune (RabbitMQ: heartbeat); the client's answer counts, 0 is none. */
  heartbeatSeconds: 60,
  /** From the connection to connection.open, in ms (RabbitMQ: handshake_timeout). */
  handshakeMsMax: 10_000,
  /** How long a client may take to answer our connection.close, in ms (RabbitMQ: CLOSING_TIMEOUT). */
  closeMsMax: 30_000,
  /** Before an unexplained end after a refused login, in ms (RabbitMQ: SILENT_CLOSE_DELAY): slows guessing down. */
  silentCloseMs: 3000,
  /** Bytes of one message's body (RabbitMQ since 4.0: max_message_size). */
  messageBytesMax: 16_777_216,
  /** Tables and arrays inside one another in one field table. Ours: RabbitMQ has none; x-death needs 2. */
  tableDepthMax: 32,
  /** Entries of one field table, nested ones included. Ours: an entry costs far more memory than its bytes. */
  tableElementsMax: 16_384,
  /** Connections of one listener. Ours, as for Kafka. */
  connectionsMax: 10_000,
  /** Bytes of unfinished frames and messages that all connections may hold; one that goes beyond is closed. Ours. */
  heldBytesMax: 1_073_741_824,
  /** Deliveries of one channel that wait for their acknowledgement. Ours; a consumer without prefetch gets no more. */
  unackedMax: 100_000,
  /** Bytes of bodies that one transaction may hold before its commit. Ours: they wait in memory. */
  transactionBytesMax: 67_108_864,
  /** Bytes that wait to be sent on one connection before its consumers pause. Ours: what a slow reader may cost. */
  unsentBytesMax: 1_048_576,
  /** Consumers of one channel. Ours: each costs a place in a queue. */
  consumersPerChannelMax: 10_000,
} as const

export type Limits = { readonly [K in keyof typeof limits]: number }
