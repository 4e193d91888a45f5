// OffsetFetch: how far a group has come; since version 8 several groups at once (KIP-709). Whoever may not see a topic
// that he names is told so; of all topics he gets those that he may see.

import { kafkaErrors, refusalOf } from '../errors.ts'
import { inGroup, rowCode } from '../group.ts'
import { failed } from '../outcome.ts'
import { type Call, verb } from '../verb.ts'
import type { RequestOf } from '../wire/api.ts'
import { OffsetFetch } from '../wire/index.ts'

type Request = RequestOf<typeof OffsetFetch>
type Wanted = Request['groups'][number]

/** Since this version an answer holds groups. */
const GROUPS_VERSION = 8
/** Since this version an answer has one error for all of it. */
const ERROR_VERSION = 2

export const offsetFetch = verb(OffsetFetch, {
  async handle(request, call) {
    const { requireStable } = request
    if (call.version >= GROUPS_VERSION)
      return {
        topics: [],
        groups: await Promise.all(request.groups.map(one => ofGroup(one, requireStable, call))),
      }
    try {
      return { topics: await read(wantedIn(request), requireStable, call), groups: [] }
    } catch (error) {
      if (call.version >= ERROR_VERSION) throw error
      return { topics: failedRows(request.topics, refusalOf(error).code), groups: [] }
    }
  },
  refuse: ({ groups }, errorCode) => ({
    topics: [],
    errorCode,
    groups: groups.map(({ groupId }) => ({ groupId, topics: [], errorCode })),
  }),
})

async function ofGroup(wanted: Wanted, requireStable: boolean, call: Call) {
  const { groupId } = wanted
  try {
    return { groupId, topics: await read(wanted, requireStable, call), errorCode: kafkaErrors.NONE }
  } catch (error) {
    return { groupId, topics: [], errorCode: failed(call, error).errorCode }
  }
}

function wantedIn({ groupId, topics }: Request): Wanted {
  return { groupId, memberId: null, memberEpoch: -1, topics }
}

function read({ groupId, memberId, memberEpoch, topics }: Wanted, requireStable: boolean, call: Call) {
  return inGroup(call, 'describe', groupId, () => {
    const may = (topic: string) => call.allows('describe', 'topic', topic)
    const allowed = topics?.filter(({ name }) => may(name)) ?? null
    const found = call.kafka.broker.groups.fetchOffsets({
      groupId,
      memberId,
      memberEpoch,
      topics:
        allowed?.map(({ name, partitionIndexes }) => ({ topic: name, partitions: partitionIndexes })) ?? null,
      requireStable,
    })
    const denied = topics?.filter(({ name }) => !may(name)) ?? []
    return [
      ...byTopic(found.filter(({ topic }) => may(topic))),
      ...failedRows(denied, kafkaErrors.TOPIC_AUTHORIZATION_FAILED),
    ]
  })
}

function byTopic(found: readonly Found[]) {
  const topics = new Map<string, Found[]>()
  for (const one of found) {
    const offsets = topics.get(one.topic)
    if (offsets === undefined) topics.set(one.topic, [one])
    else offsets.push(one)
  }
  return Array.from(topics, ([name, offsets]) => ({ name, partitions: offsets.map(row) }))
}

type Found = ReturnType<Call['kafka']['broker']['groups']['fetchOffsets']>[number]

function row({ partition, offset, leaderEpoch, metadata, error }: Found) {
  return {
    partitionIndex: partition,
    committedOffset: offset,
    committedLeaderEpoch: leaderEpoch,
    metadata,
    errorCode: rowCode(error),
  }
}

function failedRows(topics: Wanted['topics'], errorCode: number) {
  return (topics ?? []).map(({ name, partitionIndexes }) => ({
    name,
    partitions: partitionIndexes.map(partitionIndex => ({
      partitionIndex,
      committedOffset: -1,
      committedLeaderEpoch: -1,
      metadata: '',
      errorCode,
    })),
  }))
}
