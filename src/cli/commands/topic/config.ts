// `posthorn topic config`: shows a topic's settings with where each value comes from, or changes some of them.

import type { ResponseOutput } from '../../../heads/kafka/wire/api.ts'
import { DescribeConfigs, IncrementalAlterConfigs } from '../../../heads/kafka/wire/index.ts'
import { defineCommand } from '../../command.ts'
import { topicViews } from '../../kafka/admin.ts'
import type { Client } from '../../kafka/client.ts'
import { check } from '../../kafka/faults.ts'
import { connectionOptions, withClient } from '../../kafka/options.ts'
import { parseChange } from './setting.ts'

type Config = ResponseOutput<typeof DescribeConfigs>['results'][number]['configs'][number]

/** ConfigResource types and operations of the protocol. */
const TOPIC = 2
const SET = 0
const DELETE = 1

/** ConfigSource of the protocol, by number. */
const sources = ['unknown', 'topic', 'broker', 'brokers', 'static', 'default'] as const

export const topicConfig = defineCommand({
  path: ['topic', 'config'],
  summary: 'Show or change the settings of a topic',
  description:
    'Without changes it shows all settings. `key=value` sets one, `key-` takes a setting of the topic away, so that the value of the broker holds again. All changes are made, or none.',
  examples: [
    { text: 'All settings', command: 'posthorn topic config orders' },
    {
      text: 'Keep a week, and the default size',
      command: 'posthorn topic config orders retention.ms=604800000 retention.bytes-',
    },
  ],
  arguments: [
    { name: 'name', summary: 'Name of the topic', required: true },
    { name: 'change', summary: 'key=value, or key- for the default again', repeated: true },
  ],
  options: {
    ...connectionOptions,
    dryRun: { type: 'boolean', summary: 'Only ask whether the changes are valid' },
  },
  columns: {
    name: { type: 'string', summary: 'Name of the setting' },
    value: { type: 'string', summary: 'Value; null when it is secret or empty', nullable: true },
    source: {
      type: 'string',
      summary: 'Where the value comes from: topic, broker, brokers, static, default',
    },
    readOnly: { type: 'boolean', summary: 'Cannot be changed', wide: true },
  },
  writes: true,
  async run(context) {
    const { name, change } = context.arguments
    const changes = change.map(parseChange)
    const configs = await withClient(context, async client => {
      await topicViews(client, [name])
      if (changes.length > 0) await alter(client, name, changes, context.options.dryRun)
      return describe(client, name)
    })
    const touched = new Set(changes.map(one => one.name))
    const shown = changes.length === 0 ? configs : configs.filter(one => touched.has(one.name))
    if (context.options.dryRun) context.output.note('nothing was changed: this was a dry run')
    await context.output.rows(shown.map(rowOf).sort((a, b) => (a.name < b.name ? -1 : 1)))
  },
})

function rowOf({ name, value, configSource, readOnly, isSensitive }: Config) {
  return { name, value: isSensitive ? null : value, source: sources[configSource] ?? 'unknown', readOnly }
}

async function describe(client: Client, name: string): Promise<readonly Config[]> {
  const request = { resources: [{ resourceType: TOPIC, resourceName: name, configurationKeys: null }] }
  const { results } = await client.ask(DescribeConfigs, request, ({ results: [one] }) =>
    check(one?.errorCode ?? 0, `topic ${name}`, one?.errorMessage),
  )
  return results[0]?.configs ?? []
}

async function alter(
  client: Client,
  name: string,
  changes: readonly ReturnType<typeof parseChange>[],
  validateOnly: boolean,
): Promise<void> {
  const configs = changes.map(one => ({ ...one, configOperation: one.value === null ? DELETE : SET }))
  const request = { resources: [{ resourceType: TOPIC, resourceName: name, configs }], validateOnly }
  await client.askController(IncrementalAlterConfigs, request, ({ responses: [one] }) =>
    check(one?.errorCode ?? 0, `topic ${name}`, one?.errorMessage),
  )
}
