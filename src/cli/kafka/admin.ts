// What several commands ask about topics: that they exist, how many replicas, where their partitions begin and end.

import type { Client } from './client.ts'
import type { TopicView } from './cluster.ts'
import { BrokerFault } from './faults.ts'
import { type Offsets, offsetsAt, places } from './offsets.ts'
import { patiently } from './patience.ts'

/** The named topics, or all; those that do not exist make it fail. Errors: BrokerFault. */
export async function topicViews(
  client: Client,
  names: readonly string[] | null,
): Promise<readonly TopicView[]> {
  return patiently(client, async () => {
    const { topics } = await client.cluster.refresh(names)
    const failed = topics.find(topic => topic.errorCode !== 0)
    if (failed !== undefined) throw new BrokerFault(failed.errorCode, `topic ${failed.name}`)
    return topics
  })
}

/** Where each partition of a topic begins and ends. */
export interface Extent {
  readonly start: Offsets
  readonly end: Offsets
}

/** Both offsets of all partitions. Errors: BrokerFault. */
export async function extentOf(
  client: Client,
  topic: string,
  partitions: readonly number[],
): Promise<Extent> {
  const [start, end] = await Promise.all([
    offsetsAt(client, topic, partitions, places.start, 'uncommitted'),
    offsetsAt(client, topic, partitions, places.end, 'uncommitted'),
  ])
  return { start, end }
}

/** The numbers of a topic's partitions, in order. */
export function partitionsOf(topic: TopicView): number[] {
  return topic.partitions.map(({ partitionIndex }) => partitionIndex).sort((a, b) => a - b)
}
