// What one peer may cost the other.

export const oncLimits = {
  /** Bytes of one message, all of its fragments together. */
  recordBytesMax: 16 * 1024 * 1024,
  /** Fragments of one message: peers with small buffers cut them into pieces of some kilobytes. */
  fragmentsMax: 16_384,
  /** Calls of one connection that wait for their answers at the client. */
  waitingMax: 65_536,
  /** Their bytes, where they are kept to be sent again over a new connection. */
  keptBytesMax: 64 * 1024 * 1024,
  /** Calls of one connection that the server works on at a time; then it reads no more until one is done. */
  runningMax: 1024,
  /** Connections of one server. */
  connectionsMax: 10_000,
  /** Ms that who closes gives the calls that run, and the other side to end. */
  closeMs: 5_000,
  /** Ms until a call over UDP that has no answer is sent again the first time. */
  resendMs: 500,
  /** Ms until a lost connection is opened again the first time; twice as long after each try in vain. */
  reconnectMs: 100,
  /** Ms between two tries, at most. */
  reconnectMsMax: 5000,
  /** Answers that a server keeps to give them again. */
  repliesMax: 4096,
  /** Their bytes. */
  repliesBytesMax: 16 * 1024 * 1024,
  /** Ms that a call waits for its answer. */
  timeoutMs: 30_000,
} as const
