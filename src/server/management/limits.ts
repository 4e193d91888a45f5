// Every bound of the management API.

export const managementLimits = {
  /** Bytes of a request's body; RabbitMQ's own. */
  bodyBytesMax: 10_485_760,
  /** Objects of a list that is not asked for page by page; more are refused with 400. */
  listMax: 50_000,
  /** Objects of one page; RabbitMQ's own. */
  pageSizeMax: 500,
  /** Characters of a regular expression that a list is filtered by. */
  filterLengthMax: 256,
  /** Messages of one POST to a queue's get. */
  getMessagesMax: 10_000,
  /** Bytes of bodies of one POST to a queue's get; it ends with the message that passes this. */
  getBytesMax: 16_777_216,
  /** Queues, and connections, whose rates are known; the others show counts without rates. */
  ratedMax: 10_000,
  /** Between two samples that rates come from, ms; RabbitMQ's own. */
  sampleMs: 5_000,
  /** Sampling ends when nobody asked for this long, ms. */
  sampleIdleMs: 300_000,
  /** How often memory is compared with its watermark, ms. */
  memoryCheckMs: 1_000,
} as const
