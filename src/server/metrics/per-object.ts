// Metrics with a series for each topic or group: on a page of their own, because they grow with what clients make.
// Each family stops at a hard limit and says in `_dropped` how many series it left out.

import type { Broker } from '../../broker/index.ts'
import type { Served } from '../health.ts'
import type { Family, Sample } from './exposition.ts'

/** Series of one family. */
export const SERIES_MAX = 10_000

/** Lag of every group; of every topic its size, and when its segments were last verified. */
export function* perObjectFamilies(
  { broker }: Pick<Served, 'broker'>,
  seriesMax = SERIES_MAX,
): Generator<Family> {
  if (broker === undefined) return
  yield* capped(
    'posthorn_consumer_group_lag',
    'Records between what a group committed and the end of the partition.',
    lags(broker),
    seriesMax,
  )
  yield* capped('posthorn_topic_log_bytes', 'Bytes kept in the logs of a topic.', sizes(broker), seriesMax)
  yield* capped(
    'posthorn_topic_verified_timestamp_seconds',
    'When the sealed segment of a topic that was read back longest ago was found whole; 0 while one never was.',
    verifications(broker),
    seriesMax,
  )
}

function* lags({ groups, topics }: Broker): Generator<Sample> {
  for (const { groupId: group } of groups.list()) {
    const request = { groupId: group, memberId: null, memberEpoch: -1, topics: null, requireStable: false }
    for (const { topic, partition, offset } of groups.fetchOffsets(request)) {
      const end = topics.partition(topic, partition)?.highWatermark
      if (end === undefined || offset < 0) continue
      yield { labels: { protocol: 'kafka', group, topic, partition }, value: Math.max(0, end - offset) }
    }
  }
}

function* sizes({ topics }: Broker): Generator<Sample> {
  for (const { name: topic, partitions } of topics.list())
    yield { labels: { topic }, value: partitions.reduce((sum, { log }) => sum + log.bytes, 0) }
}

/** A topic without a sealed segment has nothing to verify, and no series. */
function* verifications({ topics }: Broker): Generator<Sample> {
  for (const { name: topic, partitions } of topics.list()) {
    const sealed = partitions.flatMap(({ log }) => log.segments.filter(one => one.sealed))
    const oldest = Math.min(...sealed.map(one => one.verifiedAt ?? 0))
    if (sealed.length > 0) yield { labels: { topic }, value: oldest / 1000 }
  }
}

function* capped(name: string, help: string, all: Iterable<Sample>, seriesMax: number): Generator<Family> {
  const samples: Sample[] = []
  let dropped = 0
  for (const sample of all) {
    if (samples.length < seriesMax) samples.push(sample)
    else dropped++
  }
  yield { name, help, type: 'gauge', samples }
  yield {
    name: `${name}_dropped`,
    help: `Series of ${name} beyond the limit of ${seriesMax}, left out.`,
    type: 'gauge',
    samples: [{ value: dropped }],
  }
}
