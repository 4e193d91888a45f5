// Every bound of the Berkeley sockets.

export const berkeleyLimits = {
  /** Connections that wait for `accept` when `listen` says nothing. */
  backlog: 128,
  /** The largest backlog; more is taken as this, as the system does with SOMAXCONN. */
  backlogMax: 4096,
  /** Bytes of one `receive` when it says nothing. */
  receiveBytes: 65_536,
  /** Bytes that `receiveExactly` and `receiveUntil` may gather; more is refused with EMSGSIZE. */
  gatherBytesMax: 16_777_216,
  /** Ms that `close` waits for the peer's end; then the connection is cut. */
  closeMs: 5000,
} as const
