// What one peer may cost the other.

export const callLimits = {
  /** Bytes of one frame: a call, an answer, an item of a stream. */
  frameBytesMax: 16 * 1024 * 1024,
  /** What a peer must take at least: our errors fit into it. */
  frameBytesMin: 16 * 1024,
  /** Bytes that wait to be sent to a peer who reads too slowly; then calls are refused, and who goes on not reading is left. */
  backlogBytesMax: 128 * 1024 * 1024,
  /** Calls of one connection that wait for their answers, or for a connection, at the caller. */
  waitingMax: 65_536,
  /** Calls of one connection that the callee works on at a time; the others wait their turn. */
  runningMax: 1024,
  /** Connections of one server. */
  connectionsMax: 10_000,
  /** Functions, objects and streams that one peer may hold of another at a time. */
  referencesMax: 100_000,
  /** Names of methods that a connection numbers; later ones are written out in each call. */
  namesMax: 4096,
  /** Bytes of a name of a method, with the names of the objects on the way to it. */
  nameBytesMax: 1024,
  /** Entries of a call's metadata, and their bytes. */
  metadataEntriesMax: 64,
  metadataBytesMax: 16 * 1024,
  /** Arguments of a call. */
  argumentsMax: 256,
  /** Bytes of a stream that may be on their way, not used yet. One item may be larger. */
  windowBytes: 256 * 1024,
  /** Answers that a server keeps to give them again, their bytes, and ms that each is kept. */
  repliesMax: 4096,
  repliesBytesMax: 16 * 1024 * 1024,
  replyMs: 600_000,
  /** Tickets that a server keeps for clients that poll, and ms that each is kept after its result is there. */
  ticketsMax: 4096,
  ticketMs: 60_000,
  /** Ms that a client may ask for. */
  ticketMsMax: 3_600_000,
  /** Calls that a server runs at a time for clients to whom it brings the results later. */
  deferredMax: 65_536,
  /** Names of a registry, and ms that one is kept unless it is renewed. */
  boundNamesMax: 10_000,
  boundNameMs: 30_000,
  /** Ms that who closes gives the calls that run, and the other side to end. */
  closeMs: 5_000,
  /** Ms of silence after which the peer counts as dead and all that it holds is let go; it is asked at a third of it. */
  leaseMs: 60_000,
  /** Ms that the first words of a peer may take. */
  greetingMs: 10_000,
  /** Ms that a call waits for its answer. */
  timeoutMs: 30_000,
  /** Ms before the first try to connect anew, and at most; each try waits up to twice as long as the one before. */
  reconnectMs: 50,
  reconnectMsMax: 10_000,
  /** How often a call that may run again is sent, in all. */
  attemptsMax: 5,
} as const
