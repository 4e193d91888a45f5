// Fetch: batches as they lie, from an offset on, with a real long poll. What is fetched is in the request, or in the
// fetch session of the connection (KIP-227). From version 13 on topics go by id.

import type { Topic } from '../../../broker/index.ts'
import { kafkaErrors, refusalOf } from '../errors.ts'
import { BY_ID_SINCE } from '../fetch-sessions.ts'
import { fetchAll, isExtent, type Wanted } from '../fetching.ts'
import { checkLeaderEpoch, leadPartition, namedTopic } from '../place.ts'
import { type Call, verb } from '../verb.ts'
import type { RequestOf } from '../wire/api.ts'
import { Fetch } from '../wire/index.ts'

const READ_COMMITTED = 1

type TopicEntry = RequestOf<typeof Fetch>['topics'][number]
type PartitionEntry = TopicEntry['partitions'][number]

/** A partition of the request: what to read, or why not. */
type Place =
  | { readonly index: number; readonly wanted: Wanted }
  | { readonly index: number; readonly error: number }

export const fetch = verb(Fetch, {
  async handle(request, call) {
    const { limits, world } = call.kafka
    const fetching = call.fetchSessions.step(request, call.version)
    const isolation = request.isolationLevel === READ_COMMITTED ? 'committed' : 'uncommitted'
    const topics = fetching.topics.map(entry => ({ entry, places: placesOf(entry, call) }))
    const places = topics.flatMap(({ places }) => places)
    const wanted = places.flatMap(place => ('wanted' in place ? place.wanted : []))
    if (isolation === 'committed') await warm(wanted)
    call.afterSent(() => {
      for (const { fetched } of wanted) if (isExtent(fetched)) fetched.release()
    })
    await fetchAll(
      wanted,
      {
        isolation,
        minBytes: request.minBytes,
        maxBytes: Math.min(request.maxBytes, limits.fetchBytesMax),
        maxWaitMs: Math.min(request.maxWaitMs, limits.fetchWaitMsMax),
        signal: call.signal,
        atOnce: wanted.length < places.length || wanted.length === 0,
      },
      world,
    )
    const responses = topics.map(({ entry, places }) => ({
      topic: entry.topic,
      topicId: entry.topicId,
      partitions: places.map(place =>
        'wanted' in place
          ? answer(place.index, place.wanted, isolation === 'committed', call)
          : failure(place.index, place.error),
      ),
    }))
    return { errorCode: kafkaErrors.NONE, ...fetching.tell(responses) }
  },
  refuse: (_request, errorCode) => ({ errorCode, responses: [] }),
})

function placesOf(entry: TopicEntry, call: Call): Place[] {
  const id = call.version >= BY_ID_SINCE ? entry.topicId : undefined
  const { topic, refused } = namedTopic({ name: entry.topic, id }, 'read', call)
  return entry.partitions.map(one =>
    refused === undefined ? placeOf(topic, one, call) : { index: one.partition, error: refused },
  )
}

function placeOf(topic: Topic | undefined, entry: PartitionEntry, call: Call): Place {
  const index = entry.partition
  const partition = leadPartition(topic, index, call)
  if (typeof partition === 'number') return { index, error: partition }
  try {
    checkLeaderEpoch(partition, entry.currentLeaderEpoch)
    return {
      index,
      wanted: {
        partition,
        from: entry.fetchOffset,
        maxBytes: entry.partitionMaxBytes,
        fetched: undefined,
        failed: undefined,
      },
    }
  } catch (error) {
    return { index, error: refusalOf(error).code }
  }
}

/** What is committed is known of partitions that are warm; one whose warming fails has failed. */
async function warm(wanted: readonly Wanted[]): Promise<void> {
  const warming = wanted.flatMap(
    one =>
      one.partition.warm()?.catch(error => {
        one.failed = error
      }) ?? [],
  )
  if (warming.length > 0) await Promise.all(warming)
}

function answer(
  partitionIndex: number,
  { partition, from, fetched, failed }: Wanted,
  committed: boolean,
  call: Call,
) {
  if (failed !== undefined) {
    const { code, unexpected } = refusalOf(failed)
    if (unexpected) call.kafka.report.error('a read met an unexpected error', { error: String(failed) })
    return { ...failure(partitionIndex, code), logStartOffset: partition.start }
  }
  call.kafka.metrics.bytesRead += fetched?.bytes ?? 0
  const aborted = committed && fetched !== undefined ? partition.abortedWithin(from, fetched.next) : []
  return {
    partitionIndex,
    errorCode: kafkaErrors.NONE,
    highWatermark: partition.highWatermark,
    lastStableOffset: committed ? partition.lastStableOffset : partition.highWatermark,
    logStartOffset: partition.start,
    abortedTransactions: committed
      ? aborted.map(({ producerId, firstOffset }) => ({ producerId, firstOffset }))
      : null,
    records: isExtent(fetched) ? [fetched] : (fetched?.chunks ?? []),
  }
}

function failure(partitionIndex: number, errorCode: number) {
  return {
    partitionIndex,
    errorCode,
    highWatermark: -1,
    lastStableOffset: -1,
    logStartOffset: -1,
    abortedTransactions: null,
    records: [],
  }
}
