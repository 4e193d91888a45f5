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
    what: "Share groups: the coordinator's own APIs (83-87) and FindCoordinator of type share",
    instead: 'not advertised, INVALID_REQUEST: they are between brokers, and here is one process',
  },
  { what: 'Dead letters of share groups (KIP-1191)', instead: 'a record that is given up is settled' },
  {
    what: 'Streams groups (88, 89), telemetry (71, 72), delegation tokens (38-41)',
    instead: 'not advertised',
  },
  {
    what: 'Moving replicas to another directory (34)',
    instead: 'there is one log directory: another is answered LOG_DIR_NOT_FOUND',
  },
  {
    what: 'Changing features (57)',
    instead: 'each has one level; another is answered INVALID_UPDATE_VERSION',
  },
  { what: 'WriteTxnMarkers (27)', instead: 'not advertised: no marker is ever missing' },
  {
    what: 'Internal topics (__consumer_offsets, __transaction_state)',
    instead: 'offsets and transactions are in logs of the broker, which clients cannot read',
  },
  {
    what: 'Client quotas (48, 49) in effect',
    instead: 'kept and shown; no client is slowed down, throttle times are 0',
  },
  {
    what: 'Settings of one of several virtual brokers, of loggers and of client metrics (33, 44)',
    instead:
      'answered INVALID_REQUEST: the virtual brokers are one process, and settings are of all of them; throttles, which do nothing, are kept',
  },
  {
    what: 'Tiered storage (remote.storage.enable)',
    instead: 'true is refused with INVALID_CONFIG; the settings beside it are kept and do nothing',
  },
  { what: 'Replication between processes', instead: 'one process; virtual brokers appear as replicas' },
]
