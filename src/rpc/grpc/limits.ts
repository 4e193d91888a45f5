// What one peer may cost the other, beside what @grpc/grpc-js holds of a stream: 16 messages each way, and HTTP/2's window.

export const grpcLimits = {
  /** Bytes of one message that arrives, also after decompression: gRPC's own default. */
  receivedBytesMax: 4 * 1024 * 1024,
  /** Calls of one connection that run at a time at a server (SETTINGS_MAX_CONCURRENT_STREAMS): more wait at the client. */
  runningMax: 1024,
  /** Calls of one client that run or wait. */
  callsMax: 65_536,
  /** Ms that who closes gives the calls that run. */
  closeMs: 5_000,
  /** Ms that connecting may take. */
  connectMs: 10_000,
  /** Ms of the longest deadline that is sent: servers of @grpc/grpc-js take one of 2^31 ms or more for one that has passed. */
  timeoutMsMax: 24 * 24 * 3600 * 1000,
  /** Characters of an error's details that are sent; it is a header, and a peer refuses too large ones. */
  detailsMax: 2048,
} as const
