// Every bound of our Kafka client: unit, default, and why. A broker is a stranger too.

export const limits = {
  /** Bytes of one response: several times what we ever ask for. */
  responseBytesMax: 268_435_456,
  /** Array elements in one response: a cluster of half a million partitions. */
  elementsMax: 4_000_000,
  /** Bytes that a compressed batch may inflate to. */
  batchBytesMax: 268_435_456,
  /** Requests to one broker that may be under way for one producer. */
  producesInFlightMax: 5,
  /** Bytes of records in one Produce request, over all its partitions. */
  produceBytesMax: 8_388_608,
  /** Bytes of records that a producer holds before its caller waits. */
  bufferBytesMax: 33_554_432,
  /** Bytes of one batch before compression: below the topics' default of 1,048,588 for max.message.bytes. */
  batchBytesDefault: 524_288,
  /** Bytes asked for in one fetch, and of one partition in it. */
  fetchBytes: 16_777_216,
  fetchPartitionBytes: 1_048_576,
  /** Longest that a fetch waits for records, in ms. */
  fetchWaitMs: 500,
  /** Fetched answers that wait to be read: more would be memory without use. */
  fetchedMax: 2,
  /** First and longest pause between two attempts, in ms (Java: retry.backoff.ms and retry.backoff.max.ms). */
  backoffMs: 50,
  backoffMsMax: 1000,
  /** Longest that a connection may take to open, in ms. */
  connectMs: 10_000,
  /** Longest record that is read from standard input, in bytes. */
  recordBytesMax: 67_108_864,
} as const
