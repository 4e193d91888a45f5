// What the AMQP 0-9-1 head serves and does not, its limits and settings, out of the code.

import { queueSettingRows } from '../../src/broker/queues/queue-settings.ts'
import { exchangeTypes } from '../../src/broker/routing/kinds.ts'
import { serverCapabilities } from '../../src/heads/amqp091/capabilities.ts'
import { gaps } from '../../src/heads/amqp091/gaps.ts'
import { methods } from '../../src/heads/amqp091/wire/index.ts'
import { limitTablesOf } from './limits.ts'
import { code, table } from './table.ts'

/** Files of limits, by what they bound. */
const files = [['The head', 'src/heads/amqp091/limits.ts']] as const

export function amqpMethodTable(): string {
  const classes = new Map<string, string[]>()
  for (const { name, from } of methods) {
    const [group = '', method = ''] = name.split('.', 2)
    if (from !== 'server') classes.set(group, [...(classes.get(group) ?? []), method])
  }
  const rows = [...classes].map(([group, names]) => [group, names.join(', ')])
  return [
    table(['class', 'methods that a client may send'], rows),
    '',
    `Exchange types: ${exchangeTypes.map(code).join(', ')}.`,
    '',
    `Capabilities: ${serverCapabilities.map(code).join(', ')}.`,
  ].join('\n')
}

export function amqpGapTable(): string {
  return table(
    ['not here', 'what happens instead'],
    gaps.map(({ what, instead }) => [what, instead]),
  )
}

export function queueSettingTable(): string {
  return table(
    ['argument', 'in a policy', 'what it does'],
    queueSettingRows.map(({ name, policy, summary }) => [
      code(`x-${name}`),
      policy ? code(name) : 'no',
      summary,
    ]),
  )
}

export function amqpLimitTables(root: string): string {
  return limitTablesOf(root, files)
}
