// The wire of the engine: frames on a stream of bytes, each a word with its length and then:
//
//   HELLO      1  magic "PHRP", version, client id (16), lease ms, frame bytes max, credential: once, first, from each side
//   CALL       2  call, flags, target, name, [deadline ms], [metadata], [key, settled below], [marks], arguments
//   RESULT     3  call, [changes of the arguments that are restored], value
//   FAULT      4  call, 0 and what was thrown, or 1 and code and text of an error of the engine
//   DELIVERED  5  call                      it has arrived and its method was found
//   CANCEL     6  call                      the caller does not wait any more: it is answered now, if it was not
//   FINISHED   7  call                      no more calls will be made on what the call gives (pipelining)
//   ITEM       8  stream, value             of a stream that the receiver reads
//   END        9  stream, as FAULT from its second field on, or 2: it ended well
//   CREDIT    10  stream, bytes             that the reader has used, or the promise to use
//   STOP      11  stream                    the reader leaves
//   RELEASE   12  reference, count          it was received so often and is not needed any more
//   PING      13  -                         still there?      PONG 14: yes
//   DRAINING  15  -                         take your new calls elsewhere
//
// Each CALL that is not one-way has one answer, RESULT or FAULT; one that wants to hear of its delivery has DELIVERED or FAULT.
// With its answer the number of a call is free again, or with FINISHED where calls can be made on what it gave.
//
// Numbers of calls, streams and references are the sender's of CALL, ITEM and of the value that had the reference in it. All
// numbers are varints except where it says otherwise.

/** The first byte of each frame. */
export const frames = {
  hello: 1,
  call: 2,
  result: 3,
  fault: 4,
  delivered: 5,
  cancel: 6,
  finished: 7,
  item: 8,
  end: 9,
  credit: 10,
  stop: 11,
  release: 12,
  ping: 13,
  pong: 14,
  draining: 15,
} as const

/** What a CALL says about itself. */
export const callFlags = {
  /** The target is the result of another call of this connection, not a reference. */
  pipelined: 1,
  deadline: 2,
  metadata: 4,
  /** It has a key: answered once, however often it comes. */
  keyed: 8,
  /** Nobody waits for the result. */
  oneWay: 16,
  /** The caller wants to know that it has arrived. */
  tellDelivered: 32,
  /** Some arguments are restored: their marks follow. */
  restore: 64,
  /** It has a key and may have come before. */
  again: 128,
} as const

/** How END and FAULT say what happened. */
export const endings = { thrown: 0, engine: 1, well: 2 } as const

export const MAGIC = 0x50485250
export const VERSION = 1
/** Bytes of the length before each frame. */
export const HEAD_BYTES = 4
