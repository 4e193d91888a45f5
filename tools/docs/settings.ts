// Settings by Kafka's names, and the configuration file.

import { groupSettings } from '../../src/broker/group-settings.ts'
import { brokerSettings } from '../../src/broker/settings.ts'
import { inertSettings } from '../../src/broker/topics/inert-settings.ts'
import { type SettingRow, topicSettings } from '../../src/broker/topics/settings.ts'
import schema from '../../src/server/config/posthorn.schema.json' with { type: 'json' }
import { code, table } from './table.ts'

/** A node of the schema, as far as the page shows it. */
interface Field {
  readonly type?: string
  readonly description?: string
  readonly default?: unknown
  readonly enum?: readonly string[]
  readonly properties?: Readonly<Record<string, Field>>
  readonly $ref?: string
  readonly anyOf?: readonly Field[]
}

export function topicSettingTable(): string {
  const inert = new Set(inertSettings.map(({ name }) => name))
  return settingTable(
    [...topicSettings].sort((a, b) => Number(inert.has(a.name)) - Number(inert.has(b.name))),
  )
}

export function brokerSettingTable(): string {
  return settingTable(brokerSettings)
}

export function groupSettingTable(): string {
  return settingTable(groupSettings, 'for all groups')
}

/** The fields of the file, with those of its listeners and users. */
export function configurationTable(): string {
  const { properties, $defs } = schema as { properties: Fields; $defs: Readonly<Record<string, Field>> }
  const parts: [string, Fields][] = [
    ['The file', properties],
    ['`listeners.kafka` and `listeners.kafka.<name>`', $defs.kafkaListener?.properties ?? {}],
    ['`listeners.http`', $defs.httpListener?.properties ?? {}],
    ['`listeners.management`', $defs.managementListener?.properties ?? {}],
    ['`auth.oauth`', $defs.oauth?.properties ?? {}],
    ['`users[]`', $defs.user?.properties ?? {}],
  ]
  return parts.map(([title, fields]) => `**${title}**\n\n${fieldTable(fields)}`).join('\n\n')
}

type Fields = Readonly<Record<string, Field>>

function fieldTable(fields: Fields): string {
  return table(
    ['field', 'values', 'default', 'what it is'],
    Object.entries(fields).map(([name, field]) => [
      code(name),
      field.enum?.map(code).join(', ') ?? field.type ?? 'string',
      field.default === undefined ? '' : code(String(field.default)),
      field.description ?? '',
    ]),
  )
}

function settingTable(rows: readonly SettingRow[], forAll = 'for all topics'): string {
  return table(
    ['setting', 'type', 'default', forAll, 'what it is'],
    rows.map(({ name, kind, default: standard, broker, summary }) => [
      code(name),
      kind,
      code(standard),
      code(broker),
      summary,
    ]),
  )
}
