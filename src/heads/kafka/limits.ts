// Every bound of the Kafka head: unit, default, and where it comes from.

export const limits = {
  /** Bytes of one request (Kafka: socket.request.max.bytes). */
  requestBytesMax: 104_857_600,
  /** Bytes of one request before the client has authenticated: handshakes are small. */
  requestBytesBeforeLoginMax: 65_536,
  /** Requests of one connection that may be under way; then it is not read from. */
  requestsInFlightMax: 100,
  /** Bytes of requests of one connection under way; then it is not read from. */
  requestBytesInFlightMax: 134_217_728,
  /** Bytes of requests, partial ones included, that all connections may hold; one that goes beyond is closed. */
  heldBytesMax: 1_073_741_824,
  /** Connections of one listener. */
  connectionsMax: 10_000,
  /** A connection without a request for this long is closed, in ms (Kafka: connections.max.idle.ms). */
  idleMsMax: 600_000,
  /** Array elements in one request: a request of millions of partitions costs more memory than its bytes. */
  elementsMax: 250_000,
  /** Bytes of one fetch response, however much the client asks for (Kafka: fetch.max.bytes). */
  fetchBytesMax: 57_671_680,
  /** Longest that a fetch may wait, in ms: clients ask for half a second. */
  fetchWaitMsMax: 300_000,
  /** Partitions that the fetch sessions of all connections may have; who comes then fetches without one. */
  fetchSessionPartitionsMax: 200_000,
  /** Partitions that one share session may name over all its requests. */
  shareSessionPartitionsMax: 100_000,
} as const

export type Limits = { readonly [K in keyof typeof limits]: number }

/** The limits that Kafka has as settings, by its names for them. */
export const limitSettings: Readonly<
  Record<string, { readonly limit: keyof Limits; readonly kind: 'int' | 'long'; readonly summary: string }>
> = {
  'connections.max.idle.ms': {
    limit: 'idleMsMax',
    kind: 'long',
    summary: 'A connection without requests ends after this long.',
  },
  'fetch.max.bytes': { limit: 'fetchBytesMax', kind: 'int', summary: 'Most bytes of one answer to Fetch.' },
  'max.connections': { limit: 'connectionsMax', kind: 'int', summary: 'Most connections at the same time.' },
  'socket.request.max.bytes': {
    limit: 'requestBytesMax',
    kind: 'int',
    summary: 'Most bytes of one request.',
  },
}
