// What one peer may cost rpcbind, or its client.

export const rpcbindLimits = {
  /** Programs, counted for each version and transport, that one rpcbind keeps. */
  registrationsMax: 10_000,
  /** Bytes of a network id, a universal address, or the name of an owner. */
  textBytesMax: 1024,
  /** Bytes of an argument or result that is passed on (RPC_MAXDATASIZE of the reference implementation). */
  payloadBytesMax: 9000,
  /** Calls that are passed on at a time; more get no answer. */
  relaysMax: 64,
  /** Ms that a call which is passed on may take. */
  relayMs: 5000,
  /** Programs of which look-ups are counted, and procedures of which calls passed on are. */
  statisticsMax: 256,
} as const
