// What a queue is declared as, and what cannot be declared.

import { BrokerError } from '../errors.ts'
import { type FieldTable, noFields } from '../field-value.ts'
import type { QueueDefinition } from './queue-definition.ts'
import { checkArguments, type QueueType, queueTypes } from './queue-settings.ts'

/** Longest name in UTF-8 bytes: a short string of AMQP. */
const QUEUE_NAME_BYTES_MAX = 255

export interface NewQueue {
  readonly vhost: string
  readonly name: string
  /** Default: what the argument `x-queue-type` says, else classic. */
  readonly type?: QueueType
  readonly durable?: boolean
  readonly autoDelete?: boolean
  /** The one connection that may use it, and with which it goes. */
  readonly owner?: object | undefined
  readonly arguments?: FieldTable
}

/** What of a declaration is compared with the queue that is there. */
export type Declared = Pick<
  QueueDefinition,
  'vhost' | 'name' | 'type' | 'durable' | 'autoDelete' | 'exclusive' | 'arguments'
>

export function declaredBy(wanted: NewQueue): Declared {
  const { vhost, name, owner, durable = true, autoDelete = false, arguments: args = noFields } = wanted
  const asked = args.get('x-queue-type')
  const type = queueTypes.find(one => one === asked) ?? wanted.type ?? 'classic'
  return { vhost, name, type, durable, autoDelete, exclusive: owner !== undefined, arguments: args }
}

/** Errors: QUEUE_NAME_INVALID, ARGUMENT_INVALID. */
export function checkDeclared(declared: Declared): void {
  checkName(declared.name)
  checkArguments(declared.arguments, titleOf(declared))
  checkKind(declared)
}

export function titleOf({ vhost, name }: Declared): string {
  return `queue '${name}' in vhost '${vhost}'`
}

function checkName(name: string): void {
  const bytes = Buffer.byteLength(name)
  if (bytes === 0 || bytes > QUEUE_NAME_BYTES_MAX)
    throw new BrokerError(
      'QUEUE_NAME_INVALID',
      `a queue's name has 1 to ${QUEUE_NAME_BYTES_MAX} bytes, '${name.slice(0, 60)}' has ${bytes}`,
    )
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused
  if (/[\u0000-\u001f]/.test(name))
    throw new BrokerError(
      'QUEUE_NAME_INVALID',
      `the queue name ${JSON.stringify(name)} has control characters`,
    )
}

/** What a type of queue cannot be. Errors: ARGUMENT_INVALID. */
function checkKind({ type, durable, exclusive, autoDelete, ...declared }: Declared): void {
  if (type === 'classic') return
  const wrong = !durable
    ? 'non-durable'
    : exclusive
      ? 'exclusive'
      : type === 'stream' && autoDelete
        ? 'auto-delete'
        : ''
  if (wrong !== '')
    throw new BrokerError(
      'ARGUMENT_INVALID',
      `invalid property '${wrong}' for queue '${declared.name}' in vhost '${declared.vhost}': a ${type} queue cannot have it`,
    )
}
