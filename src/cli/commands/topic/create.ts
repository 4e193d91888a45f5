// `posthorn topic create`: a new topic, with the broker's own numbers where none are given.

import type { ResponseOutput } from '../../../heads/kafka/wire/api.ts'
import { CreateTopics } from '../../../heads/kafka/wire/index.ts'
import { defineCommand } from '../../command.ts'
import { isFault } from '../../kafka/client.ts'
import { check } from '../../kafka/faults.ts'
import { connectionOptions, withClient } from '../../kafka/options.ts'
import { parseSetting } from './setting.ts'

type Answer = ResponseOutput<typeof CreateTopics>

export const topicCreate = defineCommand({
  path: ['topic', 'create'],
  summary: 'Create a topic',
  examples: [
    { text: 'With six partitions', command: 'posthorn topic create orders --partitions 6' },
    {
      text: 'Compacted, and no complaint when it is there',
      command: 'posthorn topic create prices -c cleanup.policy=compact --if-not-exists',
    },
  ],
  arguments: [{ name: 'name', summary: 'Name of the topic', required: true }],
  options: {
    ...connectionOptions,
    partitions: {
      type: 'integer',
      short: 'p',
      min: 1,
      summary: 'Number of partitions (otherwise the broker chooses)',
    },
    replication: { type: 'integer', short: 'r', min: 1, summary: 'Brokers that hold each partition' },
    config: {
      type: 'string',
      short: 'c',
      repeated: true,
      valueName: 'key=value',
      summary: 'A setting of the topic',
    },
    ifNotExists: { type: 'boolean', summary: 'Succeed when the topic exists already' },
  },
  columns: {
    name: { type: 'string', summary: 'Name of the topic' },
    created: { type: 'boolean', summary: 'False when it existed already' },
    partitions: { type: 'integer', summary: 'Number of partitions, where the broker tells', nullable: true },
    replicas: { type: 'integer', summary: 'Brokers that hold each partition', nullable: true },
  },
  result: 'record',
  writes: true,
  async run(context) {
    const { name } = context.arguments
    const { partitions = -1, replication = -1, config, ifNotExists } = context.options
    const topic = {
      name,
      numPartitions: partitions,
      replicationFactor: replication,
      assignments: [],
      configs: config.map(text => parseSetting(text, '--config')),
    }
    const created = await withClient(context, async client => {
      const request = { topics: [topic], timeoutMs: client.timeoutMs }
      const judge = (answer: Answer): void =>
        check(answer.topics[0]?.errorCode ?? 0, `topic ${name}`, answer.topics[0]?.errorMessage)
      try {
        return (await client.askController(CreateTopics, request, judge)).topics[0]
      } catch (error) {
        if (ifNotExists && isFault(error, 'TOPIC_ALREADY_EXISTS')) return undefined
        throw error
      }
    })
    const row = {
      name,
      created: created !== undefined,
      partitions: told(created?.numPartitions),
      replicas: told(created?.replicationFactor),
    }
    await context.output.record(row, { text: sentence(row) })
  },
})

/** Brokers before Kafka 2.4 do not tell. */
function told(count: number | undefined): number | null {
  return count === undefined || count < 0 ? null : count
}

function sentence(row: {
  readonly name: string
  readonly created: boolean
  readonly partitions: number | null
}): string {
  if (!row.created) return `topic ${row.name} exists already`
  const { partitions } = row
  const size =
    partitions === null ? '' : ` with ${partitions} ${partitions === 1 ? 'partition' : 'partitions'}`
  return `created topic ${row.name}${size}`
}
