// Consumer groups of KIP-848: how partitions pass from member to member, one heartbeat at a time, and who is put out.

import { beforeEach, describe, expect, it } from 'vitest'
import {
  ClassicClient,
  ConsumerClient,
  GROUP,
  openScene,
  rebalance,
  refusalOf,
  type Scene,
  settle,
} from '../scene.contract.ts'

let scene: Scene
let orders = ''

beforeEach(async () => {
  scene = await openScene()
  orders = (await scene.broker.topics.create({ name: 'orders', partitions: 6 })).id
})

const has = (...members: ConsumerClient[]) => members.map(member => member.has(orders))
const epochs = (...members: ConsumerClient[]) => members.map(({ epoch }) => epoch)
const state = () => scene.groups.describeConsumer(GROUP)?.state

/** Rounds of heartbeats until everybody has its target. */
async function converge(...members: ConsumerClient[]): Promise<void> {
  for (let round = 0; round < 5; round++) for (const member of members) await member.beat()
}

describe('members come one by one', () => {
  it('the first gets all', async () => {
    const one = new ConsumerClient('m1', scene)
    const answer = await one.beat()
    expect(answer).toMatchObject({ memberId: 'm1', memberEpoch: 1, heartbeatIntervalMs: 5000 })
    expect(has(one)).toEqual(['0,1,2,3,4,5'])
    expect(state()).toBe('Stable')
    expect((await one.beat()).assignment).toBeNull()
  })

  it('the second waits until the first has given up its half', async () => {
    const [one, two] = [new ConsumerClient('m1', scene), new ConsumerClient('m2', scene)]
    await one.beat()
    await two.beat()
    expect(has(two)).toEqual(['-'])
    expect(epochs(one, two)).toEqual([1, 2])
    expect(state()).toBe('Reconciling')
    await one.beat() // told to give up, and gives up
    expect(epochs(one)).toEqual([1])
    expect(has(one)).toEqual(['0,1,2'])
    await two.beat()
    expect(has(two)).toEqual(['-'])
    await one.beat() // says that it gave up
    expect(epochs(one)).toEqual([2])
    await two.beat()
    expect(has(one, two)).toEqual(['0,1,2', '3,4,5'])
    expect(state()).toBe('Stable')
  })

  it('a member that does not say what it owns has not given up anything', async () => {
    const [one, two] = [new ConsumerClient('m1', scene), new ConsumerClient('m2', scene)]
    await one.beat()
    await two.beat()
    await one.beat()
    await one.beat({ owned: null })
    expect(epochs(one)).toEqual([1])
    await two.beat()
    expect(has(two)).toEqual(['-'])
  })

  it('the third takes a share of both, one leaves, the topic grows', async () => {
    const members = ['m1', 'm2', 'm3'].map(id => new ConsumerClient(id, scene))
    const [one, two, three] = members as [ConsumerClient, ConsumerClient, ConsumerClient]
    await one.beat()
    await converge(one, two)
    await converge(...members)
    expect(has(...members)).toEqual(['0,1', '3,4', '2,5'])
    expect(epochs(...members)).toEqual([3, 3, 3])
    await one.beat({ memberEpoch: -1 })
    await converge(two, three)
    expect(has(two, three)).toEqual(['0,3,4', '1,2,5'])
    await scene.broker.topics.grow('orders', 8)
    await converge(two, three)
    expect(has(two, three)).toEqual(['0,3,4,6', '1,2,5,7'])
    expect(state()).toBe('Stable')
  })

  it('a topic that is made later is shared out, and one that is deleted is given up', async () => {
    const one = new ConsumerClient('m1', scene, { topicNames: ['orders', 'later'] })
    await one.beat()
    const later = await scene.broker.topics.create({ name: 'later', partitions: 2 })
    await one.beat()
    expect(one.owned).toEqual({ [orders]: [0, 1, 2, 3, 4, 5], [later.id]: [0, 1] })
    await scene.broker.deleteTopic('orders')
    await converge(one)
    expect(one.owned).toEqual({ [later.id]: [0, 1] })
  })

  it('a pattern reads the topics that match it, also those to come (KIP-848, regex)', async () => {
    const one = new ConsumerClient('m1', scene, { topicNames: null, pattern: 'ord.*|x' })
    await one.beat()
    expect(has(one)).toEqual(['0,1,2,3,4,5'])
    const ordinary = await scene.broker.topics.create({ name: 'ordinary', partitions: 1 })
    await scene.broker.topics.create({ name: 'disorder', partitions: 1 })
    await one.beat()
    expect(Object.keys(one.owned).sort()).toEqual([orders, ordinary.id].sort())
  })

  it('a changed subscription and a wish for another assignor raise the epoch', async () => {
    const one = new ConsumerClient('m1', scene)
    const bills = await scene.broker.topics.create({ name: 'bills', partitions: 1 })
    await one.beat()
    await one.beat({ topicNames: ['bills'] })
    await converge(one)
    expect(one.owned).toEqual({ [bills.id]: [0] })
    const epoch = one.epoch
    await one.beat({ assignor: 'range' })
    expect(one.epoch).toBe(epoch + 1)
    expect(scene.groups.describeConsumer(GROUP)?.assignor).toBe('range')
  })
})

describe('fencing', () => {
  it('accepts the epoch before if the answer was lost, and no other', async () => {
    const [one, two] = [new ConsumerClient('m1', scene), new ConsumerClient('m2', scene)]
    await one.beat()
    await converge(one, two)
    expect(epochs(one)).toEqual([2])
    one.epoch = 1
    await one.beat()
    expect(epochs(one)).toEqual([2])
    expect(await refusalOf(one.beat({ memberEpoch: 1, owned: { [orders]: [5] } }))).toBe(
      'MEMBER_EPOCH_FENCED',
    )
    expect(await refusalOf(one.beat({ memberEpoch: 9 }))).toBe('MEMBER_EPOCH_FENCED')
    expect(await refusalOf(new ConsumerClient('x', scene).beat({ memberEpoch: 1 }))).toBe('MEMBER_UNKNOWN')
  })

  it('puts a member out that is not heard of, and gives its partitions to the others', async () => {
    const [one, two] = [new ConsumerClient('m1', scene), new ConsumerClient('m2', scene)]
    await one.beat()
    await converge(one, two)
    scene.world.advance('30s')
    await two.beat()
    scene.world.advance('20s')
    await settle()
    expect(state()).toBe('Assigning')
    await two.beat()
    expect(has(two)).toEqual(['0,1,2,3,4,5'])
    expect(await refusalOf(one.beat())).toBe('MEMBER_UNKNOWN')
  })

  it('puts a member out that does not give up its partitions within its rebalance timeout', async () => {
    const one = new ConsumerClient('m1', scene, { rebalanceTimeoutMs: 20_000 })
    const two = new ConsumerClient('m2', scene)
    await one.beat()
    await two.beat()
    await one.beat()
    for (let n = 0; n < 3; n++) {
      const stuck = await refusalOf(one.beat({ owned: { [orders]: [0, 1, 2, 3, 4, 5] } }))
      expect(stuck).toBeUndefined()
      scene.world.advance('8s')
      await settle()
    }
    expect(await refusalOf(one.beat())).toBe('MEMBER_UNKNOWN')
    await two.beat()
    expect(has(two)).toEqual(['0,1,2,3,4,5'])
  })
})

describe('a static member', () => {
  it('keeps its partitions while it is away, and takes them again under a new id', async () => {
    const one = new ConsumerClient('m1', scene, { instanceId: 'i1' })
    const two = new ConsumerClient('m2', scene)
    await one.beat()
    await converge(one, two)
    const back = new ConsumerClient('m9', scene, { instanceId: 'i1' })
    expect(await refusalOf(back.beat())).toBe('INSTANCE_UNRELEASED')
    const gone = await one.beat({ memberEpoch: -2 })
    expect(gone.memberEpoch).toBe(-2)
    await two.beat()
    expect(has(two)).toEqual(['3,4,5'])
    await back.beat()
    expect(epochs(back, two)).toEqual([2, 2])
    expect(has(back)).toEqual(['0,1,2'])
    one.epoch = 2
    expect(await refusalOf(one.beat())).toBe('INSTANCE_FENCED')
  })

  it('loses them when its session ends first', async () => {
    const one = new ConsumerClient('m1', scene, { instanceId: 'i1' })
    await one.beat()
    await one.beat({ memberEpoch: -2 })
    scene.world.advance('46s')
    await settle()
    expect(state()).toBe('Empty')
  })
})

describe('refusals', () => {
  it.each([
    ['GROUP_ID_INVALID', { groupId: '' }],
    ['REQUEST_INVALID', { rebalanceTimeoutMs: -1 }],
    ['REQUEST_INVALID', { topicNames: null }],
    ['REQUEST_INVALID', { owned: { x: [1] } }],
    ['REQUEST_INVALID', { instanceId: '' }],
    ['PATTERN_INVALID', { pattern: '(' }],
    ['REQUEST_INVALID', { memberEpoch: -3 }],
    ['REQUEST_INVALID', { memberEpoch: -2 }],
    ['ASSIGNOR_UNKNOWN', { assignor: 'sticky' }],
    ['LIMIT_EXCEEDED', { topicNames: Array.from({ length: 10_001 }, (_, n) => `t${n}`) }],
    ['GROUP_UNKNOWN', { memberEpoch: 5, groupId: 'none' }],
  ])('%s for %j', async (code, request) => {
    await new ConsumerClient('m1', scene).beat()
    expect(await refusalOf(new ConsumerClient('m2', scene).beat(request))).toBe(code)
  })

  it('of a member beyond group.max.size', async () => {
    await scene.broker.settings.change({ 'group.max.size': '1' })
    await new ConsumerClient('m1', scene).beat()
    expect(await refusalOf(new ConsumerClient('m2', scene).beat())).toBe('GROUP_FULL')
  })

  it('of the other protocol while there are members, if the policy says so; an empty group becomes what comes next', async () => {
    const classic = new ClassicClient(scene)
    await rebalance(scene, classic)
    const one = new ConsumerClient('m1', scene)
    await scene.broker.settings.change({ 'group.consumer.migration.policy': 'downgrade' })
    expect(await refusalOf(one.beat())).toBe('GROUP_PROTOCOL_INVALID')
    scene.groups.leave(GROUP, [classic.identity])
    await one.beat()
    expect(scene.groups.list()).toMatchObject([{ type: 'consumer', state: 'Stable' }])
    await one.beat({ memberEpoch: -1 })
    await rebalance(scene, new ClassicClient(scene))
    expect(scene.groups.list()).toMatchObject([{ type: 'classic', state: 'Stable' }])
    expect((await scene.crash()).groups.list()).toMatchObject([{ type: 'classic', state: 'Stable' }])
  })

  it('of a change that the store refuses, which is then as if it had never been', async () => {
    const one = new ConsumerClient('m1', scene)
    await one.beat()
    scene.diskIsFull = true
    expect(await refusalOf(new ConsumerClient('m2', scene).beat())).toBe('STORAGE_FULL')
    scene.diskIsFull = false
    expect(scene.groups.describeConsumer(GROUP)?.members).toHaveLength(1)
    await one.beat()
    expect(epochs(one)).toEqual([1])
  })
})

describe('a restart', () => {
  it('goes on in the middle of a reconciliation, with fresh sessions', async () => {
    const one = new ConsumerClient('m1', () => scene)
    const two = new ConsumerClient('m2', () => scene)
    await one.beat()
    await two.beat()
    await one.beat()
    scene = await scene.crash()
    await converge(one, two)
    expect(has(one, two)).toEqual(['0,1,2', '3,4,5'])
    scene.world.advance('46s')
    await settle()
    expect(state()).toBe('Empty')
  })
})
