// The protocol's reply codes (specification section 1.2, with RabbitMQ's use of them), which of them stands for each
// refusal of the broker, and the error that carries one. Soft ones close the channel, hard ones the connection; on channel 0
// everything is hard. A broker code that is missing here does not compile.

import { AuthError } from '../../auth/index.ts'
import { BrokerError, type BrokerErrorCode } from '../../broker/errors.ts'
import { WireError } from '../../bytes/index.ts'

/** Every reply code by its name. */
export const replies = {
  CONTENT_TOO_LARGE: { code: 311, scope: 'soft' },
  NO_ROUTE: { code: 312, scope: 'soft' },
  NO_CONSUMERS: { code: 313, scope: 'soft' },
  CONNECTION_FORCED: { code: 320, scope: 'hard' },
  INVALID_PATH: { code: 402, scope: 'hard' },
  ACCESS_REFUSED: { code: 403, scope: 'soft' },
  NOT_FOUND: { code: 404, scope: 'soft' },
  RESOURCE_LOCKED: { code: 405, scope: 'soft' },
  PRECONDITION_FAILED: { code: 406, scope: 'soft' },
  FRAME_ERROR: { code: 501, scope: 'hard' },
  SYNTAX_ERROR: { code: 502, scope: 'hard' },
  COMMAND_INVALID: { code: 503, scope: 'hard' },
  CHANNEL_ERROR: { code: 504, scope: 'hard' },
  UNEXPECTED_FRAME: { code: 505, scope: 'hard' },
  RESOURCE_ERROR: { code: 506, scope: 'hard' },
  NOT_ALLOWED: { code: 530, scope: 'hard' },
  NOT_IMPLEMENTED: { code: 540, scope: 'hard' },
  INTERNAL_ERROR: { code: 541, scope: 'hard' },
} as const

export type ReplyName = keyof typeof replies
/** Whether the channel or the connection ends. */
export type Scope = 'soft' | 'hard'

/** Both closes of the specification without a fault. */
export const REPLY_SUCCESS = 200

const REPLY_TEXT_BYTES_MAX = 255
const CUT = '...'

/** A refusal in the protocol's words. */
export class AmqpError extends Error {
  override readonly name = 'AmqpError'
  readonly reply: ReplyName
  /** Ids of the method that was refused, 0 when there is none. */
  readonly classId: number
  readonly methodId: number

  /** `message` is what RabbitMQ says behind the dash: `no queue 'x' in vhost '/'`. */
  constructor(reply: ReplyName, message: string, method?: MethodIds, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.reply = reply
    this.classId = method?.classId ?? 0
    this.methodId = method?.methodId ?? 0
  }

  get code(): number {
    return replies[this.reply].code
  }
  get scope(): Scope {
    return replies[this.reply].scope
  }
  /** The reply text as clients see it: `NOT_FOUND - no queue 'x' in vhost '/'`, cut to a short string. */
  get text(): string {
    return shortened(`${this.reply} - ${this.message}`)
  }

  /** The same error of this method, where it does not know one yet. */
  of(method: MethodIds): AmqpError {
    return this.classId === 0 ? new AmqpError(this.reply, this.message, method, this.cause) : this
  }
}

/** What an error needs to know of a method. */
export interface MethodIds {
  readonly classId: number
  readonly methodId: number
}

/** The protocol's word for each refusal of the broker. */
export const replyOfBroker: Readonly<Record<BrokerErrorCode, ReplyName>> = {
  TOPIC_UNKNOWN: 'NOT_FOUND',
  TOPIC_EXISTS: 'PRECONDITION_FAILED',
  TOPIC_NAME_INVALID: 'PRECONDITION_FAILED',
  PARTITIONS_INVALID: 'PRECONDITION_FAILED',
  REPLICATION_INVALID: 'PRECONDITION_FAILED',
  CONFIG_INVALID: 'PRECONDITION_FAILED',
  REQUEST_INVALID: 'PRECONDITION_FAILED',
  REQUEST_UNSUPPORTED: 'NOT_IMPLEMENTED',
  OFFSET_OUT_OF_RANGE: 'PRECONDITION_FAILED',
  BATCH_CORRUPT: 'INTERNAL_ERROR',
  BATCH_TOO_LARGE: 'PRECONDITION_FAILED',
  RECORD_INVALID: 'PRECONDITION_FAILED',
  TIMESTAMP_INVALID: 'PRECONDITION_FAILED',
  CODEC_UNSUPPORTED: 'PRECONDITION_FAILED',
  SEQUENCE_OUT_OF_ORDER: 'PRECONDITION_FAILED',
  PRODUCER_FENCED: 'PRECONDITION_FAILED',
  PRODUCER_UNKNOWN: 'PRECONDITION_FAILED',
  PRODUCER_ID_MISMATCH: 'PRECONDITION_FAILED',
  TRANSACTION_STATE_INVALID: 'PRECONDITION_FAILED',
  TRANSACTION_BUSY: 'PRECONDITION_FAILED',
  TRANSACTION_TIMEOUT_INVALID: 'PRECONDITION_FAILED',
  TRANSACTION_UNKNOWN: 'PRECONDITION_FAILED',
  EPOCH_FENCED: 'PRECONDITION_FAILED',
  EPOCH_UNKNOWN: 'PRECONDITION_FAILED',
  GROUP_ID_INVALID: 'PRECONDITION_FAILED',
  GROUP_UNKNOWN: 'NOT_FOUND',
  GROUP_NOT_EMPTY: 'PRECONDITION_FAILED',
  GROUP_FULL: 'RESOURCE_ERROR',
  GROUP_SUBSCRIBED: 'PRECONDITION_FAILED',
  GROUP_PROTOCOL_INVALID: 'PRECONDITION_FAILED',
  GROUP_REBALANCING: 'PRECONDITION_FAILED',
  GENERATION_ILLEGAL: 'PRECONDITION_FAILED',
  MEMBER_UNKNOWN: 'NOT_FOUND',
  MEMBER_ID_REQUIRED: 'PRECONDITION_FAILED',
  MEMBER_EPOCH_FENCED: 'PRECONDITION_FAILED',
  MEMBER_EPOCH_STALE: 'PRECONDITION_FAILED',
  INSTANCE_FENCED: 'PRECONDITION_FAILED',
  INSTANCE_UNRELEASED: 'PRECONDITION_FAILED',
  PATTERN_INVALID: 'PRECONDITION_FAILED',
  ASSIGNOR_UNKNOWN: 'PRECONDITION_FAILED',
  SESSION_TIMEOUT_INVALID: 'PRECONDITION_FAILED',
  OFFSET_UNSTABLE: 'PRECONDITION_FAILED',
  METADATA_TOO_LARGE: 'PRECONDITION_FAILED',
  ACCESS_DENIED: 'ACCESS_REFUSED',
  USER_UNKNOWN: 'ACCESS_REFUSED',
  STORAGE_FULL: 'RESOURCE_ERROR',
  STORAGE_FAILED: 'INTERNAL_ERROR',
  STORAGE_ROTTEN: 'INTERNAL_ERROR',
  LIMIT_EXCEEDED: 'PRECONDITION_FAILED',
  VHOST_UNKNOWN: 'NOT_ALLOWED',
  QUEUE_UNKNOWN: 'NOT_FOUND',
  QUEUE_NAME_INVALID: 'PRECONDITION_FAILED',
  QUEUE_DIFFERS: 'PRECONDITION_FAILED',
  QUEUE_LOCKED: 'RESOURCE_LOCKED',
  QUEUE_IN_USE: 'PRECONDITION_FAILED',
  QUEUE_NOT_EMPTY: 'PRECONDITION_FAILED',
  QUEUE_FULL: 'RESOURCE_ERROR',
  QUEUE_TRANSIENT: 'PRECONDITION_FAILED',
  CONSUMER_EXCLUDED: 'ACCESS_REFUSED',
  EXCHANGE_UNKNOWN: 'NOT_FOUND',
  EXCHANGE_NAME_INVALID: 'PRECONDITION_FAILED',
  EXCHANGE_TYPE_UNKNOWN: 'PRECONDITION_FAILED',
  EXCHANGE_DIFFERS: 'PRECONDITION_FAILED',
  EXCHANGE_IN_USE: 'PRECONDITION_FAILED',
  EXCHANGE_RESERVED: 'ACCESS_REFUSED',
  BINDING_UNKNOWN: 'NOT_FOUND',
  ARGUMENT_INVALID: 'PRECONDITION_FAILED',
  LOCK_LOST: 'PRECONDITION_FAILED',
}

/**
 * What to tell the client of this error, as an error of `method`. One that is none of ours is a fault of this program: the
 * client gets INTERNAL_ERROR, and `unexpected` is true, so that the caller writes it to the log.
 */
export function amqpErrorOf(error: unknown, method?: MethodIds): { error: AmqpError; unexpected: boolean } {
  const known = knownError(error, method)
  if (known !== undefined) return { error: known, unexpected: false }
  return { error: new AmqpError('INTERNAL_ERROR', 'the log says more', method, error), unexpected: true }
}

function knownError(error: unknown, method: MethodIds | undefined): AmqpError | undefined {
  if (error instanceof AmqpError) return method === undefined ? error : error.of(method)
  if (error instanceof BrokerError)
    return new AmqpError(replyOfBroker[error.code], error.message, method, error)
  if (error instanceof WireError) return new AmqpError('SYNTAX_ERROR', error.message, method, error)
  if (error instanceof AuthError) return new AmqpError('ACCESS_REFUSED', error.message, method, error)
  return undefined
}

/** At most 255 bytes, cut between two characters. */
function shortened(text: string): string {
  if (Buffer.byteLength(text) <= REPLY_TEXT_BYTES_MAX) return text
  const bytes = Buffer.from(text).subarray(0, REPLY_TEXT_BYTES_MAX - CUT.length)
  let end = bytes.length
  while (end > 0 && ((Buffer.from(text)[end] ?? 0) & 0xc0) === 0x80) end--
  return `${bytes.toString('utf8', 0, end)}${CUT}`
}
