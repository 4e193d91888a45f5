// Whether a queue that is there is the one that is declared. The texts are RabbitMQ's: client libraries and their tests
// look for the argument that differs.

import { BrokerError } from '../errors.ts'
import { type FieldValue, sameFieldValue } from '../field-value.ts'
import { type Declared, titleOf } from './declaration.ts'
import { queueSettingRows } from './queue-settings.ts'

/** Whose the queue is was compared before. Errors: QUEUE_DIFFERS naming the first thing that differs. */
export function checkSame(current: Declared, wanted: Declared): void {
  const title = titleOf(current)
  const differ = (name: string, received: unknown, is: unknown): void => {
    if (received !== is)
      throw new BrokerError(
        'QUEUE_DIFFERS',
        `inequivalent arg '${name}' for ${title}: received '${received}' but current is '${is}'`,
      )
  }
  differ('durable', wanted.durable, current.durable)
  differ('auto_delete', wanted.autoDelete, current.autoDelete)
  differ('x-queue-type', wanted.type, current.type)
  for (const { name } of queueSettingRows) {
    const key = `x-${name}`
    if (key === 'x-queue-type' || sameFieldValue(wanted.arguments.get(key), current.arguments.get(key)))
      continue
    throw new BrokerError(
      'QUEUE_DIFFERS',
      `inequivalent arg '${key}' for ${title}: received ${shown(wanted.arguments.get(key))} but current is ${shown(current.arguments.get(key))}`,
    )
  }
}

function shown(value: FieldValue | undefined): string {
  if (value === undefined) return 'none'
  return `the value '${String(value)}' of type '${typeof value === 'string' ? 'longstr' : typeof value === 'boolean' ? 'bool' : 'signedint'}'`
}
