// Fetch: batches as they lie, from an offset on, with a real long poll. Fetch sessions (KIP-227) are not made: the
// session id is always 0, which tells clients to name all their partitions each time. From version 13 on topics go by id.

import type { Topic } from '../../../broker/index.ts'
import { KafkaRefusal, kafkaErrors, refusalOf } from '../errors.ts'
import { fetchAll, isExtent, type Wanted } from '../fetching.ts'
import { checkLeaderEpoch, leadPartition } from '../place.ts'
import { type Call, verb } from '../verb.ts'
import type { RequestOf } from '../wire/api.ts'
import { Fetch } from '../wire/index.ts'

const BY_ID_SINCE = 13
const READ_COMMITTED = 1

type Request = RequestOf<typeof Fetch>
type TopicEntry = Request['topics'][number]
type PartitionEntry = TopicEntry['partitions'][number]

/** A partition of the request: what to read, or why not. */
type Place =
  | { readonly index: number; readonly wanted: Wanted }
  | { readonly index: number; readonly error: number }

export const fetch = verb(Fetch, {
  async handle(request, call) {
    // The request says what changed in a session (KIP-227), and there is none.
    if (request.sessionEpoch > 0)
      throw new KafkaRefusal('FETCH_SESSION_ID_NOT_FOUND', `There is no fetch session ${request.sessionId}.`)
    const { limits, world } = call.kafka
    const isolation = request.isolationLevel === READ_COMMITTED ? 'committed' : 'uncommitted'
    const topics = await Promise.all(request.topics.map(entry => placesOf(entry, request, call)))
    const places = topics.flatMap(({ places }) => places)
    const wanted = places.flatMap(place => ('wanted' in place ? place.wanted : []))
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
        atOnce: wanted.length < places.length,
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
    return { errorCode: kafkaErrors.NONE, responses }
  },
  refuse: (_request, errorCode) => ({ errorCode, responses: [] }),
})

async function placesOf(
  entry: TopicEntry,
  request: Request,
  call: Call,
): Promise<{ entry: TopicEntry; places: Place[] }> {
  const { topics } = call.kafka.broker
  const topic = call.version >= BY_ID_SINCE ? topics.byId(entry.topicId) : topics.get(entry.topic)
  const refused = refusedTopic(topic, entry, call)
  const places = entry.partitions.map(one =>
    refused === undefined ? placeOf(topic, one, request, call) : { index: one.partition, error: refused },
  )
  return { entry, places: await Promise.all(places) }
}

function refusedTopic(topic: Topic | undefined, entry: TopicEntry, call: Call): number | undefined {
  if (topic === undefined && call.version >= BY_ID_SINCE) return kafkaErrors.UNKNOWN_TOPIC_ID
  return call.allows('read', 'topic', topic?.name ?? entry.topic)
    ? undefined
    : kafkaErrors.TOPIC_AUTHORIZATION_FAILED
}

async function placeOf(
  topic: Topic | undefined,
  entry: PartitionEntry,
  request: Request,
  call: Call,
): Promise<Place> {
  const index = entry.partition
  const partition = leadPartition(topic, index, call)
  if (typeof partition === 'number') return { index, error: partition }
  try {
    checkLeaderEpoch(partition, entry.currentLeaderEpoch)
    if (request.isolationLevel === READ_COMMITTED) await partition.warm()
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
