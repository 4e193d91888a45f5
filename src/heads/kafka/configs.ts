// Settings as Kafka's tools see them: which kinds of things have settings, where a value comes from, and every setting
// of a thing with all that is known of it (KIP-133, KIP-226, KIP-569).

import type { GroupSettings, LeveledValue, SettingRow, Settings } from '../../broker/index.ts'
import { groupSettings, topicSettings } from '../../broker/index.ts'
import { limitSettings } from './limits.ts'
import type { Call } from './verb.ts'

/** Kafka's number of each kind of thing that has settings (ConfigResource.Type). */
export const resourceTypes = { topic: 2, broker: 4, brokerLogger: 8, clientMetrics: 16, group: 32 } as const

/** Kafka's number of where a value comes from (DescribeConfigsResponse.ConfigSource). */
export const configSources = {
  topic: 1,
  broker: 2,
  brokerDefault: 3,
  brokerStatic: 4,
  default: 5,
  group: 8,
} as const

/** One value of a setting and where it stands; the first of a list is the one that counts. */
export interface ConfigSynonym {
  readonly name: string
  readonly value: string
  readonly source: number
}

/** One setting of one thing. */
export interface ConfigEntry {
  readonly name: string
  readonly value: string
  readonly readOnly: boolean
  readonly configSource: number
  readonly isSensitive: boolean
  readonly synonyms: readonly ConfigSynonym[]
  readonly configType: number
  readonly documentation: string
}

const valueTypes: Readonly<Record<SettingRow['kind'], number>> = {
  boolean: 1,
  string: 2,
  int: 3,
  long: 5,
  double: 6,
  list: 7,
}

/** Every setting of a topic that has these of its own. */
export function topicEntries(own: Readonly<Record<string, string>>, settings: Settings): ConfigEntry[] {
  const entries = topicSettings.map(row => {
    const value = Object.hasOwn(own, row.name) ? own[row.name] : undefined
    const ofTopic = value === undefined ? [] : [{ name: row.name, value, source: configSources.topic }]
    return entry(row, [...ofTopic, ...brokerSynonyms(row.broker, settings)])
  })
  return sorted(entries)
}

/** Every setting of the broker, and what can only be read. */
export function brokerEntries(call: Call): ConfigEntry[] {
  const { settings } = call.kafka.broker
  const changeable = [...settings.rows()].map(row => entry(row, brokerSynonyms(row.name, settings)))
  return sorted([...changeable, ...brokerFacts(call)])
}

/** The settings that were changed for all brokers while they run. */
export function changedBrokerEntries(settings: Settings): ConfigEntry[] {
  const entries = Object.entries(settings.changed('all')).flatMap(([name, value]) => {
    const row = settings.row(name)
    return row === undefined ? [] : [entry(row, [{ name, value, source: configSources.brokerDefault }])]
  })
  return sorted(entries)
}

/** Every setting of a group. */
export function groupEntries(groupId: string, own: GroupSettings, settings: Settings): ConfigEntry[] {
  const values = own.own(groupId)
  const entries = groupSettings.map(row => {
    const value = Object.hasOwn(values, row.name) ? values[row.name] : undefined
    const ofGroup = value === undefined ? [] : [{ name: row.name, value, source: configSources.group }]
    return entry(row, [...ofGroup, ...brokerSynonyms(row.broker, settings)])
  })
  return sorted(entries)
}

function entry(row: SettingRow, synonyms: readonly ConfigSynonym[]): ConfigEntry {
  const [current] = synonyms
  return {
    name: row.name,
    value: current?.value ?? row.default,
    readOnly: false,
    configSource: current?.source ?? configSources.default,
    isSensitive: false,
    synonyms,
    configType: valueTypes[row.kind],
    documentation: row.summary,
  }
}

function brokerSynonyms(name: string, settings: Settings): ConfigSynonym[] {
  return settings.values(name).map(({ value, origin }) => ({ name, value, source: sources[origin] }))
}

const sources: Readonly<Record<LeveledValue['origin'], number>> = {
  one: configSources.broker,
  all: configSources.brokerDefault,
  given: configSources.brokerStatic,
  default: configSources.default,
}

/** What tools read of a broker and nobody can change. */
function brokerFacts({ kafka, nodeId, listener, session }: Call): ConfigEntry[] {
  const node = kafka.cluster.node(listener, nodeId)
  const address = node === undefined ? '' : `${listener.toUpperCase()}://${node.host}:${node.port}`
  return [
    fact('advertised.listeners', 'list', address, 'Where clients of this listener connect to.'),
    fact('broker.id', 'int', String(nodeId), 'The number of this broker.'),
    fact(
      'connections.max.reauth.ms',
      'long',
      String(session.reauthMs),
      'How long a login on this listener holds; 0 is for ever.',
    ),
    fact('listeners', 'list', address, 'Where this broker listens.'),
    fact('log.dir', 'string', kafka.broker.dataPath, 'Where data is kept.'),
    fact('log.dirs', 'list', kafka.broker.dataPath, 'Where data is kept.'),
    fact('node.id', 'int', String(nodeId), 'The number of this broker.'),
    fact('process.roles', 'list', 'broker,controller', 'What this process does.'),
    ...Object.entries(limitSettings).map(([name, { limit, kind, summary }]) =>
      fact(name, kind, String(kafka.limits[limit]), summary),
    ),
  ]
}

function fact(name: string, kind: SettingRow['kind'], value: string, documentation: string): ConfigEntry {
  return {
    name,
    value,
    readOnly: true,
    configSource: configSources.brokerStatic,
    isSensitive: false,
    synonyms: [{ name, value, source: configSources.brokerStatic }],
    configType: valueTypes[kind],
    documentation,
  }
}

function sorted(entries: readonly ConfigEntry[]): ConfigEntry[] {
  return [...entries].sort((a, b) => (a.name < b.name ? -1 : 1))
}
