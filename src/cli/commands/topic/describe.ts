// `posthorn topic describe`: who leads each partition, and what it holds.

import { DescribeLogDirs } from '../../../heads/kafka/wire/index.ts'
import { defineCommand } from '../../command.ts'
import { CommandError } from '../../exit.ts'
import { extentOf, partitionsOf, topicViews } from '../../kafka/admin.ts'
import type { Client } from '../../kafka/client.ts'
import type { TopicView } from '../../kafka/cluster.ts'
import { connectionOptions, withClient } from '../../kafka/options.ts'

export const topicDescribe = defineCommand({
  path: ['topic', 'describe'],
  summary: 'Show partitions, leaders, offsets and sizes of topics',
  description:
    'One line a partition. `end` is the offset that the next record gets; compaction leaves fewer records than offsets. The size is that of the log on its leader, where the broker tells it.',
  examples: [
    { text: 'One topic', command: 'posthorn topic describe orders' },
    { text: 'Two, with replicas and epochs', command: 'posthorn topic describe orders prices -o wide' },
  ],
  arguments: [{ name: 'name', summary: 'Names of topics', required: true, repeated: true }],
  options: connectionOptions,
  columns: {
    topic: { type: 'string', summary: 'Name of the topic' },
    partition: { type: 'integer', summary: 'Number of the partition' },
    leader: { type: 'integer', summary: 'Id of the broker that leads it', nullable: true },
    leaderEpoch: { type: 'integer', summary: 'How often the leader has changed', wide: true },
    replicas: { type: 'json', summary: 'Ids of the brokers that hold it' },
    inSync: { type: 'json', summary: 'Ids of those that are up to date' },
    start: { type: 'integer', summary: 'First offset' },
    end: { type: 'integer', summary: 'Offset of the next record' },
    offsets: { type: 'integer', summary: 'Offsets from start to end', wide: true },
    size: { type: 'bytes', summary: 'Bytes of the log', nullable: true },
  },
  async run(context) {
    const rows = await withClient(context, async client => {
      const views = await topicViews(client, context.arguments.name)
      return (await Promise.all(views.map(view => rowsOf(client, view)))).flat()
    })
    await context.output.rows(rows)
  },
})

async function rowsOf(client: Client, view: TopicView) {
  const topic = view.name ?? ''
  const partitions = partitionsOf(view)
  const led = view.partitions
    .filter(({ leaderId }) => leaderId >= 0)
    .map(({ partitionIndex }) => partitionIndex)
  const [extent, sizes] = await Promise.all([extentOf(client, topic, led), sizesOf(client, view)])
  return partitions.flatMap(partition => {
    const found = view.partitions.find(({ partitionIndex }) => partitionIndex === partition)
    if (found === undefined) return []
    const start = extent.start.get(partition) ?? 0
    const end = extent.end.get(partition) ?? 0
    return [
      {
        topic,
        partition,
        leader: found.leaderId < 0 ? null : found.leaderId,
        leaderEpoch: found.leaderEpoch,
        replicas: found.replicaNodes,
        inSync: found.isrNodes,
        start,
        end,
        offsets: end - start,
        size: sizes.get(partition) ?? null,
      },
    ]
  })
}

/** Sizes need a permission and an API that not every broker has: without them they are unknown. */
async function sizesOf(client: Client, view: TopicView): Promise<ReadonlyMap<number, number>> {
  const sizes = new Map<number, number>()
  for (const leader of new Set(view.partitions.map(({ leaderId }) => leaderId))) {
    const own = view.partitions.filter(({ leaderId }) => leaderId === leader).map(one => one.partitionIndex)
    if (leader < 0) continue
    try {
      const topics = [{ topic: view.name ?? '', partitions: own }]
      const { results } = await client.askNode(leader, DescribeLogDirs, { topics })
      for (const { partitionIndex, partitionSize, isFutureKey } of results.flatMap(one =>
        one.topics.flatMap(topic => topic.partitions),
      ))
        if (!isFutureKey) sizes.set(partitionIndex, partitionSize)
    } catch (error) {
      if (!(error instanceof CommandError)) throw error
    }
  }
  return sizes
}
