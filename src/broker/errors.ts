// What the broker refuses, one code each. Every head has a Record over these codes, so a new one does not compile
// until each protocol has found its own word for it.

/** Every code: whether the same request may succeed later. */
export const brokerErrors = {
  TOPIC_UNKNOWN: { retriable: true },
  TOPIC_EXISTS: { retriable: false },
  TOPIC_NAME_INVALID: { retriable: false },
  PARTITIONS_INVALID: { retriable: false },
  REPLICATION_INVALID: { retriable: false },
  CONFIG_INVALID: { retriable: false },
  REQUEST_INVALID: { retriable: false },
  REQUEST_UNSUPPORTED: { retriable: false },
  OFFSET_OUT_OF_RANGE: { retriable: false },
  BATCH_CORRUPT: { retriable: true },
  BATCH_TOO_LARGE: { retriable: false },
  RECORD_INVALID: { retriable: false },
  TIMESTAMP_INVALID: { retriable: false },
  CODEC_UNSUPPORTED: { retriable: false },
  SEQUENCE_OUT_OF_ORDER: { retriable: false },
  PRODUCER_FENCED: { retriable: false },
  PRODUCER_UNKNOWN: { retriable: false },
  PRODUCER_ID_MISMATCH: { retriable: false },
  TRANSACTION_STATE_INVALID: { retriable: false },
  TRANSACTION_BUSY: { retriable: true },
  TRANSACTION_TIMEOUT_INVALID: { retriable: false },
  TRANSACTION_UNKNOWN: { retriable: false },
  EPOCH_FENCED: { retriable: true },
  EPOCH_UNKNOWN: { retriable: true },
  GROUP_ID_INVALID: { retriable: false },
  GROUP_UNKNOWN: { retriable: false },
  GROUP_NOT_EMPTY: { retriable: false },
  GROUP_FULL: { retriable: false },
  GROUP_SUBSCRIBED: { retriable: false },
  GROUP_PROTOCOL_INVALID: { retriable: false },
  GROUP_REBALANCING: { retriable: true },
  GENERATION_ILLEGAL: { retriable: false },
  MEMBER_UNKNOWN: { retriable: false },
  MEMBER_ID_REQUIRED: { retriable: false },
  MEMBER_EPOCH_FENCED: { retriable: false },
  MEMBER_EPOCH_STALE: { retriable: true },
  INSTANCE_FENCED: { retriable: false },
  INSTANCE_UNRELEASED: { retriable: false },
  ASSIGNOR_UNKNOWN: { retriable: false },
  PATTERN_INVALID: { retriable: false },
  SESSION_TIMEOUT_INVALID: { retriable: false },
  OFFSET_UNSTABLE: { retriable: true },
  METADATA_TOO_LARGE: { retriable: false },
  ACCESS_DENIED: { retriable: false },
  USER_UNKNOWN: { retriable: false },
  STORAGE_FULL: { retriable: true },
  STORAGE_FAILED: { retriable: false },
  STORAGE_ROTTEN: { retriable: false },
  LIMIT_EXCEEDED: { retriable: false },
  VHOST_UNKNOWN: { retriable: false },
  QUEUE_UNKNOWN: { retriable: true },
  QUEUE_NAME_INVALID: { retriable: false },
  QUEUE_DIFFERS: { retriable: false },
  QUEUE_LOCKED: { retriable: true },
  QUEUE_IN_USE: { retriable: true },
  QUEUE_NOT_EMPTY: { retriable: true },
  QUEUE_FULL: { retriable: true },
  QUEUE_TRANSIENT: { retriable: false },
  CONSUMER_EXCLUDED: { retriable: true },
  EXCHANGE_UNKNOWN: { retriable: true },
  EXCHANGE_NAME_INVALID: { retriable: false },
  EXCHANGE_TYPE_UNKNOWN: { retriable: false },
  EXCHANGE_DIFFERS: { retriable: false },
  EXCHANGE_IN_USE: { retriable: true },
  EXCHANGE_RESERVED: { retriable: false },
  BINDING_UNKNOWN: { retriable: true },
  ARGUMENT_INVALID: { retriable: false },
  LOCK_LOST: { retriable: false },
} as const

export type BrokerErrorCode = keyof typeof brokerErrors

/** A record that must not be stored, by where it is in its batch. */
export interface RecordFlaw {
  /** From 0. */
  readonly index: number
  readonly what: string
}

/** A refusal of the broker; the message names the thing, the value, the limit, and what to do. */
export class BrokerError extends Error {
  override readonly name = 'BrokerError'
  readonly code: BrokerErrorCode

  constructor(code: BrokerErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
  }
}

/** A batch that is refused because of some of its records. */
export class RecordsRefused extends BrokerError {
  /** In order, and not necessarily all of them. */
  readonly flaws: readonly RecordFlaw[]

  constructor(code: BrokerErrorCode, message: string, flaws: readonly RecordFlaw[]) {
    super(code, message)
    this.flaws = flaws
  }
}
