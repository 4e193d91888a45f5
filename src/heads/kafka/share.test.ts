// The verbs of share groups through their tables: sessions and their epochs, acknowledgements that come along, the long
// poll, other virtual brokers, who may, and that group and offsets are shown, set and deleted.

import { afterEach, describe, expect, it } from 'vitest'
import { buildBatch } from '../../log/record/builder.ts'
import { kafkaErrors } from './errors.ts'
import { acknowledgementsIn } from './share-acknowledging.ts'
import { type Asking, Scene } from './verbs/asking.contract.ts'
import type { RequestInput } from './wire/api.ts'
import * as wire from './wire/index.ts'

const groupId = 'sharers'
const memberId = 'm1'

let scene: Scene
afterEach(() => scene.close())

/** One topic with `counts[n]` records in partition n, each record a batch; a member of a group that begins at its start. */
async function open(counts: readonly number[] = [3], options: Parameters<typeof Scene.open>[0] = {}) {
  scene = await Scene.open(options)
  const topic = await scene.broker.topics.create({ name: 't', partitions: counts.length })
  await scene.broker.groupSettings.replace(groupId, { 'share.auto.offset.reset': 'earliest' })
  for (const [index, count] of counts.entries()) for (let n = 0; n < count; n++) await put(index)
  const nodeId = scene.kafka.cluster.coordinatorOf(groupId)
  await scene.ask(wire.ShareGroupHeartbeat, joining, { nodeId })
  return topic.id
}
const put = (index = 0) =>
  scene.broker.topics
    .partition('t', index)
    ?.append(buildBatch([{ timestamp: 0, key: null, value: Buffer.from('v') }]))

const joining = { groupId, memberId, memberEpoch: 0, rackId: null, subscribedTopicNames: ['t'] }
type Batch = readonly [first: number, last: number, ...types: number[]]
const topicsOf = (topicId: string, acknowledged: Readonly<Record<number, readonly Batch[]>>) => [
  {
    topicId,
    partitions: Object.entries(acknowledged).map(([index, batches]) => ({
      partitionIndex: Number(index),
      acknowledgementBatches: batches.map(([firstOffset, lastOffset, ...acknowledgeTypes]) => ({
        ...{ firstOffset, lastOffset, acknowledgeTypes },
      })),
    })),
  },
]

function fetch(
  shareSessionEpoch: number,
  topics: ReturnType<typeof topicsOf> = [],
  change: Partial<RequestInput<typeof wire.ShareFetch>> = {},
  asking: Asking = {},
) {
  const bounds = { maxWaitMs: 0, minBytes: 1, maxBytes: 1_000_000, maxRecords: 100, batchSize: 100 }
  const request = { groupId, memberId, shareSessionEpoch, ...bounds, topics, forgottenTopicsData: [] }
  return scene.ask(wire.ShareFetch, { ...request, ...change }, asking)
}
const acknowledge = (epoch: number, topics: ReturnType<typeof topicsOf>, isRenewAck = false) =>
  scene.ask(wire.ShareAcknowledge, { groupId, memberId, shareSessionEpoch: epoch, isRenewAck, topics })

type Fetched = Awaited<ReturnType<typeof fetch>>
/** 'partition: first-last*deliveries', or the error of the row. */
const got = ({ responses }: Fetched) =>
  responses.flatMap(({ partitions }) =>
    partitions.map(({ partitionIndex, errorCode, acquiredRecords }) =>
      errorCode !== 0
        ? `${partitionIndex}: error ${errorCode}`
        : `${partitionIndex}: ${acquiredRecords.map(one => `${one.firstOffset}-${one.lastOffset}*${one.deliveryCount}`)}`,
    ),
  )

describe('a share session', () => {
  it('fetches what it was told, until that is forgotten, and gives all back at its end', async () => {
    const id = await open([2, 1])
    expect(got(await fetch(0, topicsOf(id, { 0: [], 1: [] })))).toEqual(['1: 0-0*1', '0: 0-1*1'])
    await put(0)
    await put(1)
    const forgottenTopicsData = [{ topicId: id, partitions: [1] }]
    expect(got(await fetch(1, [], { forgottenTopicsData }))).toEqual(['0: 2-2*1'])
    expect(got(await fetch(-1))).toEqual([])
    expect((await fetch(2)).errorCode).toBe(kafkaErrors.SHARE_SESSION_NOT_FOUND)
    expect(got(await fetch(0, topicsOf(id, { 0: [] })))).toEqual(['0: 0-2*1'])
  })

  it('has one epoch at a time', async () => {
    const id = await open()
    expect((await fetch(1)).errorCode).toBe(kafkaErrors.SHARE_SESSION_NOT_FOUND)
    await fetch(0, topicsOf(id, { 0: [] }))
    expect((await fetch(2)).errorCode).toBe(kafkaErrors.INVALID_SHARE_SESSION_EPOCH)
    expect((await fetch(1)).errorCode).toBe(0)
    expect((await fetch(1)).errorCode).toBe(kafkaErrors.INVALID_SHARE_SESSION_EPOCH)
    expect((await acknowledge(0, [])).errorCode).toBe(kafkaErrors.INVALID_SHARE_SESSION_EPOCH)
    expect((await acknowledge(2, [])).errorCode).toBe(0)
    expect((await fetch(0, topicsOf(id, { 0: [[0, 0, 1]] }))).errorCode).toBe(kafkaErrors.INVALID_REQUEST)
  })

  it('is one of as many as there may be', async () => {
    await open([0], { settings: { 'group.share.max.share.sessions': 1 } })
    expect((await fetch(0)).errorCode).toBe(0)
    expect((await fetch(0)).errorCode).toBe(0)
    expect((await fetch(0, [], { memberId: 'm2' })).errorCode).toBe(kafkaErrors.SHARE_SESSION_LIMIT_REACHED)
    await fetch(-1)
    expect((await fetch(0, [], { memberId: 'm2' })).errorCode).toBe(0)
  })

  it.each([
    ['a group that is not there', { groupId: 'none' }, 'GROUP_ID_NOT_FOUND'],
    ['no group', { groupId: null }, 'INVALID_REQUEST'],
    ['no member', { memberId: null }, 'INVALID_REQUEST'],
    ['renewing and fetching at once', { isRenewAck: true }, 'INVALID_REQUEST'],
  ] as const)('is refused to %s', async (_, change, error) => {
    await open()
    expect((await fetch(0, [], change)).errorCode).toBe(kafkaErrors[error])
  })

  it('answers for each partition that is not there', async () => {
    const id = await open()
    const unknown = topicsOf('AAAAAAAAAAAAAAAAAAAAAQ', { 0: [] })
    const answer = await fetch(0, [...topicsOf(id, { 7: [] }), ...unknown])
    expect(got(answer).sort()).toEqual([
      `0: error ${kafkaErrors.UNKNOWN_TOPIC_ID}`,
      `7: error ${kafkaErrors.UNKNOWN_TOPIC_OR_PARTITION}`,
    ])
  })

  it('is served last where it began, so that none waits behind the others', async () => {
    const id = await open([4, 4])
    const one = { maxRecords: 1 }
    expect(got(await fetch(0, topicsOf(id, { 0: [], 1: [] }), one))).toEqual(['1: 0-0*1'])
    expect(got(await fetch(1, [], one))).toEqual(['0: 0-0*1'])
    expect(got(await fetch(2, [], one))).toEqual(['1: 1-1*1'])
  })
})

describe('acknowledging', () => {
  it('comes along with a fetch, or by itself', async () => {
    const id = await open()
    await fetch(0, topicsOf(id, { 0: [] }))
    expect(got(await fetch(1, topicsOf(id, { 0: [[0, 2, 1, 2, 3]] })))).toEqual(['0: 1-1*2'])
    const answer = await acknowledge(2, topicsOf(id, { 0: [[1, 1, 1]] }))
    expect(answer.responses[0]?.partitions[0]).toMatchObject({ partitionIndex: 0, errorCode: 0 })
    expect(answer.acquisitionLockTimeoutMs).toBe(30_000)
    const again = await fetch(3, topicsOf(id, { 0: [[2, 5, 1]] }))
    expect(again.responses[0]?.partitions[0]).toMatchObject({
      errorCode: 0,
      acknowledgeErrorCode: kafkaErrors.INVALID_REQUEST,
    })
  })

  it('of what another member has is refused', async () => {
    const id = await open()
    await fetch(0, topicsOf(id, { 0: [] }), { memberId: 'm2' })
    await fetch(0, topicsOf(id, { 0: [] }))
    const answer = await acknowledge(1, topicsOf(id, { 0: [[0, 0, 1]] }))
    expect(answer.responses[0]?.partitions[0]?.errorCode).toBe(kafkaErrors.INVALID_RECORD_STATE)
  })

  it('renews locks where the request says so and the group lets it', async () => {
    const id = await open()
    await fetch(0, topicsOf(id, { 0: [] }))
    const code = async (epoch: number, isRenewAck: boolean) =>
      (await acknowledge(epoch, topicsOf(id, { 0: [[0, 0, 4]] }), isRenewAck)).responses[0]?.partitions[0]
        ?.errorCode
    expect(await code(1, false)).toBe(kafkaErrors.INVALID_REQUEST)
    expect(await code(2, true)).toBe(0)
    await scene.broker.groupSettings.replace(groupId, { 'share.renew.acknowledge.enable': 'false' })
    expect(await code(3, true)).toBe(kafkaErrors.INVALID_REQUEST)
  })

  const batch = (firstOffset: number, lastOffset: number, ...acknowledgeTypes: number[]) => ({
    ...{ firstOffset, lastOffset, acknowledgeTypes },
  })
  it.each([
    ['no type', [batch(0, 1)]],
    ['as many types as there are not offsets', [batch(0, 2, 1, 1)]],
    ['a type that is none', [batch(0, 0, 5)]],
    ['an end before the beginning', [batch(3, 2, 1)]],
    ['an offset below 0', [batch(-1, 2, 1)]],
    ['batches that overlap', [batch(0, 2, 1), batch(2, 3, 1)]],
    ['an end that no log has', [batch(0, 2 ** 60, 1)]],
  ])('with %s is not understood', (_, batches) => {
    expect(() => acknowledgementsIn(batches, true)).toThrow(
      expect.objectContaining({ code: 'REQUEST_INVALID' }),
    )
  })

  it('joins neighbours of one type', () => {
    expect(acknowledgementsIn([batch(0, 3, 1, 1, 2, 1), batch(4, 9, 1)], false)).toEqual([
      { from: 0, to: 2, outcome: 'accepted' },
      { from: 2, to: 3, outcome: 'released' },
      { from: 3, to: 10, outcome: 'accepted' },
    ])
  })
})

describe('the long poll', () => {
  const waiting = { maxWaitMs: 500 }
  const move = (ms: number) => (scene.kafka.world as unknown as { advance(ms: number): void }).advance(ms)
  const settle = () => new Promise<void>(resolve => setImmediate(resolve))

  it('ends with what comes, or with its time', async () => {
    const id = await open([0])
    const first = fetch(0, topicsOf(id, { 0: [] }), waiting)
    await settle()
    await put()
    expect(got(await first)).toEqual(['0: 0-0*1'])
    const second = fetch(1, [], waiting)
    await settle()
    move(500)
    expect(got(await second)).toEqual([])
  })

  it('ends when a lock of another member does', async () => {
    const id = await open([1])
    await fetch(0, topicsOf(id, { 0: [] }), { memberId: 'm2' })
    move(29_900)
    const second = fetch(0, topicsOf(id, { 0: [] }), waiting)
    await settle()
    move(200)
    expect(got(await second)).toEqual(['0: 0-0*2'])
  })

  it('takes nothing before there is as much as the client asks for', async () => {
    const id = await open([1])
    const first = fetch(0, topicsOf(id, { 0: [] }), { ...waiting, minBytes: 100 })
    await settle()
    expect(got(await fetch(0, topicsOf(id, { 0: [] }), { memberId: 'm2' }))).toEqual(['0: 0-0*1'])
    await put()
    await put()
    expect(got(await first)).toEqual(['0: 1-2*1'])
  })
})

it('another virtual broker is named with its address', async () => {
  const id = await open([1, 1], { brokers: 2 })
  const { cluster } = scene.kafka
  const topic = scene.broker.topics.require('t')
  const other = cluster.leaderOf(topic, 1)
  const answer = await fetch(0, topicsOf(id, { 0: [], 1: [] }), {}, { nodeId: cluster.leaderOf(topic, 0) })
  expect(got(answer).sort()).toEqual(['0: 0-0*1', `1: error ${kafkaErrors.NOT_LEADER_OR_FOLLOWER}`])
  const row = answer.responses[0]?.partitions.find(({ partitionIndex }) => partitionIndex === 1)
  expect(row?.currentLeader.leaderId).toBe(other)
  expect(answer.nodeEndpoints).toMatchObject([{ nodeId: other, host: 'here', port: 9092 + other }])
})

describe('administration', () => {
  const offsets = (version = 1) =>
    scene.ask(wire.DescribeShareGroupOffsets, { groups: [{ groupId, topics: null }] }, { version })
  const leave = () => scene.ask(wire.ShareGroupHeartbeat, { ...joining, memberEpoch: -1 })
  const setTo = (startOffset: number, partitionIndex = 0) =>
    scene.ask(wire.AlterShareGroupOffsets, {
      groupId,
      topics: [{ topicName: 't', partitions: [{ partitionIndex, startOffset }] }],
    })

  it('lists and describes share groups', async () => {
    const id = await open()
    const list = (typesFilter: string[]) => scene.ask(wire.ListGroups, { statesFilter: [], typesFilter })
    const row = { groupId, protocolType: 'share', groupState: 'Stable', groupType: 'share' }
    expect((await list(['share'])).groups).toEqual([row])
    expect((await list([])).groups).toEqual([row])
    expect((await list(['classic'])).groups).toEqual([])
    const asked = { groupIds: [groupId, 'none'], includeAuthorizedOperations: true }
    const { groups } = await scene.ask(wire.ShareGroupDescribe, asked)
    expect(groups).toMatchObject([
      {
        ...{ errorCode: 0, groupState: 'Stable', groupEpoch: 1, assignorName: 'simple' },
        members: [
          {
            ...{ memberId, memberEpoch: 1, subscribedTopicNames: ['t'] },
            assignment: { topicPartitions: [{ topicId: id, topicName: 't', partitions: [0] }] },
          },
        ],
      },
      { errorCode: kafkaErrors.GROUP_ID_NOT_FOUND },
    ])
  })

  it('shows, sets and deletes offsets', async () => {
    const id = await open()
    await fetch(0, topicsOf(id, { 0: [] }))
    await acknowledge(1, topicsOf(id, { 0: [[0, 0, 1]] }))
    const at = async () => (await offsets()).groups[0]?.topics[0]?.partitions[0]
    expect(await at()).toMatchObject({ startOffset: 1, lag: 2, errorCode: 0 })
    expect((await offsets(0)).groups[0]?.topics[0]?.partitions[0]).toMatchObject({ startOffset: 1, lag: -1 })
    expect((await setTo(0)).errorCode).toBe(kafkaErrors.NON_EMPTY_GROUP)
    await leave()
    expect((await setTo(0, 5)).responses[0]?.partitions[0]?.errorCode).toBe(
      kafkaErrors.UNKNOWN_TOPIC_OR_PARTITION,
    )
    expect((await setTo(-2)).responses[0]?.partitions[0]?.errorCode).toBe(kafkaErrors.INVALID_REQUEST)
    expect((await setTo(3)).responses[0]?.partitions[0]?.errorCode).toBe(0)
    expect(await at()).toMatchObject({ startOffset: 3, lag: 0 })
    const topics = [{ topicName: 't' }, { topicName: 'none' }]
    const deleted = await scene.ask(wire.DeleteShareGroupOffsets, { groupId, topics })
    expect(deleted.responses.map(({ errorCode }) => errorCode)).toEqual([
      0,
      kafkaErrors.UNKNOWN_TOPIC_OR_PARTITION,
    ])
    expect(await at()).toBeUndefined()
    const remove = await scene.ask(wire.DeleteGroups, { groupsNames: [groupId] })
    expect(remove.results).toEqual([{ groupId, errorCode: 0 }])
    expect((await offsets()).groups[0]?.errorCode).toBe(kafkaErrors.GROUP_ID_NOT_FOUND)
  })

  it('sets offsets of a group that nobody has joined yet', async () => {
    await open()
    const partitions = [{ partitionIndex: 0, startOffset: 2 }]
    const early = { groupId: 'early', topics: [{ topicName: 't', partitions }] }
    expect((await scene.ask(wire.AlterShareGroupOffsets, early)).errorCode).toBe(0)
    const asked = { groups: [{ groupId: 'early', topics: null }] }
    const { groups } = await scene.ask(wire.DescribeShareGroupOffsets, asked)
    expect(groups[0]?.topics[0]?.partitions[0]).toMatchObject({ startOffset: 2, lag: 1 })
  })

  it('says that share groups are on', async () => {
    await open()
    const client = { clientSoftwareName: 'x', clientSoftwareVersion: '1' }
    expect(await scene.ask(wire.ApiVersions, client)).toMatchObject({
      supportedFeatures: expect.arrayContaining([{ name: 'share.version', minVersion: 1, maxVersion: 1 }]),
      finalizedFeatures: expect.arrayContaining([
        { name: 'share.version', minVersionLevel: 1, maxVersionLevel: 1 },
      ]),
    })
  })

  it('is only for those who may', async () => {
    const rule = (operation: string, resourceType: string, resourceName: string) => ({
      ...{ resourceType, resourceName, operation, patternType: 'literal', principal: 'User:nobody' },
      ...{ host: '*', permission: 'deny' },
    })
    const denied = [
      ...['read', 'describe', 'delete'].map(one => rule(one, 'group', groupId)),
      rule('read', 'topic', 't'),
    ]
    const id = await open()
    await scene.ask(wire.ShareGroupHeartbeat, { ...joining, groupId: 'other' })
    await scene.broker.access.addAcls(denied as Parameters<typeof scene.broker.access.addAcls>[0])
    const as = { as: 'nobody' }
    const refused = kafkaErrors.GROUP_AUTHORIZATION_FAILED
    expect((await scene.ask(wire.ShareGroupHeartbeat, joining, as)).errorCode).toBe(refused)
    expect((await fetch(0, [], {}, as)).errorCode).toBe(refused)
    const groups = [{ groupId, topics: null }]
    expect((await scene.ask(wire.DescribeShareGroupOffsets, { groups }, as)).groups[0]?.errorCode).toBe(
      refused,
    )
    const topics = [{ topicName: 't' }]
    expect((await scene.ask(wire.DeleteShareGroupOffsets, { groupId, topics }, as)).errorCode).toBe(refused)
    expect((await scene.ask(wire.AlterShareGroupOffsets, { groupId, topics: [] }, as)).errorCode).toBe(
      refused,
    )
    const answer = await fetch(0, topicsOf(id, { 0: [] }), { groupId: 'other' }, as)
    expect(got(answer)).toEqual([`0: error ${kafkaErrors.TOPIC_AUTHORIZATION_FAILED}`])
  })
})
