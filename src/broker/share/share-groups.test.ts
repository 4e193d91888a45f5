// Members, epochs, assignments, and what of a group is left after its members, its topics and the process are gone.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { assign } from './assign.ts'
import { codeOf, GROUP, Scene, settle, TOPIC } from './scene.contract.ts'

let scene: Scene
beforeEach(async () => {
  scene = await Scene.open()
})
afterEach(() => scene.close())

const idOf = () => scene.broker.topics.require(TOPIC).id

describe('members', () => {
  it('all read every partition of what they subscribe to, and learn of each change once', async () => {
    const joined = await scene.beat('a')
    expect(joined).toMatchObject({ memberEpoch: 1, assignment: { [idOf()]: [0] } })
    expect(await scene.beat('b')).toMatchObject({ memberEpoch: 2, assignment: { [idOf()]: [0] } })
    const again = { memberEpoch: 1, topicNames: null }
    expect(await scene.beat('a', again)).toMatchObject({ memberEpoch: 2, assignment: null })
    await scene.broker.topics.create({ name: 'later', partitions: 2 })
    const later = scene.broker.topics.require('later').id
    const told = await scene.beat('a', { memberEpoch: 2, topicNames: [TOPIC, 'later'] })
    expect(told).toMatchObject({ memberEpoch: 3, assignment: { [later]: [0, 1] } })
    expect(await scene.beat('a', { memberEpoch: 3, topicNames: null })).toMatchObject({ assignment: null })
  })

  it('get a topic that is made after they subscribed to it', async () => {
    await scene.beat('a', { topicNames: ['later'] })
    const { id } = await scene.broker.topics.create({ name: 'later', partitions: 1 })
    const told = await scene.beat('a', { memberEpoch: 1, topicNames: null })
    expect(told).toMatchObject({ memberEpoch: 2, assignment: { [id]: [0] } })
  })

  it.each([
    ['an unknown member', { memberId: 'x', memberEpoch: 3 }, 'MEMBER_UNKNOWN'],
    ['an epoch ahead', { memberEpoch: 9 }, 'MEMBER_EPOCH_FENCED'],
    ['an unknown group', { groupId: 'none', memberEpoch: 1 }, 'GROUP_UNKNOWN'],
    ['no group id', { groupId: '' }, 'GROUP_ID_INVALID'],
    ['no member id', { memberId: '' }, 'REQUEST_INVALID'],
    ['no topics when joining', { memberId: 'x', topicNames: null }, 'REQUEST_INVALID'],
    ['an epoch below -1', { memberEpoch: -2 }, 'REQUEST_INVALID'],
    ['the leaving of a stranger', { memberId: 'x', memberEpoch: -1 }, 'MEMBER_UNKNOWN'],
  ])('are refused: %s', async (_, change, code) => {
    await scene.beat('a')
    expect(await codeOf(scene.beat('a', change))).toBe(code)
  })

  it('are put out when they are not heard of, and what they have comes back', async () => {
    await scene.put(2)
    await scene.beat('a')
    await scene.fetch('a')
    scene.world.advance(20_000)
    await scene.share().then(share => share.acknowledge('a', [{ from: 0, to: 2, outcome: 'renewed' }]))
    scene.world.advance(25_000)
    await settle()
    expect(scene.groups.describe(GROUP)).toMatchObject({ state: 'Empty', epoch: 2, members: [] })
    expect(await scene.fetch('b')).toEqual(['0-1*2'])
  })

  it('that leave give back what they have', async () => {
    await scene.put(2)
    await scene.beat('a')
    await scene.fetch('a')
    await scene.beat('a', { memberEpoch: -1 })
    expect(await scene.fetch('b')).toEqual(['0-1*1'])
  })

  it('are dealt the partitions when all for all would be too much', () => {
    const topics = new Map([['t', 4]])
    const of = (...ids: string[]) => ids.map(memberId => ({ memberId, topics }))
    expect(Object.fromEntries(assign(of('b', 'a'), 5))).toEqual({ a: { t: [0, 2] }, b: { t: [1, 3] } })
    const many = assign(of('a', 'b', 'c', 'd', 'e'), 5)
    expect([...many.values()].map(one => one.t)).toEqual([[0], [1], [2], [3], [0]])
  })
})

describe('ids', () => {
  it('are of one kind of group', async () => {
    await scene.beat('a')
    const other = {
      ...{ groupId: GROUP, memberId: 'c', memberEpoch: 0, instanceId: null, rackId: null },
      ...{ rebalanceTimeoutMs: 1000, topicNames: [TOPIC], pattern: null, assignor: null, owned: {} },
      ...{ clientId: '', clientHost: '' },
    }
    expect(await codeOf(scene.broker.groups.consumerHeartbeat(other))).toBe('GROUP_UNKNOWN')
    await scene.broker.groups.consumerHeartbeat({ ...other, groupId: 'consumers' })
    expect(await codeOf(scene.beat('a', { groupId: 'consumers' }))).toBe('GROUP_UNKNOWN')
  })
})

describe('starts', () => {
  it.each([
    ['earliest', '0-2*1'],
    ['latest', undefined],
    ['by_duration:PT1H', '2-2*1'],
  ])('are where %s says', async (reset, first) => {
    await scene.broker.groupSettings.replace(GROUP, { 'share.auto.offset.reset': reset })
    await scene.put(2)
    scene.world.advance(2 * 3_600_000)
    await scene.put(1)
    await scene.beat('a')
    expect((await scene.fetch('a'))[0]).toBe(first)
    await scene.put(1)
    expect((await scene.fetch('a')).at(-1)).toBe('3-3*1')
  })

  it('stay where they were found, also before anything is settled', async () => {
    await scene.broker.groupSettings.replace(GROUP, {})
    await scene.put(1)
    await scene.beat('a')
    await scene.share()
    await scene.put(1)
    await scene.restart()
    expect(await scene.fetch('a')).toEqual(['1-1*1'])
  })

  it('are shown, set and deleted while the group has no members', async () => {
    await scene.put(3)
    await scene.beat('a')
    await scene.fetch('a', { maxRecords: 1, exact: true })
    await scene.say('a', [0, 0, 'accepted'])
    const topicId = idOf()
    expect(await scene.groups.offsets(GROUP)).toEqual([{ topicId, partition: 0, start: 1, lag: 2 }])
    const reset = () => scene.groups.resetOffsets(GROUP, [{ partition: scene.partition, offset: 3 }])
    expect(await codeOf(reset())).toBe('GROUP_NOT_EMPTY')
    expect(await codeOf(scene.groups.deleteOffsets(GROUP, [topicId]))).toBe('GROUP_NOT_EMPTY')
    expect(await codeOf(scene.groups.deleteGroup(GROUP))).toBe('GROUP_NOT_EMPTY')
    await scene.beat('a', { memberEpoch: -1 })
    await reset()
    expect(await scene.groups.offsets(GROUP)).toEqual([{ topicId, partition: 0, start: 3, lag: 0 }])
    await scene.groups.deleteOffsets(GROUP, [topicId])
    expect(await scene.groups.offsets(GROUP)).toEqual([])
    expect(await scene.fetch('b')).toEqual(['0-2*1'])
  })

  it('may be set before the first member comes: the group is made, and is there after a restart', async () => {
    await scene.put(3)
    await scene.groups.resetOffsets(GROUP, [{ partition: scene.partition, offset: 2 }])
    await scene.restart()
    expect(scene.groups.describe(GROUP)).toMatchObject({ state: 'Empty', epoch: 1 })
    expect(await scene.beat('a')).toMatchObject({ memberEpoch: 2 })
    expect(await scene.fetch('a')).toEqual(['2-2*1'])
  })

  it('are in a new epoch of the group when they are set', async () => {
    await scene.beat('a')
    await scene.beat('a', { memberEpoch: -1 })
    const before = scene.groups.describe(GROUP)?.epoch ?? 0
    await scene.groups.resetOffsets(GROUP, [{ partition: scene.partition, offset: 0 }])
    expect(scene.groups.describe(GROUP)?.epoch).toBe(before + 1)
    await scene.groups.resetOffsets(GROUP, [])
    expect(scene.groups.describe(GROUP)?.epoch).toBe(before + 1)
  })

  it.each([
    ['an empty id', '', 'GROUP_ID_INVALID'],
    ['a group of another kind', 'classic', 'GROUP_UNKNOWN'],
  ])('are refused to %s', async (_, groupId, code) => {
    const offsets = [{ topic: TOPIC, partition: 0, offset: 1, leaderEpoch: -1, metadata: '' }]
    await scene.broker.groups.commitOffsets({
      groupId: 'classic',
      memberId: '',
      instanceId: null,
      generation: -1,
      offsets,
    })
    const reset = scene.groups.resetOffsets(groupId, [{ partition: scene.partition, offset: 0 }])
    expect(await codeOf(reset)).toBe(code)
    expect(scene.groups.list()).toEqual([])
  })

  it('go with the topic, and with the group', async () => {
    await scene.put(1)
    await scene.beat('a')
    await scene.fetch('a')
    await scene.broker.deleteTopic(TOPIC)
    await settle()
    expect(await scene.groups.offsets(GROUP)).toEqual([])
    await scene.beat('a', { memberEpoch: -1 })
    await scene.groups.deleteGroup(GROUP)
    expect([scene.groups.has(GROUP), scene.groups.list()]).toEqual([false, []])
    await scene.restart()
    expect(scene.groups.has(GROUP)).toBe(false)
  })
})

it('a restart keeps the group and its epoch; members join again', async () => {
  await scene.beat('a')
  await scene.restart()
  expect(scene.groups.list(['empty'])).toEqual([{ groupId: GROUP, state: 'Empty' }])
  expect(await codeOf(scene.beat('a', { memberEpoch: 1, topicNames: null }))).toBe('MEMBER_UNKNOWN')
  expect(await scene.beat('a')).toMatchObject({ memberEpoch: 2 })
})
