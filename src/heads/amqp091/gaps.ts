// What of AMQP 0-9-1, and of RabbitMQ's reading of it, is not here, and what happens instead.

export interface Gap {
  readonly what: string
  readonly instead: string
}

export const gaps: readonly Gap[] = [
  {
    what: 'channel.flow with active=false, immediate, basic.recover without requeue, a prefetch size',
    instead: 'NOT_IMPLEMENTED (540), as RabbitMQ',
  },
  {
    what: 'Mirrored and clustered queues: ha-mode, ha-params, x-queue-master-locator, x-quorum-initial-group-size',
    instead: 'kept and shown, and mean nothing: there is one process',
  },
  {
    what: 'Delayed retry (x-delayed-retry-type, -min, -max)',
    instead: 'kept and shown, and mean nothing: a message that failed is ready at once',
  },
  {
    what: 'basic.get, purging, exclusive consumers and consuming without acknowledgements on a stream',
    instead: 'NOT_IMPLEMENTED (540), as RabbitMQ',
  },
  {
    what: 'Bloom filters in the chunks of a stream',
    instead: 'x-stream-filter is exact: every message that is delivered has one of the values',
  },
  {
    what: 'Transactions over several queues',
    instead: 'atomic for each queue, as RabbitMQ',
  },
  {
    what: 'connection.blocked for memory',
    instead:
      'sent when the disk is full; for memory only where a watermark was set: what is kept is on the disk, and publishers that outrun it wait without being told',
  },
  {
    what: 'Fetching keys of tokens from an OAuth 2 server; rich authorization requests; variables in scopes',
    instead:
      'keys are a file that is read at the start; other claims than scope, and such scopes, allow nothing',
  },
  {
    what: 'AMQP 0-8 and 0-9 (protocol headers 1 1 8 0 and 1 1 0 9)',
    instead:
      'served as 0-9-1, which those clients understand; class access and basic content of 0-8 are unknown methods',
  },
  {
    what: 'Exchange names, routing keys, queue names and tags that are not UTF-8',
    instead: 'refused with SYNTAX_ERROR: they would not come back as they were',
  },
  {
    what: 'Content of a method that is interrupted by a method of the same channel',
    instead: 'UNEXPECTED_FRAME, as RabbitMQ; messages of different channels may be interleaved',
  },
  {
    what: 'More than one word of property flags',
    instead: 'read, as long as the further words are empty: the protocol has 14 properties',
  },
  {
    what: 'A message whose properties do not fit into a frame of the consumer',
    instead: 'cannot be delivered there: a header may not be split; the error names both sizes',
  },
  {
    what: 'Locales other than en_US',
    instead: 'the locale of start-ok is not looked at; all texts are English',
  },
  {
    what: 'Headers of a record whose name is above 255 bytes (Kafka has no such limit)',
    instead: 'not delivered: a name is a short string',
  },
  {
    what: 'Widths of numbers in headers, to readers of other protocols',
    instead:
      'whole numbers, fractions, times and the like are told apart (amqp.types); 0-9-1 readers get the bytes',
  },
  {
    what: 'A time in a message as the time of its record',
    instead:
      "the record has the time of arrival, which expiry counts from; the publisher's is in amqp.timestamp",
  },
]
