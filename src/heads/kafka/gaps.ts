// What of Kafka's protocol is not here, by API or clause, and what happens instead. docs/kafka.md is held against it.

export interface Gap {
  readonly what: string
  readonly instead: string
}

export const gaps: readonly Gap[] = [
  {
    what: 'Produce 0 to 2 (message formats 0 and 1)',
    instead: 'advertised, because clients switch features on by it; answered UNSUPPORTED_VERSION',
  },
  {
    what: 'Produce 12 and later, EndTxn 5, TxnOffsetCommit 5 (transactions version 2, KIP-890)',
    instead: 'not advertised; clients use version 1',
  },
  { what: 'Fetch sessions (KIP-227)', instead: 'session id 0: every fetch names all its partitions' },
  { what: 'Share groups (76-79, 90-92)', instead: 'not advertised yet' },
  {
    what: 'Streams groups (88, 89), telemetry (71, 72), delegation tokens (38-41)',
    instead: 'not advertised',
  },
  { what: 'Replication between processes', instead: 'one process; virtual brokers appear as replicas' },
]
