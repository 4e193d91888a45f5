// Every bound of the ZeroMQ room that a peer could reach, with its reason. Those that libzmq has an option for are options
// (options.ts); these hold beside them.

export const zmqLimits = {
  /** Bytes of one frame when `maxMessageSize` is -1: what one Buffer of Node 20 can be trusted to hold. */
  frameBytesMax: 2 ** 31 - 1,
  /** Frames of one message; libzmq has no bound, and an endless message is an attack. */
  framesPerMessageMax: 65_536,
  /** Bytes of a frame that is allocated at once when its head arrives; larger ones grow as bytes arrive. */
  eagerFrameBytesMax: 1 << 20,
  /** Bytes of a command (READY, SUBSCRIBE, ...). Handshakes come from strangers. */
  commandBytesMax: 1 << 16,
  /** Properties of a READY or INITIATE. */
  propertiesMax: 256,
  /** Octets of a routing id (RFC 37). */
  routingIdBytesMax: 255,
  /** Octets of a group (RFC 48), which travel with a length octet. */
  groupBytesMax: 255,
  /** Octets of a PING's context (RFC 37). */
  pingContextBytesMax: 16,
  /** Subscriptions of one peer; more ends the connection. */
  subscriptionsPerPeerMax: 1_000_000,
  /** Bytes of the prefixes of one peer. */
  subscriptionBytesPerPeerMax: 256 << 20,
  /** Octets of a user name or a password (RFC 24). */
  plainTextBytesMax: 255,
  /** send() and receive() that may wait on one socket before more are refused with EBUSY. */
  waitingCallsMax: 10_000,
  /** Events that an observer holds for a reader that doesn't come; the oldest go first. */
  eventsMax: 10_000,
  /** ms that a ZAP handler may take. */
  zapMs: 30_000,
  /** Bytes of a UDP message: libzmq's MAX_UDP_MSG. */
  udpBytesMax: 8192,
} as const

/** Sizes by which work is batched: measured, not promised. */
export const batches = {
  /** Bodies up to this many bytes are copied behind their head; larger ones are linked. */
  copyBytesMax: 8192,
  /** Bytes after which what was written in one turn goes to the stream. */
  flushBytes: 128 * 1024,
  /** Bytes of the first and of the largest buffer that frames are written into. */
  bufferBytesMin: 1024,
  bufferBytesMax: 64 * 1024,
  /** Calls that are answered at once before one is answered in the next turn, so that sockets and timers get theirs. */
  callsPerTurn: 8192,
  /** Messages of a burst of a proxy, as libzmq's `proxy_burst_size`. */
  proxyBurst: 1000,
} as const
