// Committed offsets: who may commit, what is kept, what a transaction holds back, and what goes with time.

import { describe, expect, it } from 'vitest'
import type { Change, Json } from '../journal.ts'
import type { CommitRequest } from './commits.ts'
import {
  ClassicClient,
  ConsumerClient,
  GROUP,
  openScene,
  rebalance,
  refusalOf,
  type Scene,
  settle,
  thrownBy,
} from './scene.contract.ts'

const simple = { groupId: GROUP, memberId: '', instanceId: null, generation: -1 }
const at = (offset: number, topic = 'orders', partition = 0, metadata = '') => ({
  topic,
  partition,
  offset,
  leaderEpoch: 3,
  metadata,
})

async function sceneWithTopics(settings: Record<string, number> = {}): Promise<Scene> {
  const scene = await openScene(settings)
  await scene.broker.topics.create({ name: 'orders', partitions: 2 })
  await scene.broker.topics.create({ name: 'bills', partitions: 1 })
  return scene
}

function fetched(scene: Scene, { topic = 'orders', partition = 0, requireStable = false } = {}) {
  const topics = [{ topic, partitions: [partition] }]
  return scene.groups.fetchOffsets({
    groupId: GROUP,
    memberId: null,
    memberEpoch: -1,
    topics,
    requireStable,
  })[0]
}

const nothing = { offset: -1, leaderEpoch: -1, metadata: '' }

/** Writes as the transaction coordinator does: what the groups say goes into a write of its own. */
async function write(scene: Scene, changes: readonly Change[]): Promise<void> {
  for (const { section, key, value } of changes)
    scene.groups.sections.find(({ name }) => name === section)?.apply(key, value as Json)
}

describe('a commit', () => {
  it('is given back with its note and leader epoch, also after a restart', async () => {
    let scene = await sceneWithTopics()
    await scene.groups.commitOffsets({ ...simple, offsets: [at(5, 'orders', 1, 'a note')] })
    scene = await scene.crash()
    expect(fetched(scene, { partition: 1 })).toMatchObject({ offset: 5, leaderEpoch: 3, metadata: 'a note' })
    expect(fetched(scene)).toMatchObject(nothing)
    const all = { groupId: GROUP, memberId: null, memberEpoch: -1, topics: null, requireStable: true }
    expect(scene.groups.fetchOffsets(all)).toHaveLength(1)
    expect(scene.groups.list()).toEqual([
      { groupId: GROUP, type: 'classic', protocolType: '', state: 'Empty' },
    ])
  })

  it('refuses each partition for itself', async () => {
    const scene = await sceneWithTopics({ 'offset.metadata.max.bytes': 4 })
    const offsets = [at(1), at(1, 'orders', 2), at(1, 'nothing'), at(1, 'bills', 0, '12345')]
    const results = await scene.groups.commitOffsets({ ...simple, offsets })
    expect(results.map(({ error }) => error)).toEqual([
      undefined,
      'TOPIC_UNKNOWN',
      'TOPIC_UNKNOWN',
      'METADATA_TOO_LARGE',
    ])
    expect(fetched(scene)?.offset).toBe(1)
    expect(fetched(scene, { topic: 'bills' })).toMatchObject(nothing)
  })

  it('under a group id beyond the limit is refused; an empty one is a group like any other', async () => {
    const scene = await sceneWithTopics()
    const commit = (groupId: string) =>
      refusalOf(scene.groups.commitOffsets({ ...simple, groupId, offsets: [at(1)] }))
    expect(await commit('x'.repeat(1025))).toBe('GROUP_ID_INVALID')
    expect(await commit('')).toBeUndefined()
  })

  it('that the store refuses is as if it had never been', async () => {
    const scene = await sceneWithTopics()
    scene.diskIsFull = true
    expect(await refusalOf(scene.groups.commitOffsets({ ...simple, offsets: [at(1)] }))).toBe('STORAGE_FULL')
    expect(fetched(scene)).toMatchObject(nothing)
  })
})

describe('a commit of a classic member', () => {
  it.each<[string, Partial<CommitRequest>, string | undefined]>([
    ['in its generation is taken', {}, undefined],
    ['of an older generation is refused', { generation: 0 }, 'GENERATION_ILLEGAL'],
    ['without a generation is refused', { generation: -1 }, 'GENERATION_ILLEGAL'],
    ['of a stranger is refused', { memberId: 'x' }, 'MEMBER_UNKNOWN'],
    ['of another instance is refused', { instanceId: 'x' }, 'MEMBER_UNKNOWN'],
    [
      'by a simple consumer is refused while there are members',
      { memberId: '', generation: -1 },
      'MEMBER_UNKNOWN',
    ],
  ])('%s', async (_, change, refusal) => {
    const scene = await sceneWithTopics()
    const one = new ClassicClient(scene)
    await rebalance(scene, one)
    const request = { ...one.identity, generation: one.generation, offsets: [at(1)], ...change }
    expect(await refusalOf(scene.groups.commitOffsets(request))).toBe(refusal)
  })

  it('is put off while the generation is not complete, and one of an unknown group refused', async () => {
    const scene = await sceneWithTopics()
    const one = new ClassicClient(scene)
    const joining = one.join()
    await settle()
    scene.world.advance(1)
    await joining
    const request = { ...one.identity, generation: 1, offsets: [at(1)] }
    expect(await refusalOf(scene.groups.commitOffsets(request))).toBe('GROUP_REBALANCING')
    expect(await refusalOf(scene.groups.commitOffsets({ ...request, groupId: 'none' }))).toBe('GROUP_UNKNOWN')
  })
})

describe('a commit of a consumer member', () => {
  it('is taken in its epoch and refused in another', async () => {
    const scene = await sceneWithTopics()
    const one = new ConsumerClient('m1', scene)
    await one.beat()
    const request = {
      groupId: GROUP,
      memberId: 'm1',
      instanceId: null,
      generation: one.epoch,
      offsets: [at(9)],
    }
    expect(await refusalOf(scene.groups.commitOffsets(request))).toBeUndefined()
    expect(await refusalOf(scene.groups.commitOffsets({ ...request, generation: 7 }))).toBe(
      'MEMBER_EPOCH_STALE',
    )
    expect(await refusalOf(scene.groups.commitOffsets({ ...request, memberId: 'x' }))).toBe('MEMBER_UNKNOWN')
    expect(await refusalOf(scene.groups.commitOffsets({ ...simple, offsets: [at(1)] }))).toBe(
      'MEMBER_UNKNOWN',
    )
    const reader = { groupId: GROUP, memberId: 'm1', memberEpoch: 7, topics: null, requireStable: false }
    expect(thrownBy(() => scene.groups.fetchOffsets(reader))).toBe('MEMBER_EPOCH_STALE')
  })
})

describe('offsets of a transaction (KIP-98, KIP-447)', () => {
  it('are unstable until it ends, then committed with it', async () => {
    const scene = await sceneWithTopics()
    await scene.groups.stageOffsets(77, { ...simple, offsets: [at(4)] })
    expect(fetched(scene)).toMatchObject(nothing)
    expect(fetched(scene, { requireStable: true })).toMatchObject({ ...nothing, error: 'OFFSET_UNSTABLE' })
    await write(scene, scene.groups.commitPending(77))
    expect(fetched(scene, { requireStable: true })).toMatchObject({ offset: 4 })
    expect(scene.groups.commitPending(77)).toEqual([])
  })

  it('are dropped when it aborts, also after a restart', async () => {
    let scene = await sceneWithTopics()
    await scene.groups.stageOffsets(77, { ...simple, offsets: [at(4)] })
    scene = await scene.crash()
    expect(fetched(scene, { requireStable: true })?.error).toBe('OFFSET_UNSTABLE')
    await write(scene, scene.groups.abortPending(77))
    expect(fetched(scene, { requireStable: true })).toMatchObject(nothing)
  })

  it('stay unstable while another transaction holds them', async () => {
    const scene = await sceneWithTopics()
    for (const producer of [1, 2])
      await scene.groups.stageOffsets(producer, { ...simple, offsets: [at(producer)] })
    await write(scene, scene.groups.commitPending(1))
    expect(fetched(scene, { requireStable: true })?.error).toBe('OFFSET_UNSTABLE')
    await write(scene, scene.groups.commitPending(2))
    expect(fetched(scene)?.offset).toBe(2)
  })
})

describe('offsets go', () => {
  it('with their topic, committed and staged ones', async () => {
    const scene = await sceneWithTopics()
    await scene.groups.commitOffsets({ ...simple, offsets: [at(1), at(2, 'bills')] })
    await scene.groups.stageOffsets(5, { ...simple, offsets: [at(3)] })
    await scene.broker.deleteTopic('orders')
    expect(fetched(scene, { requireStable: true })).toMatchObject(nothing)
    expect(fetched(scene, { topic: 'bills' })?.offset).toBe(2)
    expect(scene.groups.commitPending(5)).toEqual([])
  })

  it('when a simple consumer committed them too long ago, and the group with them', async () => {
    const scene = await sceneWithTopics({ 'offsets.retention.minutes': 60 })
    await scene.groups.commitOffsets({ ...simple, offsets: [at(1)] })
    scene.world.advance('50m')
    await scene.groups.commitOffsets({ ...simple, offsets: [at(2, 'bills')] })
    scene.world.advance('15m')
    await settle()
    expect(fetched(scene)).toMatchObject(nothing)
    expect(fetched(scene, { topic: 'bills' })?.offset).toBe(2)
    scene.world.advance('1h')
    await settle()
    expect(scene.groups.list()).toEqual([])
  })

  it('only after the group has been empty for so long', async () => {
    const scene = await sceneWithTopics({ 'offsets.retention.minutes': 60 })
    const one = new ClassicClient(scene, { sessionTimeoutMs: 1_800_000 })
    await rebalance(scene, one)
    const request = { ...one.identity, generation: 1, offsets: [at(1)] }
    await scene.groups.commitOffsets(request)
    for (let n = 0; n < 4; n++) {
      scene.world.advance('29m')
      await settle()
      one.heartbeat()
    }
    expect(fetched(scene)?.offset).toBe(1)
    scene.groups.leave(GROUP, [one.identity])
    scene.world.advance('55m')
    await settle()
    expect(fetched(scene)?.offset).toBe(1)
    scene.world.advance('15m')
    await settle()
    expect(fetched(scene)).toMatchObject(nothing)
  })
})

describe('administrators', () => {
  it('delete offsets of topics that nobody reads', async () => {
    const scene = await sceneWithTopics()
    const partitions = [
      { topic: 'orders', partition: 0 },
      { topic: 'bills', partition: 0 },
    ]
    const errors = async () => (await scene.groups.deleteOffsets(GROUP, partitions)).map(one => one.error)
    expect(await refusalOf(errors())).toBe('GROUP_UNKNOWN')
    await scene.groups.commitOffsets({ ...simple, offsets: [at(1), at(2, 'bills')] })
    const one = new ClassicClient(scene)
    await rebalance(scene, one)
    expect(await errors()).toEqual(['GROUP_SUBSCRIBED', undefined])
    expect(fetched(scene)?.offset).toBe(1)
    expect(fetched(scene, { topic: 'bills' })).toMatchObject(nothing)
    scene.groups.leave(GROUP, [one.identity])
    expect(await errors()).toEqual([undefined, undefined])
  })

  it('delete groups without members, and list them by state and type', async () => {
    const scene = await sceneWithTopics()
    const one = new ClassicClient(scene)
    await rebalance(scene, one)
    await scene.groups.commitOffsets({ ...simple, groupId: 'other', offsets: [at(1)] })
    const ids = (filter: object) => scene.groups.list(filter).map(({ groupId }) => groupId)
    expect(ids({ states: ['stable'] })).toEqual([GROUP])
    expect(ids({ states: ['Empty'], types: ['Classic'] })).toEqual(['other'])
    expect(ids({ types: ['consumer'] })).toEqual([])
    expect(await refusalOf(scene.groups.deleteGroup(GROUP))).toBe('GROUP_NOT_EMPTY')
    expect(await refusalOf(scene.groups.deleteGroup('none'))).toBe('GROUP_UNKNOWN')
    await scene.groups.deleteGroup('other')
    scene.groups.leave(GROUP, [one.identity])
    await scene.groups.deleteGroup(GROUP)
    expect((await scene.crash()).groups.list()).toEqual([])
  })
})
