// A group that moves between the protocols while it has members (KIP-848), in both directions, and through a restart.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  ClassicClient,
  ConsumerClient,
  GROUP,
  openScene,
  refusalOf,
  type Scene,
  settle,
} from '../scene.contract.ts'
import { readAssignment, readSubscription, writeAssignment } from './embedded.ts'

let scene: Scene
let topicId: string
beforeEach(async () => {
  scene = await openScene({ 'group.initial.rebalance.delay.ms': 10 })
  const topic = await scene.broker.topics.create({ name: 'orders', partitions: 4 })
  topicId = topic.id
})
afterEach(() => scene.broker.close())

const view = () => scene.broker.topics

/** ConsumerProtocolSubscription version 1: topics, no user data, owned partitions. */
function subscription(owned: readonly number[]): Buffer {
  const topic = Buffer.from('\0\x06orders', 'latin1')
  const int = (value: number): Buffer => {
    const bytes = Buffer.alloc(4)
    bytes.writeInt32BE(value)
    return bytes
  }
  const list = owned.length === 0 ? [int(0)] : [int(1), topic, int(owned.length), ...owned.map(int)]
  return Buffer.concat([Buffer.from([0, 1]), int(1), topic, int(-1), ...list])
}

/** A classic client that does what it is told: joins again when it must, gives up what it must. */
class Classic extends ClassicClient {
  owned: readonly number[] = []
  readonly #isCooperative: boolean

  constructor({
    instanceId = null,
    cooperative = false,
  }: { instanceId?: string | null; cooperative?: boolean } = {}) {
    super(() => scene, { instanceId })
    this.#isCooperative = cooperative
  }

  get has(): string {
    return this.owned.join(',') || '-'
  }

  async enter(): Promise<void> {
    const name = this.#isCooperative ? 'cooperative-sticky' : 'range'
    if (!this.#isCooperative) this.owned = []
    const joining = this.join({ protocols: [{ name, metadata: subscription(this.owned) }] })
    await settle()
    scene.world.advance(10)
    const joined = await joining
    const all = joined.members.map(({ memberId }) => memberId)
    const shares = Object.fromEntries(
      all.map((memberId, at) => [memberId, [0, 1, 2, 3].filter(partition => partition % all.length === at)]),
    )
    const { assignment } = await scene.groups.sync({
      ...this.identity,
      generation: this.generation,
      protocolType: 'consumer',
      protocol: name,
      assignments: Object.entries(shares).map(([memberId, partitions]) => ({
        memberId,
        assignment: writeAssignment({ [topicId]: partitions }, view()),
      })),
    })
    const before = this.owned
    this.owned = readAssignment(assignment, view())?.[topicId] ?? []
    if (this.#isCooperative && before.some(partition => !this.owned.includes(partition))) await this.enter()
  }

  /** One heartbeat; joins again when it is told to. */
  async beat(): Promise<void> {
    const refusal = this.heartbeat()
    if (refusal === 'MEMBER_UNKNOWN') this.memberId = ''
    if (refusal !== undefined) await this.enter()
  }
}

async function converge(...members: readonly { beat(): Promise<unknown> }[]): Promise<void> {
  for (let round = 0; round < 6; round++) for (const member of members) await member.beat()
}
const kind = () => scene.groups.list()[0]
const held = (...parts: readonly string[]) =>
  parts
    .flatMap(part => part.split(','))
    .sort()
    .join('')

describe('a classic group', () => {
  it.each([{ cooperative: false }, { cooperative: true }])(
    'becomes a consumer group when a member of the new protocol joins, and classic again when it has left (%j)',
    async how => {
      const old = new Classic(how)
      await old.enter()
      expect(old.has).toBe('0,1,2,3')
      const fresh = new ConsumerClient('m1', () => scene)
      await fresh.beat()
      expect(kind()).toMatchObject({ type: 'consumer' })
      await converge(old, fresh)
      expect(kind()).toMatchObject({ type: 'consumer', state: 'Stable' })
      expect(old.owned).toHaveLength(2)
      expect(held(old.has, fresh.has(topicId))).toBe('0123')
      expect(
        scene.groups
          .describeConsumer(GROUP)
          ?.members.map(one => one.isClassic)
          .sort(),
      ).toEqual([false, true])

      await fresh.beat({ memberEpoch: -1 })
      expect(kind()).toMatchObject({ type: 'classic', state: 'PreparingRebalance' })
      // Another answer would have the client give its partitions up for lost, without a commit.
      expect(old.heartbeat()).toBe('GROUP_REBALANCING')
      await old.beat()
      expect(kind()).toMatchObject({ type: 'classic', state: 'Stable' })
      expect(old.has).toBe('0,1,2,3')
    },
  )

  it('keeps its offsets, and takes commits of both kinds of members with their epochs', async () => {
    const old = new Classic()
    await old.enter()
    const commit = (memberId: string, generation: number, offset: number) =>
      scene.groups.commitOffsets({
        groupId: GROUP,
        memberId,
        instanceId: null,
        generation,
        offsets: [{ topic: 'orders', partition: 0, offset, leaderEpoch: -1, metadata: '' }],
      })
    await commit(old.memberId, old.generation, 5)
    const fresh = new ConsumerClient('m1', () => scene)
    await fresh.beat()
    await converge(old, fresh)
    await commit(old.memberId, old.generation, 6)
    await commit('m1', fresh.epoch, 7)
    expect(await refusalOf(commit(old.memberId, old.generation - 1, 8))).toBe('GENERATION_ILLEGAL')
    expect(await refusalOf(commit('m1', fresh.epoch + 1, 8))).toBe('MEMBER_EPOCH_STALE')
    await fresh.beat({ memberEpoch: -1 })
    const [found] = scene.groups.fetchOffsets({
      ...{ groupId: GROUP, memberId: null, memberEpoch: -1, requireStable: false },
      topics: [{ topic: 'orders', partitions: [0] }],
    })
    expect(found).toMatchObject({ offset: 7 })
  })

  it('is refused where its members do not speak of topics', async () => {
    const connect = new ClassicClient(() => scene, {
      protocolType: 'connect',
      protocols: [{ name: 'default', metadata: Buffer.from('x') }],
    })
    const joining = connect.join()
    await settle()
    scene.world.advance(10)
    await joining
    expect(await refusalOf(new ConsumerClient('m1', () => scene).beat())).toBe('GROUP_PROTOCOL_INVALID')
    expect(kind()).toMatchObject({ type: 'classic' })
  })

  it('stays classic when the store refuses the change', async () => {
    const old = new Classic()
    await old.enter()
    scene.diskIsFull = true
    expect(await refusalOf(new ConsumerClient('m1', () => scene).beat())).toBe('STORAGE_FULL')
    scene.diskIsFull = false
    expect(kind()).toMatchObject({ type: 'classic', state: 'Stable' })
    expect(old.heartbeat()).toBeUndefined()
  })

  it('has members waiting for a rebalance join again', async () => {
    const old = new Classic()
    await old.enter()
    const late = new Classic()
    const joining = refusalOf(late.enter())
    await settle()
    const fresh = new ConsumerClient('m1', () => scene)
    await fresh.beat()
    expect(await joining).toBe('GROUP_REBALANCING')
    await converge(old, late, fresh)
    expect(held(old.has, late.has, fresh.has(topicId))).toBe('0123')
  })
})

describe('a consumer group', () => {
  it('takes classic members, who get their share from the broker, and lets them leave', async () => {
    const fresh = new ConsumerClient('m1', () => scene)
    await fresh.beat()
    const old = new Classic()
    await old.enter()
    await converge(old, fresh)
    expect(held(old.has, fresh.has(topicId))).toBe('0123')
    expect(old.owned).toHaveLength(2)
    expect(await scene.groups.leave(GROUP, [old.identity])).toMatchObject([{ memberId: old.memberId }])
    await converge(fresh)
    expect(fresh.has(topicId)).toBe('0,1,2,3')
    expect(kind()).toMatchObject({ type: 'consumer', state: 'Stable' })
  })

  it('puts out a classic member that was told to join again and does not', async () => {
    const old = new Classic()
    await old.enter()
    const fresh = new ConsumerClient('m1', () => scene)
    await fresh.beat()
    for (let second = 0; second < 35; second += 5) {
      old.heartbeat()
      await fresh.beat()
      scene.world.advance('5s')
      await settle()
    }
    await converge(fresh)
    expect(fresh.has(topicId)).toBe('0,1,2,3')
    expect(old.heartbeat()).toBe('MEMBER_UNKNOWN')
  })

  it('becomes classic when its last new member is not heard of any more', async () => {
    const old = new Classic()
    await old.enter()
    const fresh = new ConsumerClient('m1', () => scene)
    await fresh.beat()
    await converge(old, fresh)
    for (let second = 0; second < 50; second += 5) {
      scene.world.advance('5s')
      await settle()
      await old.beat()
    }
    expect(kind()).toMatchObject({ type: 'classic', state: 'Stable' })
    expect(old.has).toBe('0,1,2,3')
  })

  it('becomes classic when a classic member takes the place of the last new one under its instance id', async () => {
    const fresh = new ConsumerClient('m1', () => scene, { instanceId: 'i1' })
    await fresh.beat()
    const old = new Classic({ instanceId: 'i1' })
    await old.enter().catch(() => {})
    expect(kind()).toMatchObject({ type: 'classic' })
    await old.beat()
    expect(kind()).toMatchObject({ type: 'classic', state: 'Stable' })
    expect(old.has).toBe('0,1,2,3')
  })

  it('stays a consumer group where the policy does not let it go back', async () => {
    await scene.broker.settings.change({ 'group.consumer.migration.policy': 'upgrade' })
    const old = new Classic()
    await old.enter()
    const fresh = new ConsumerClient('m1', () => scene)
    await fresh.beat()
    await converge(old, fresh)
    await fresh.beat({ memberEpoch: -1 })
    await converge(old)
    expect(kind()).toMatchObject({ type: 'consumer', state: 'Stable' })
    expect(old.has).toBe('0,1,2,3')
  })

  it('goes on with members of both kinds after a restart', async () => {
    const old = new Classic()
    await old.enter()
    const fresh = new ConsumerClient('m1', () => scene)
    await fresh.beat()
    await converge(old, fresh)
    scene = await scene.crash()
    await converge(old, fresh)
    expect(held(old.has, fresh.has(topicId))).toBe('0123')
    await fresh.beat({ memberEpoch: -1 })
    scene = await scene.crash()
    expect(kind()).toMatchObject({ type: 'classic' })
    await converge(old)
    expect(old.has).toBe('0,1,2,3')
  })
})

describe('what classic members say of themselves', () => {
  it('is read in every version', () => {
    const v3 = Buffer.concat([
      subscription([2, 3]),
      Buffer.from([0, 0, 0, 9]), // generation
      Buffer.from('\0\x02r1', 'latin1'),
    ])
    v3.writeInt16BE(3, 0)
    expect(readSubscription(v3)).toEqual({
      topicNames: ['orders'],
      owned: [['orders', [2, 3]]],
      rackId: 'r1',
    })
  })

  it.each([
    ['nothing', ''],
    ['a negative version', 'ffff00000000ffffffff'],
    ['a million topics', '0000000fffff'],
    ['a list that is cut off', '00010000000200016100'],
  ])('is not believed when it is %s', (_, hex) => {
    expect(readSubscription(Buffer.from(hex, 'hex'))).toBeUndefined()
  })

  it('comes back as it was written, without topics that are gone', () => {
    const assignment = { [topicId]: [0, 3], gone: [1] }
    expect(readAssignment(writeAssignment(assignment, view()), view())).toEqual({ [topicId]: [0, 3] })
  })
})
