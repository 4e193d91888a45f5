// The verbs about groups against a broker in memory, without a connection: what each version is told, who may (KIP-11),
// and that every answer fits its table in every version.

import { describe, expect, it } from 'vitest'
import { user } from '../../auth/index.ts'
import { Broker } from '../../broker/index.ts'
import { Reader, Writer } from '../../bytes/index.ts'
import { openMemoryStore } from '../../log/index.ts'
import { ManualWorld } from '../../world/index.ts'
import { Cluster } from './cluster.ts'
import { kafkaErrors, refusalOf } from './errors.ts'
import type { Call, Verb } from './verb.ts'
import { offsetCommit } from './verbs/08-offset-commit.ts'
import { offsetFetch } from './verbs/09-offset-fetch.ts'
import { joinGroup } from './verbs/11-join-group.ts'
import { heartbeat } from './verbs/12-heartbeat.ts'
import { leaveGroup } from './verbs/13-leave-group.ts'
import { syncGroup } from './verbs/14-sync-group.ts'
import { describeGroups } from './verbs/15-describe-groups.ts'
import { listGroups } from './verbs/16-list-groups.ts'
import { deleteGroups } from './verbs/42-delete-groups.ts'
import { offsetDelete } from './verbs/47-offset-delete.ts'
import { consumerGroupHeartbeat } from './verbs/68-consumer-group-heartbeat.ts'
import { consumerGroupDescribe } from './verbs/69-consumer-group-describe.ts'

const groupId = 'readers'

interface Access {
  readonly denied?: readonly string[]
  readonly version?: number
  readonly nodes?: number
  readonly signal?: AbortSignal
}

async function open() {
  const world = new ManualWorld()
  const broker = await Broker.open({ store: openMemoryStore(), world })
  const topic = await broker.topics.create({ name: 'orders', partitions: 2 })
  /** As the dispatcher does: what is thrown is answered by `refuse`; the answer goes through the wire and back. */
  const ask = async (
    verb: Verb,
    request: object,
    { denied = [], version, nodes = 1, signal }: Access = {},
  ) => {
    const call: Partial<Record<keyof Call, unknown>> = {
      kafka: { broker, cluster: new Cluster('cluster', nodes) },
      version: version ?? verb.api.versions.max,
      nodeId: 0,
      clientId: 'app',
      principal: user('alice'),
      host: '127.0.0.1',
      signal: signal ?? new AbortController().signal,
      allows: (operation: string, type: string, name: string) =>
        !denied.includes(`${operation} ${type} ${name}`),
    }
    return throughTheWire(verb, await answer(verb, request, call as unknown as Call), call.version as number)
  }
  return { world, broker, topic, ask }
}
type Ask = Awaited<ReturnType<typeof open>>['ask']

async function answer(verb: Verb, request: object, call: Call): Promise<object> {
  try {
    return (await verb.handle(request, call)) as object
  } catch (error) {
    const { code, message } = refusalOf(error)
    return verb.refuse(request, code, message)
  }
}

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every kind
function throughTheWire(verb: Verb, given: object, version: number): any {
  const writer = new Writer()
  verb.api.response.encode(writer, given, version)
  return verb.api.response.decode(new Reader(Buffer.concat(writer.finish())), version)
}

const offsets = (name = 'orders', committedMetadata: string | null = null) => ({
  groupId,
  generationIdOrMemberEpoch: -1,
  memberId: '',
  groupInstanceId: null,
  retentionTimeMs: -1,
  topics: [
    {
      name,
      partitions: [{ partitionIndex: 1, committedOffset: 7, committedLeaderEpoch: -1, committedMetadata }],
    },
  ],
})
const wanted = [{ name: 'orders', partitionIndexes: [0, 1] }]
const fetchOne = (topics: typeof wanted | null = wanted) => ({
  groupId,
  topics,
  groups: [],
  requireStable: false,
})
const fetchMany = (...ids: string[]) => ({
  groupId: '',
  topics: [],
  groups: ids.map(id => ({ groupId: id, memberId: null, memberEpoch: -1, topics: wanted })),
  requireStable: true,
})
const joining = {
  groupId,
  sessionTimeoutMs: 10_000,
  rebalanceTimeoutMs: 10_000,
  memberId: '',
  groupInstanceId: null,
  protocolType: 'consumer',
  protocols: [{ name: 'range', metadata: Buffer.from('m') }],
  reason: null,
}
const beating = {
  groupId,
  memberId: 'm1',
  memberEpoch: 0,
  instanceId: null,
  rackId: null,
  rebalanceTimeoutMs: 60_000,
  subscribedTopicNames: ['orders'],
  subscribedTopicRegex: null,
  serverAssignor: null,
  topicPartitions: [],
}

/** A stable group of one member that has committed an offset. */
async function stable(ask: Ask, world: ManualWorld) {
  await ask(offsetCommit, offsets())
  const pending = ask(joinGroup, joining, { version: 3 })
  await new Promise(resolve => setImmediate(resolve))
  world.advance(1)
  const { memberId } = await pending
  const member = { groupId, memberId, groupInstanceId: null, generationId: 1 }
  const assignments = [{ memberId, assignment: Buffer.from('all') }]
  const synced = await ask(syncGroup, {
    ...member,
    protocolType: 'consumer',
    protocolName: 'range',
    assignments,
  })
  expect(synced).toMatchObject({ errorCode: 0, protocolType: 'consumer', protocolName: 'range' })
  return member
}

function versionsOf({ api }: Verb): number[] {
  return Array.from({ length: api.versions.max - api.versions.min + 1 }, (_, n) => n + api.versions.min)
}

describe('offsets', () => {
  it.each(versionsOf(offsetFetch))('are fetched as they were committed, in version %i', async version => {
    const { ask } = await open()
    const committed = await ask(offsetCommit, offsets('orders', 'note'))
    expect(committed.topics[0].partitions).toEqual([{ partitionIndex: 1, errorCode: 0 }])
    const answered = await ask(offsetFetch, version < 8 ? fetchOne() : fetchMany(groupId), { version })
    const { topics } = version < 8 ? answered : answered.groups[0]
    expect(topics[0].partitions).toMatchObject([
      { partitionIndex: 0, committedOffset: -1, metadata: '', errorCode: 0 },
      { partitionIndex: 1, committedOffset: 7, metadata: 'note', errorCode: 0 },
    ])
  })

  it('of all topics are those that the client may see', async () => {
    const { ask } = await open()
    await ask(offsetCommit, offsets())
    expect((await ask(offsetFetch, fetchOne(null), { version: 5 })).topics).toHaveLength(1)
    expect(
      (await ask(offsetFetch, fetchOne(null), { version: 5, denied: ['describe topic orders'] })).topics,
    ).toEqual([])
  })

  it.each([1, 5])('that the client may not see are refused, in version %i', async version => {
    const { ask } = await open()
    const noTopic = await ask(offsetFetch, fetchOne(), { version, denied: ['describe topic orders'] })
    expect(noTopic.topics[0].partitions[1].errorCode).toBe(kafkaErrors.TOPIC_AUTHORIZATION_FAILED)
    const noGroup = await ask(offsetFetch, fetchOne(), { version, denied: [`describe group ${groupId}`] })
    const code = version < 2 ? noGroup.topics[0].partitions[0].errorCode : noGroup.errorCode
    expect(code).toBe(kafkaErrors.GROUP_AUTHORIZATION_FAILED)
  })

  it('of several groups are refused one by one', async () => {
    const { ask } = await open()
    const answered = await ask(offsetFetch, fetchMany('secret', groupId), {
      denied: ['describe group secret'],
    })
    expect(answered.groups.map((one: { errorCode: number }) => one.errorCode)).toEqual([
      kafkaErrors.GROUP_AUTHORIZATION_FAILED,
      0,
    ])
  })

  it.each([
    ['read group readers', 'orders', kafkaErrors.GROUP_AUTHORIZATION_FAILED],
    ['read topic orders', 'orders', kafkaErrors.TOPIC_AUTHORIZATION_FAILED],
    ['nothing', 'unknown', kafkaErrors.UNKNOWN_TOPIC_OR_PARTITION],
  ])('are not committed without: %s (%s)', async (denied, topic, code) => {
    const { ask } = await open()
    const answered = await ask(offsetCommit, offsets(topic), { denied: [denied] })
    expect(answered.topics[0].partitions[0].errorCode).toBe(code)
  })

  it('are deleted, but not of a topic that is read, unknown or denied (KIP-496)', async () => {
    const { ask, world } = await open()
    const topics = ['orders', 'unknown'].map(name => ({ name, partitions: [{ partitionIndex: 1 }] }))
    expect((await ask(offsetDelete, { groupId, topics })).errorCode).toBe(kafkaErrors.GROUP_ID_NOT_FOUND)
    await stable(ask, world)
    const codes = async (access?: Access) =>
      (await ask(offsetDelete, { groupId, topics }, access)).topics.map(
        (one: { partitions: { errorCode: number }[] }) => one.partitions[0]?.errorCode,
      )
    expect(await codes()).toEqual([
      kafkaErrors.GROUP_SUBSCRIBED_TO_TOPIC,
      kafkaErrors.UNKNOWN_TOPIC_OR_PARTITION,
    ])
    expect((await codes({ denied: ['read topic orders'] }))[0]).toBe(kafkaErrors.TOPIC_AUTHORIZATION_FAILED)
  })
})

// The codes are those that Kafka 4.1 gave to the same requests.
describe('refusals of groups', () => {
  const commitAt = (generationIdOrMemberEpoch: number, memberId = 'm1') => ({
    ...offsets(),
    generationIdOrMemberEpoch,
    memberId,
  })

  it.each([
    ['a group that is not there', 8, 'ILLEGAL_GENERATION'],
    ['a group that is not there', 9, 'GROUP_ID_NOT_FOUND'],
  ] as const)('a commit to %s in version %i: %s', async (_what, version, error) => {
    const { ask } = await open()
    const { topics } = await ask(offsetCommit, commitAt(3), { version })
    expect(topics[0].partitions[0].errorCode).toBe(kafkaErrors[error])
  })

  it.each([
    [8, 'UNSUPPORTED_VERSION'],
    [9, 'STALE_MEMBER_EPOCH'],
  ] as const)('a commit with a stale member epoch in version %i: %s', async (version, error) => {
    const { ask } = await open()
    await ask(consumerGroupHeartbeat, beating)
    const { topics } = await ask(offsetCommit, commitAt(9), { version })
    expect(topics[0].partitions[0].errorCode).toBe(kafkaErrors[error])
  })

  it('offsets of a partition that is not there, or of no group, are not deleted', async () => {
    const { ask, world } = await open()
    await stable(ask, world)
    const topics = [{ name: 'orders', partitions: [{ partitionIndex: 99 }] }]
    expect((await ask(offsetDelete, { groupId, topics })).topics[0].partitions[0].errorCode).toBe(
      kafkaErrors.UNKNOWN_TOPIC_OR_PARTITION,
    )
    expect((await ask(offsetDelete, { groupId: '', topics })).errorCode).toBe(kafkaErrors.INVALID_GROUP_ID)
  })

  it.each([
    [{ ...beating, groupId: '' }, 0],
    [{ ...beating, groupId: '' }, 1],
    [{ ...beating, memberId: '' }, 1],
  ])('a heartbeat without an id is invalid (KIP-1082)', async (request, version) => {
    const { ask } = await open()
    expect((await ask(consumerGroupHeartbeat, request, { version })).errorCode).toBe(
      kafkaErrors.INVALID_REQUEST,
    )
  })

  it.each([
    ['', 'INVALID_GROUP_ID', 'The group id is empty.'],
    ['none', 'GROUP_ID_NOT_FOUND', 'Group none not found.'],
    [groupId, 'GROUP_ID_NOT_FOUND', `Group ${groupId} is not a consumer group.`],
  ] as const)("the description of '%s': %s", async (id, error, errorMessage) => {
    const { ask } = await open()
    await ask(offsetCommit, offsets())
    const request = { groupIds: [id], includeAuthorizedOperations: false }
    const { groups } = await ask(consumerGroupDescribe, request)
    expect(groups[0]).toMatchObject({ errorCode: kafkaErrors[error], errorMessage })
  })

  it('a sync since version 5 says what it takes the protocol to be (KIP-559)', async () => {
    const { ask, world } = await open()
    const member = await stable(ask, world)
    const request = { ...member, protocolType: null, protocolName: 'range', assignments: [] }
    expect((await ask(syncGroup, request)).errorCode).toBe(kafkaErrors.INCONSISTENT_GROUP_PROTOCOL)
    expect((await ask(syncGroup, request, { version: 4 })).errorCode).toBe(0)
  })

  it.each(versionsOf(joinGroup))('a join in version %i is answered without a protocol', async version => {
    const { ask } = await open()
    const refusal = await ask(joinGroup, { ...joining, sessionTimeoutMs: 1 }, { version })
    expect(refusal).toMatchObject({
      errorCode: kafkaErrors.INVALID_SESSION_TIMEOUT,
      protocolName: version < 7 ? '' : null,
    })
  })
})

describe('classic members', () => {
  it.each(versionsOf(joinGroup))('join in version %i; since 4 they come back with an id', async version => {
    const { ask, world } = await open()
    const first = ask(joinGroup, joining, { version })
    await new Promise(resolve => setImmediate(resolve))
    world.advance(1)
    const answered = await first
    expect(answered.errorCode).toBe(version < 4 ? 0 : kafkaErrors.MEMBER_ID_REQUIRED)
    expect(answered.memberId).toMatch(/^app-/)
    expect(answered.members).toHaveLength(version < 4 ? 1 : 0)
  })

  it.each(versionsOf(leaveGroup))('beat and leave in version %i', async version => {
    const { ask, world } = await open()
    const member = await stable(ask, world)
    expect((await ask(heartbeat, member)).errorCode).toBe(0)
    const leaving = {
      groupId,
      memberId: member.memberId,
      members: [{ memberId: member.memberId, groupInstanceId: null }],
    }
    expect((await ask(leaveGroup, leaving, { version })).errorCode).toBe(0)
    const again = await ask(leaveGroup, leaving, { version })
    expect(version < 3 ? again.errorCode : again.members[0].errorCode).toBe(kafkaErrors.UNKNOWN_MEMBER_ID)
    expect((await ask(heartbeat, member)).errorCode).toBe(kafkaErrors.UNKNOWN_MEMBER_ID)
  })

  it('are told to join again when the connection drains while they wait', async () => {
    const { ask } = await open()
    const ending = new AbortController()
    const waiting = ask(joinGroup, joining, { version: 3, signal: ending.signal })
    await new Promise(resolve => setImmediate(resolve))
    ending.abort()
    expect((await waiting).errorCode).toBe(kafkaErrors.REBALANCE_IN_PROGRESS)
  })

  it.each([
    [joinGroup, joining],
    [syncGroup, { groupId, memberId: 'm', groupInstanceId: null, generationId: 1, assignments: [] }],
    [heartbeat, { groupId, memberId: 'm', groupInstanceId: null, generationId: 1 }],
    [leaveGroup, { groupId, memberId: 'm', members: [] }],
    [consumerGroupHeartbeat, beating],
  ] as const)(
    'need to be allowed to read the group, and ask its coordinator: $api.name',
    async (verb, request) => {
      const { ask } = await open()
      const denied = await ask(verb, request, { denied: [`read group ${groupId}`] })
      expect(denied.errorCode).toBe(kafkaErrors.GROUP_AUTHORIZATION_FAILED)
      const elsewhere = Array.from({ length: 9 }, (_, n) => n).find(
        n => new Cluster('cluster', 3).coordinatorOf(`${groupId}${n}`) !== 0,
      )
      const answered = await ask(verb, { ...request, groupId: `${groupId}${elsewhere}` }, { nodes: 3 })
      expect(answered.errorCode).toBe(kafkaErrors.NOT_COORDINATOR)
    },
  )
})

describe('administrators', () => {
  it.each(versionsOf(describeGroups))(
    'see a classic group in version %i, and what is not one',
    async version => {
      const { ask, world } = await open()
      await stable(ask, world)
      const request = { groups: [groupId, 'none', 'secret'], includeAuthorizedOperations: true }
      const { groups } = await ask(describeGroups, request, { version, denied: ['describe group secret'] })
      expect(groups[0]).toMatchObject({
        errorCode: 0,
        groupState: 'Stable',
        protocolType: 'consumer',
        protocolData: 'range',
      })
      expect(groups[0].members).toMatchObject([
        {
          clientId: 'app',
          clientHost: '/127.0.0.1',
          memberMetadata: Buffer.from('m'),
          memberAssignment: Buffer.from('all'),
        },
      ])
      expect(groups[1]).toMatchObject({
        errorCode: version < 6 ? 0 : kafkaErrors.GROUP_ID_NOT_FOUND,
        groupState: 'Dead',
      })
      expect(groups[2].errorCode).toBe(kafkaErrors.GROUP_AUTHORIZATION_FAILED)
      // To read, delete, describe, and to see and to change settings.
      expect(groups[0].authorizedOperations).toBe(version < 3 ? -2147483648 : 3400)
    },
  )

  it.each(versionsOf(listGroups))('list groups in version %i, those that they may see', async version => {
    const { ask, world } = await open()
    await stable(ask, world)
    await ask(consumerGroupHeartbeat, { ...beating, groupId: 'new' })
    const all = { statesFilter: [], typesFilter: [] }
    const { groups } = await ask(listGroups, all, { version })
    expect(groups.map((one: { groupId: string }) => one.groupId)).toEqual([groupId, 'new'])
    if (version >= 5) expect(groups[1]).toMatchObject({ groupState: 'Stable', groupType: 'consumer' })
    const some = await ask(listGroups, all, {
      denied: ['describe cluster kafka-cluster', 'describe group new'],
      version,
    })
    expect(some.groups).toHaveLength(1)
    expect((await ask(listGroups, { statesFilter: ['Empty'], typesFilter: [] })).groups).toEqual([])
  })

  it('delete empty groups only', async () => {
    const { ask, world } = await open()
    await ask(offsetCommit, { ...offsets(), groupId: 'idle' })
    await stable(ask, world)
    const denied = ['delete group secret']
    const { results } = await ask(
      deleteGroups,
      { groupsNames: ['idle', groupId, 'none', 'secret'] },
      { denied },
    )
    expect(results.map((one: { errorCode: number }) => one.errorCode)).toEqual([
      0,
      kafkaErrors.NON_EMPTY_GROUP,
      kafkaErrors.GROUP_ID_NOT_FOUND,
      kafkaErrors.GROUP_AUTHORIZATION_FAILED,
    ])
  })
})

describe('members of the new protocol (KIP-848)', () => {
  it.each(versionsOf(consumerGroupHeartbeat))('join, beat and leave in version %i', async version => {
    const { ask, topic } = await open()
    const joined = await ask(consumerGroupHeartbeat, beating, { version })
    expect(joined).toMatchObject({ errorCode: 0, memberId: 'm1', memberEpoch: 1, heartbeatIntervalMs: 5000 })
    expect(joined.assignment).toEqual({ topicPartitions: [{ topicId: topic.id, partitions: [0, 1] }] })
    const unchanged = {
      ...beating,
      memberEpoch: 1,
      rebalanceTimeoutMs: -1,
      subscribedTopicNames: null,
      topicPartitions: null,
    }
    expect((await ask(consumerGroupHeartbeat, unchanged, { version })).assignment).toBeNull()
    const left = await ask(consumerGroupHeartbeat, { ...unchanged, memberEpoch: -1 }, { version })
    expect(left).toMatchObject({ errorCode: 0, memberEpoch: -1 })
  })

  it('may subscribe only to topics that they may see', async () => {
    const { ask } = await open()
    const answered = await ask(consumerGroupHeartbeat, beating, { denied: ['describe topic orders'] })
    expect(answered.errorCode).toBe(kafkaErrors.TOPIC_AUTHORIZATION_FAILED)
  })

  it.each(versionsOf(consumerGroupDescribe))('are described in version %i', async version => {
    const { ask, topic } = await open()
    await ask(consumerGroupHeartbeat, beating)
    const request = { groupIds: [groupId, 'none'], includeAuthorizedOperations: false }
    const { groups } = await ask(consumerGroupDescribe, request, { version })
    const has = { topicPartitions: [{ topicId: topic.id, topicName: 'orders', partitions: [0, 1] }] }
    expect(groups[0]).toMatchObject({
      errorCode: 0,
      groupState: 'Stable',
      groupEpoch: 1,
      assignorName: 'uniform',
    })
    expect(groups[0].members).toMatchObject([
      { memberId: 'm1', memberEpoch: 1, assignment: has, targetAssignment: has },
    ])
    expect(groups[1].errorCode).toBe(kafkaErrors.GROUP_ID_NOT_FOUND)
    const denied = await ask(consumerGroupDescribe, request, { denied: ['describe topic orders'] })
    expect(denied.groups[0]).toMatchObject({ errorCode: kafkaErrors.TOPIC_AUTHORIZATION_FAILED, members: [] })
  })
})
