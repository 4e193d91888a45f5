// ShareFetch (KIP-932): gives a member of a share group records for a time, as batches that lie in the log, beside the
// ranges of offsets in them that are its own. Acknowledgements come along and are done first. The session says what is
// fetched; the answer has rows for partitions with records, and for those that something is to be said of.

import { KafkaRefusal, kafkaErrors, refusalOf } from '../errors.ts'
import { type Outcome, succeeded } from '../outcome.ts'
import { acknowledge } from '../share-acknowledging.ts'
import { type ShareWanted, takeAll, wantedOf } from '../share-fetching.ts'
import { askerOf, leadersIn, rowsByTopic, type SharePlace, sharePlace } from '../share-places.ts'
import type { ShareAsker, ShareSession } from '../share-sessions.ts'
import { type Call, verb } from '../verb.ts'
import type { RequestOf } from '../wire/api.ts'
import { ShareFetch } from '../wire/index.ts'

type Request = RequestOf<typeof ShareFetch>

const OPEN_EPOCH = 0
/** ShareAcquireMode that cuts batches at MaxRecords (KIP-1206). */
const RECORD_LIMIT = 1

/** What is to be said of one partition. */
interface Row {
  readonly place: SharePlace
  readonly acknowledged: Outcome | undefined
  wanted: ShareWanted | undefined
}

export const shareFetch = verb(ShareFetch, {
  async handle(request, call) {
    const asker = askerOf(request, call)
    checkForm(request)
    const { session, isLast } = call.kafka.shareSessions.step(asker, request.shareSessionEpoch, call)
    const rows = await acknowledgeAll(asker, request, call)
    if (isLast) session.end('closed')
    else await fetch(session, request, rows, call)
    const shown = [...rows.values()].filter(isShown)
    return {
      errorCode: kafkaErrors.NONE,
      acquisitionLockTimeoutMs: call.kafka.broker.shareGroups.lockMs(asker.groupId),
      responses: rowsByTopic(shown.map(row => [row.place.topicId, answer(row, call)] as const)),
      nodeEndpoints: leadersIn(
        shown.map(({ place }) => place),
        call,
      ),
    }
  },
  refuse: (_request, errorCode, errorMessage) => ({
    errorCode,
    errorMessage,
    acquisitionLockTimeoutMs: 0,
    responses: [],
    nodeEndpoints: [],
  }),
})

/** Errors: INVALID_REQUEST. */
function checkForm({ shareSessionEpoch, topics, isRenewAck, maxBytes, maxRecords, ...rest }: Request): void {
  const acknowledges = topics.some(({ partitions }) =>
    partitions.some(({ acknowledgementBatches }) => acknowledgementBatches.length > 0),
  )
  if (shareSessionEpoch === OPEN_EPOCH && acknowledges)
    throw new KafkaRefusal('INVALID_REQUEST', 'A session that is opened has nothing to acknowledge yet.')
  if (isRenewAck && (maxBytes > 0 || maxRecords > 0 || rest.maxWaitMs > 0 || rest.minBytes > 0))
    throw new KafkaRefusal('INVALID_REQUEST', 'A request that renews locks must not fetch.')
}

async function acknowledgeAll(
  asker: ShareAsker,
  { topics, isRenewAck }: Request,
  call: Call,
): Promise<Map<string, Row>> {
  const rows = new Map<string, Row>()
  const mayRenew = isRenewAck && call.kafka.broker.shareGroups.mayRenew(asker.groupId)
  await Promise.all(
    topics.flatMap(({ topicId, partitions }) =>
      partitions.map(async ({ partitionIndex, acknowledgementBatches: batches }) => {
        if (batches.length === 0) return
        const place = await sharePlace(asker, topicId, partitionIndex, call)
        const acknowledged = await acknowledge(asker, place, batches, mayRenew, call)
        rows.set(`${topicId}/${partitionIndex}`, { place, acknowledged, wanted: undefined })
      }),
    ),
  )
  return rows
}

/** Takes records of what the session has, and adds rows for that. */
async function fetch(
  session: ShareSession,
  request: Request,
  rows: Map<string, Row>,
  call: Call,
): Promise<void> {
  const { limits, world } = call.kafka
  const { topics, forgottenTopicsData, isRenewAck, maxRecords } = request
  const added = topics.map(({ topicId, partitions }) => ({
    topicId,
    partitions: partitions.map(({ partitionIndex }) => partitionIndex),
  }))
  session.change(added, forgottenTopicsData, limits.shareSessionPartitionsMax)
  if (isRenewAck || maxRecords <= 0) return
  const wanted: ShareWanted[] = []
  let atOnce = rows.size > 0
  for (const { topicId, index } of session.partitions()) {
    const known = rows.get(`${topicId}/${index}`)
    const place = known?.place ?? (await sharePlace(session.asker, topicId, index, call))
    const one = place.share && wantedOf(place.share)
    if (one === undefined) atOnce = true
    else wanted.push(one)
    rows.set(`${topicId}/${index}`, { place, acknowledged: known?.acknowledged, wanted: one })
  }
  await takeAll(
    wanted,
    {
      memberId: session.asker.memberId,
      maxRecords,
      batchSize: request.batchSize,
      exact: request.shareAcquireMode === RECORD_LIMIT,
      minBytes: request.minBytes,
      maxBytes: Math.min(request.maxBytes, limits.fetchBytesMax),
      maxWaitMs: Math.min(request.maxWaitMs, limits.fetchWaitMsMax),
      signal: call.signal,
      atOnce,
    },
    world,
  )
}

function isShown({ place, acknowledged, wanted }: Row): boolean {
  return (
    acknowledged !== undefined ||
    place.outcome.errorCode !== kafkaErrors.NONE ||
    wanted?.failed !== undefined ||
    (wanted?.taking.records ?? 0) > 0
  )
}

function answer({ place, acknowledged = succeeded, wanted }: Row, call: Call) {
  const { errorCode, errorMessage } = fetchOutcome(place, wanted, call)
  const taking = wanted?.taking
  call.kafka.metrics.bytesRead += taking?.bytes ?? 0
  return {
    partitionIndex: place.index,
    errorCode,
    errorMessage,
    acknowledgeErrorCode: acknowledged.errorCode,
    acknowledgeErrorMessage: acknowledged.errorMessage,
    currentLeader: place.currentLeader,
    records: taking?.chunks ?? [],
    acquiredRecords: (taking?.ranges ?? []).map(({ first, last, count }) => ({
      firstOffset: first,
      lastOffset: last,
      deliveryCount: count,
    })),
  }
}

function fetchOutcome({ outcome }: SharePlace, wanted: ShareWanted | undefined, call: Call): Outcome {
  if (wanted?.failed === undefined) return outcome
  const { code, message, unexpected } = refusalOf(wanted.failed)
  if (unexpected)
    call.kafka.report.error('a share fetch met an unexpected error', { error: String(wanted.failed) })
  return { errorCode: code, errorMessage: message }
}
