// How a queue is kept. Each setting is declared once, under the name that RabbitMQ's users know it by: with `x-` before
// it, it is an argument of a declaration, without, a key of a policy. A declaration's own arguments win over policies,
// limits of an operator's policy over both. Three are Posthorn's own: message-groups, deduplication-window, source-topic.

import { BrokerError } from '../errors.ts'
import type { FieldTable, FieldValue } from '../field-value.ts'
import type { DeadLetterRule } from './dead-letters.ts'

export const queueTypes = ['classic', 'quorum', 'stream'] as const
/** What clients call it. A classic and a quorum queue are kept alike here: on the disk before it is confirmed. */
export type QueueType = (typeof queueTypes)[number]

export type Overflow = 'drop-head' | 'reject-publish' | 'reject-publish-dlx'

export interface QueueSettings {
  /** Ms that a message may wait; Infinity for ever. */
  readonly ttlMs: number
  /** The queue is deleted when nobody used it for this many ms. */
  readonly expiresMs: number
  /** Ready messages, and bytes of their bodies. */
  readonly maxLength: number
  readonly maxBytes: number
  readonly overflow: Overflow
  readonly deadLetter: DeadLetterRule | undefined
  /** Highest priority that is told apart; 0 for none. */
  readonly maxPriority: number
  readonly singleActive: boolean
  /** Infinity: a consumer keeps what it has until its connection ends; who wants locks sets them one by one. */
  readonly lockMs: number
  /** Failed deliveries of a message before it is discarded; Infinity never. */
  readonly deliveryLimit: number
  /** A consumer that does not settle a message for this long is taken for stuck, in ms. */
  readonly consumerTimeoutMs: number
  readonly groups: boolean
  /** A message with the id of one that came within this many ms is dropped; 0 for none. */
  readonly dedupMs: number
  /** Streams: how long messages are kept, ms. */
  readonly maxAgeMs: number
}

/** Whether the ready messages are counted at all. */
export function hasLimits({ maxLength, maxBytes }: QueueSettings): boolean {
  return maxLength !== Number.POSITIVE_INFINITY || maxBytes !== Number.POSITIVE_INFINITY
}

export const PRIORITY_MAX = 255
/** What a quorum queue has by itself, as RabbitMQ 4. */
export const DELIVERY_LIMIT_DEFAULT = 20
/** RabbitMQ's own. */
export const CONSUMER_TIMEOUT_MS_DEFAULT = 30 * 60_000
const DEDUP_MS_MAX = 7 * 86_400_000

const defaults: QueueSettings = {
  ttlMs: Number.POSITIVE_INFINITY,
  expiresMs: Number.POSITIVE_INFINITY,
  maxLength: Number.POSITIVE_INFINITY,
  maxBytes: Number.POSITIVE_INFINITY,
  overflow: 'drop-head',
  deadLetter: undefined,
  maxPriority: 0,
  singleActive: false,
  lockMs: Number.POSITIVE_INFINITY,
  deliveryLimit: Number.POSITIVE_INFINITY,
  consumerTimeoutMs: CONSUMER_TIMEOUT_MS_DEFAULT,
  groups: false,
  dedupMs: 0,
  maxAgeMs: Number.POSITIVE_INFINITY,
}

type Raw = Partial<Record<string, string | number | boolean>>

interface Row {
  readonly name: string
  readonly check: (value: FieldValue) => string | number | boolean
  /** Whether it may stand in a policy. */
  readonly policy: boolean
  readonly summary: string
}

/** Every setting of a queue, by the name of its policy key. */
export const queueSettingRows: readonly Row[] = [
  row('message-ttl', whole(0), true, 'Ms that a message may wait.'),
  row('expires', whole(1), true, 'Ms after which an unused queue is deleted.'),
  row('max-length', whole(0), true, 'Ready messages that it holds.'),
  row('max-length-bytes', whole(0), true, 'Bytes of ready messages that it holds.'),
  row(
    'overflow',
    oneOf('drop-head', 'reject-publish', 'reject-publish-dlx'),
    true,
    'What gives way when it is full.',
  ),
  row('dead-letter-exchange', text, true, 'Where rejected, expired and dropped messages go.'),
  row('dead-letter-routing-key', text, true, 'Instead of the keys that they came by.'),
  row(
    'dead-letter-strategy',
    oneOf('at-most-once', 'at-least-once'),
    true,
    'What happens when nobody takes them.',
  ),
  row('max-priority', whole(0, PRIORITY_MAX), false, 'Highest priority that is told apart.'),
  row('single-active-consumer', flag, false, 'One consumer gets messages, the others wait.'),
  row('delivery-limit', whole(-1), true, 'Failed deliveries before a message is discarded; -1 for none.'),
  row('consumer-timeout', whole(0), true, 'Ms that a consumer may hold a message.'),
  row('message-groups', flag, false, 'One message of each group is out at a time.'),
  row(
    'deduplication-window',
    whole(0, DEDUP_MS_MAX),
    false,
    'Ms within which a second message of one id is dropped.',
  ),
  row('source-topic', text, false, 'Reads this topic by settlement, instead of messages of its own.'),
  row('queue-type', oneOf(...queueTypes), false, 'Classic, quorum or stream.'),
  row('max-age', age, true, 'Streams: how long messages are kept, such as 7D.'),
  row('stream-max-segment-size-bytes', whole(1), true, 'Streams: size at which a segment is sealed.'),
]

const byName = new Map(queueSettingRows.map(one => [one.name, one]))

/** Refuses an argument that is known and wrong (ARGUMENT_INVALID). Unknown ones are kept and mean nothing. */
export function checkArguments(args: FieldTable, title: string): void {
  for (const [key, value] of args) {
    if (!key.startsWith('x-')) continue
    const found = byName.get(key.slice(2))
    if (found === undefined) continue
    try {
      found.check(value)
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      throw new BrokerError('ARGUMENT_INVALID', `invalid arg '${key}' for ${title}: ${why}`)
    }
  }
  if (args.has('x-dead-letter-routing-key') && !args.has('x-dead-letter-exchange'))
    throw new BrokerError(
      'ARGUMENT_INVALID',
      `invalid arg 'x-dead-letter-routing-key' for ${title}: routing_key_but_no_dlx_defined`,
    )
}

/**
 * The settings of arguments over those of a policy; of two numbers the lower one counts, so that a policy bounds what
 * declarations ask for. What a policy has wrong does not count.
 */
export function resolveQueueSettings(args: FieldTable, policy: FieldTable, type: QueueType): QueueSettings {
  if (args.size === 0 && policy.size === 0) return plain[type]
  const raw: Raw = {}
  const take = (name: string, value: FieldValue): void => {
    try {
      const checked = byName.get(name)?.check(value)
      const before = raw[name]
      const isBound = typeof before === 'number' && typeof checked === 'number' && before >= 0 && checked >= 0
      if (checked !== undefined) raw[name] = isBound ? Math.min(before, checked) : checked
    } catch {
      // Arguments were checked when they came; a policy is checked where it is set, and may be of a newer version.
    }
  }
  for (const [name, value] of policy) if (byName.get(name)?.policy) take(name, value)
  for (const [name, value] of args) if (name.startsWith('x-')) take(name.slice(2), value)
  return typed(raw, type)
}

function typed(raw: Raw, type: QueueType): QueueSettings {
  const number = (name: string, otherwise: number): number => {
    const value = raw[name]
    return typeof value === 'number' ? value : otherwise
  }
  const limit = number('delivery-limit', type === 'quorum' ? DELIVERY_LIMIT_DEFAULT : -1)
  const exchange = raw['dead-letter-exchange']
  const key = raw['dead-letter-routing-key']
  return {
    ttlMs: number('message-ttl', defaults.ttlMs),
    expiresMs: number('expires', defaults.expiresMs),
    maxLength: number('max-length', defaults.maxLength),
    maxBytes: number('max-length-bytes', defaults.maxBytes),
    overflow: (raw.overflow ?? defaults.overflow) as Overflow,
    deadLetter:
      typeof exchange === 'string'
        ? {
            exchange,
            ...(typeof key === 'string' && { routingKey: key }),
            strategy: (raw['dead-letter-strategy'] ?? 'at-most-once') as DeadLetterRule['strategy'],
          }
        : undefined,
    maxPriority: number('max-priority', defaults.maxPriority),
    singleActive: raw['single-active-consumer'] === true,
    lockMs: defaults.lockMs,
    deliveryLimit: limit < 0 ? Number.POSITIVE_INFINITY : limit,
    consumerTimeoutMs: number('consumer-timeout', defaults.consumerTimeoutMs) || Number.POSITIVE_INFINITY,
    groups: raw['message-groups'] === true,
    dedupMs: number('deduplication-window', defaults.dedupMs),
    maxAgeMs: number('max-age', defaults.maxAgeMs),
  }
}

/** Of queues without arguments and policy, which are most: one object for all. */
const plain: Readonly<Record<QueueType, QueueSettings>> = {
  classic: typed({}, 'classic'),
  quorum: typed({}, 'quorum'),
  stream: typed({}, 'stream'),
}

function row(name: string, check: Row['check'], policy: boolean, summary: string): Row {
  return { name, check, policy, summary }
}

function whole(min: number, max = Number.MAX_SAFE_INTEGER) {
  return (value: FieldValue): number => {
    const number = typeof value === 'bigint' ? Number(value) : value
    if (typeof number !== 'number' || !Number.isSafeInteger(number))
      throw new RangeError(`{unacceptable_type,${typeof value}}: a whole number is wanted`)
    if (number < min) throw new RangeError(`{value_negative,${number}}: it is at least ${min}`)
    if (number > max) throw new RangeError(`{value_too_large,${number}}: it is at most ${max}`)
    return number
  }
}

function text(value: FieldValue): string {
  if (typeof value !== 'string') throw new TypeError(`{unacceptable_type,${typeof value}}: a text is wanted`)
  return value
}

function flag(value: FieldValue): boolean {
  if (typeof value !== 'boolean')
    throw new TypeError(`{unacceptable_type,${typeof value}}: true or false is wanted`)
  return value
}

function oneOf(...choices: readonly string[]) {
  return (value: FieldValue): string => {
    const given = text(value)
    if (!choices.includes(given)) throw new RangeError(`'${given}' is none of ${choices.join(', ')}`)
    return given
  }
}

const unitMs: Readonly<Record<string, number>> = {
  Y: 365 * 86_400_000,
  M: 30 * 86_400_000,
  D: 86_400_000,
  h: 3_600_000,
  m: 60_000,
  s: 1000,
}

/** RabbitMQ's way of writing an age: a number and Y, M, D, h, m or s. */
function age(value: FieldValue): number {
  const match = /^(\d{1,9})([YMDhms])$/.exec(text(value))
  const unit = unitMs[match?.[2] ?? '']
  if (match?.[1] === undefined || unit === undefined)
    throw new RangeError(`'${String(value)}' is no age: a number and Y, M, D, h, m or s`)
  return Number(match[1]) * unit
}
