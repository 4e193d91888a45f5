// Classic groups: who gets into which generation, and when. The stories follow KIP-62, KIP-394 and KIP-345.

import { describe, expect, it } from 'vitest'
import {
  ClassicClient,
  GROUP,
  openScene,
  rebalance,
  refusalOf,
  settle,
  subscriptionTo,
  thrownBy,
} from '../scene.contract.ts'

const text = (result: { assignment: Buffer }) => result.assignment.toString()

describe('a first member', () => {
  it('is given an id, joins, leads, and gets what it handed itself (KIP-394)', async () => {
    const scene = await openScene()
    const one = new ClassicClient(scene, { clientId: 'app' })
    const joining = one.join()
    await settle()
    expect(one.memberId).toMatch(/^app-[0-9a-f]{8}-/)
    scene.world.advance(1)
    const joined = await joining
    expect(joined).toMatchObject({
      generation: 1,
      protocol: 'range',
      protocolType: 'consumer',
      skipAssignment: false,
    })
    expect(joined.members.map(({ memberId }) => memberId)).toEqual([one.memberId])
    expect(text(await one.sync({ [one.memberId]: 'all' }))).toBe('all')
    expect(scene.groups.describeClassic(GROUP)).toMatchObject({ state: 'Stable', protocol: 'range' })
    expect(one.heartbeat()).toBeUndefined()
  })

  it('joins at once without an id when the client is too old to be asked for one', async () => {
    const scene = await openScene()
    const joining = new ClassicClient(scene).join({ requireKnownMemberId: false })
    await settle()
    scene.world.advance(1)
    expect((await joining).generation).toBe(1)
  })

  it('waits for more, as long as they keep coming, up to the rebalance timeout', async () => {
    const scene = await openScene({ 'group.initial.rebalance.delay.ms': 3000 })
    const early = new ClassicClient(scene)
    const late = new ClassicClient(scene)
    const joins = [early.join()]
    await settle()
    scene.world.advance(2000)
    joins.push(late.join())
    await settle()
    scene.world.advance(1500)
    expect(scene.groups.describeClassic(GROUP)?.state).toBe('PreparingRebalance')
    scene.world.advance(2500)
    expect((await Promise.all(joins)).map(({ generation }) => generation)).toEqual([1, 1])
  })

  it('whose id is never used is forgotten after its session timeout', async () => {
    const scene = await openScene()
    const request = { requireKnownMemberId: true }
    const one = new ClassicClient(scene, request)
    await rebalance(scene, one)
    const stray = await scene.groups.join({ ...strayRequest, groupId: GROUP })
    expect(stray.at).toBe('member-id-required')
    const again = one.join()
    await settle()
    expect(scene.groups.describeClassic(GROUP)?.state).toBe('PreparingRebalance')
    scene.world.advance(10_000)
    expect((await again).generation).toBe(2)
  })
})

const strayRequest = {
  memberId: '',
  instanceId: null,
  clientId: 'stray',
  clientHost: '',
  sessionTimeoutMs: 10_000,
  rebalanceTimeoutMs: 30_000,
  protocolType: 'consumer',
  protocols: [{ name: 'range', metadata: Buffer.alloc(0) }],
  requireKnownMemberId: true,
  supportsSkippingAssignment: true,
}

describe('a rebalance', () => {
  it('takes in a second member once the first has joined again', async () => {
    const scene = await openScene()
    const one = new ClassicClient(scene)
    const two = new ClassicClient(scene)
    await rebalance(scene, one)
    const second = two.join()
    await settle()
    expect(one.heartbeat()).toBe('GROUP_REBALANCING')
    expect(await refusalOf(one.sync())).toBe('GROUP_REBALANCING')
    const joined = await one.join()
    expect(joined.members).toHaveLength(2)
    expect((await second).members).toHaveLength(0)
    const followers = two.sync()
    await one.sync({ [one.memberId]: 'a', [two.memberId]: 'b' })
    expect(text(await followers)).toBe('b')
    expect([one.heartbeat(), two.heartbeat()]).toEqual([undefined, undefined])
  })

  it('does not begin when a follower joins again as before, and does when its metadata changed', async () => {
    const scene = await openScene()
    const [one, two] = [new ClassicClient(scene), new ClassicClient(scene)]
    await rebalance(scene, one, two)
    const follower = one.leads ? two : one
    expect((await follower.join()).generation).toBe(1)
    void follower.join({ protocols: [{ name: 'range', metadata: subscriptionTo('other') }] })
    await settle()
    expect(scene.groups.describeClassic(GROUP)?.state).toBe('PreparingRebalance')
  })

  it('begins when the leader joins again, whatever it says', async () => {
    const scene = await openScene()
    const one = new ClassicClient(scene)
    await rebalance(scene, one)
    expect((await one.join()).generation).toBe(2)
  })

  it('answers a follower that lost its answer with the generation that is being completed', async () => {
    const scene = await openScene()
    const [one, two] = [new ClassicClient(scene), new ClassicClient(scene)]
    const joins = [one.join(), two.join()]
    await settle()
    scene.world.advance(1)
    await Promise.all(joins)
    const leader = one.leads ? one : two
    expect(await leader.join()).toMatchObject({ generation: 1, members: [{}, {}] })
  })

  it('goes on without those that do not join again in time', async () => {
    const scene = await openScene()
    const [one, two] = [new ClassicClient(scene), new ClassicClient(scene)]
    await rebalance(scene, one, two)
    const [leader, silent] = one.leads ? [one, two] : [two, one]
    const joining = leader.join()
    for (let n = 0; n < 6; n++) {
      await settle()
      silent.heartbeat() // alive, but it does not join
      scene.world.advance(5000)
    }
    expect((await joining).members.map(({ memberId }) => memberId)).toEqual([leader.memberId])
    expect(silent.heartbeat()).toBe('MEMBER_UNKNOWN')
  })

  it('chooses the strategy that most members name first among the common ones', async () => {
    const scene = await openScene()
    const offer = (...names: string[]) => ({
      protocols: names.map(name => ({ name, metadata: Buffer.from(name) })),
    })
    const members = [
      new ClassicClient(scene, offer('range', 'roundrobin', 'cooperative-sticky')),
      new ClassicClient(scene, offer('cooperative-sticky', 'roundrobin')),
      new ClassicClient(scene, offer('cooperative-sticky', 'roundrobin', 'range')),
    ]
    await rebalance(scene, ...members)
    expect(members.map(({ seen }) => seen?.protocol)).toEqual(Array(3).fill('cooperative-sticky'))
    const leader = members.find(({ leads }) => leads)
    expect(leader?.seen?.members.map(({ metadata }) => metadata.toString())).toEqual(
      Array(3).fill('cooperative-sticky'),
    )
  })

  it('hands over in two rebalances when members give up partitions first (KIP-429)', async () => {
    const scene = await openScene()
    const [one, two] = [new ClassicClient(scene), new ClassicClient(scene)]
    await rebalance(scene, one)
    const second = two.join()
    await settle()
    await one.join()
    await second
    const followers = two.sync()
    await one.sync({ [one.memberId]: '0' })
    expect(text(await followers)).toBe('')
    // The leader has given up what it had and says so in new metadata.
    const again = one.join({ protocols: [{ name: 'range', metadata: Buffer.from('owns 0') }] })
    await settle()
    expect(two.heartbeat()).toBe('GROUP_REBALANCING')
    await two.join()
    expect((await again).generation).toBe(3)
    const last = two.sync()
    await one.sync({ [one.memberId]: '0', [two.memberId]: '1' })
    expect(text(await last)).toBe('1')
  })

  it('is started when the assignments cannot be kept, and everybody learns why', async () => {
    const scene = await openScene()
    const one = new ClassicClient(scene)
    const joining = one.join()
    await settle()
    scene.world.advance(1)
    await joining
    scene.diskIsFull = true
    expect(await refusalOf(one.sync({ [one.memberId]: 'x' }))).toBe('STORAGE_FULL')
    expect(one.heartbeat()).toBe('GROUP_REBALANCING')
    scene.diskIsFull = false
    await one.join()
    expect(text(await one.sync({ [one.memberId]: 'x' }))).toBe('x')
  })
})

describe('a member goes', () => {
  it.each(['leaves', 'is silent for its session timeout'])(
    'when it %s, and the others rebalance',
    async how => {
      const scene = await openScene()
      const [one, two] = [new ClassicClient(scene), new ClassicClient(scene)]
      await rebalance(scene, one, two)
      if (how === 'leaves') scene.groups.leave(GROUP, [two.identity])
      else {
        scene.world.advance(6000)
        expect(one.heartbeat()).toBeUndefined()
        scene.world.advance(6000)
      }
      expect(one.heartbeat()).toBe('GROUP_REBALANCING')
      expect(two.heartbeat()).toBe('MEMBER_UNKNOWN')
      expect((await one.join()).members).toHaveLength(1)
    },
  )

  it('and a join of it that still waits is refused', async () => {
    const scene = await openScene()
    const [one, two] = [new ClassicClient(scene), new ClassicClient(scene)]
    await rebalance(scene, one)
    const waiting = two.join()
    await settle()
    scene.groups.leave(GROUP, [two.identity])
    expect(await refusalOf(waiting)).toBe('MEMBER_UNKNOWN')
  })

  it('when it took a generation and never asked for its assignment', async () => {
    const scene = await openScene()
    const [one, two] = [new ClassicClient(scene), new ClassicClient(scene)]
    const joins = [one.join({ sessionTimeoutMs: 60_000 }), two.join({ sessionTimeoutMs: 60_000 })]
    await settle()
    scene.world.advance(1)
    await Promise.all(joins)
    const [leader, lazy] = one.leads ? [one, two] : [two, one]
    await leader.sync({ [leader.memberId]: 'x' })
    scene.world.advance(30_000)
    expect(lazy.heartbeat()).toBe('MEMBER_UNKNOWN')
    expect(leader.heartbeat()).toBe('GROUP_REBALANCING')
  })

  it('and the last one leaves the group empty, with its generation counted on', async () => {
    const scene = await openScene()
    const one = new ClassicClient(scene)
    await rebalance(scene, one)
    scene.groups.leave(GROUP, [one.identity])
    expect(scene.groups.describeClassic(GROUP)?.state).toBe('Empty')
    const next = new ClassicClient(scene)
    await rebalance(scene, next)
    expect(next.generation).toBe(3)
  })
})

describe('a static member (KIP-345)', () => {
  it('comes back under a new id without a rebalance and keeps its assignment; the old id is fenced', async () => {
    const scene = await openScene()
    const one = new ClassicClient(scene, { instanceId: 'i1' })
    const two = new ClassicClient(scene, { instanceId: 'i2' })
    await rebalance(scene, one, two)
    const follower = one.leads ? two : one
    const name = follower === one ? 'i1' : 'i2'
    const back = new ClassicClient(scene, { instanceId: name })
    expect(await back.join()).toMatchObject({ generation: 1, members: [], skipAssignment: false })
    expect(text(await back.sync())).toBe(follower.memberId)
    expect(follower.heartbeat()).toBe('INSTANCE_FENCED')
    expect(back.heartbeat()).toBeUndefined()
  })

  it.each([
    { supportsSkippingAssignment: true, members: 1, leadsAgain: true },
    { supportsSkippingAssignment: false, members: 0, leadsAgain: false },
  ])('that led is told to hand out nothing (KIP-814): $supportsSkippingAssignment', async row => {
    const scene = await openScene()
    const one = new ClassicClient(scene, { instanceId: 'i1' })
    await rebalance(scene, one)
    const { supportsSkippingAssignment } = row
    const back = new ClassicClient(scene, { instanceId: 'i1', supportsSkippingAssignment })
    const joined = await back.join()
    expect(joined).toMatchObject({ generation: 1, skipAssignment: supportsSkippingAssignment })
    expect(joined.members).toHaveLength(row.members)
    expect(back.leads).toBe(row.leadsAgain)
  })

  it('that comes back during a rebalance takes over the join that waits', async () => {
    const scene = await openScene()
    const one = new ClassicClient(scene, { instanceId: 'i1' })
    const two = new ClassicClient(scene)
    await rebalance(scene, one, two)
    const waiting = one.join({ protocols: [{ name: 'range', metadata: Buffer.from('new') }] })
    await settle()
    const back = new ClassicClient(scene, { instanceId: 'i1' })
    const taken = back.join()
    expect(await refusalOf(waiting)).toBe('INSTANCE_FENCED')
    await two.join()
    expect((await taken).generation).toBe(2)
  })

  it('is in the group until its session ends, or until somebody says that its instance leaves', async () => {
    const scene = await openScene()
    const [one, two] = [new ClassicClient(scene), new ClassicClient(scene, { instanceId: 'i2' })]
    await rebalance(scene, one, two)
    const stranger = { memberId: 'x', instanceId: 'i2' }
    const nobody = { memberId: '', instanceId: 'i3' }
    const left = await scene.groups.leave(GROUP, [stranger, nobody, { memberId: '', instanceId: 'i2' }])
    expect(left.map(({ error }) => error?.code)).toEqual(['INSTANCE_FENCED', 'MEMBER_UNKNOWN', undefined])
    expect(one.heartbeat()).toBe('GROUP_REBALANCING')
  })
})

describe('refusals', () => {
  it('of strategies and protocol types that the group does not share', async () => {
    const scene = await openScene()
    const one = new ClassicClient(scene)
    await rebalance(scene, one)
    const refused = (request: object) => refusalOf(new ClassicClient(scene).join(request))
    expect(await refused({ protocols: [{ name: 'sticky', metadata: Buffer.alloc(0) }] })).toBe(
      'GROUP_PROTOCOL_INVALID',
    )
    expect(await refused({ protocolType: 'connect' })).toBe('GROUP_PROTOCOL_INVALID')
    expect(await refused({ protocols: [] })).toBe('GROUP_PROTOCOL_INVALID')
    expect(await refusalOf(one.sync({}, 'sticky'))).toBe('GROUP_PROTOCOL_INVALID')
  })

  it('of session timeouts, group ids and sizes out of bounds', async () => {
    const scene = await openScene()
    const one = new ClassicClient(scene)
    expect(await refusalOf(one.join({ sessionTimeoutMs: 10 }))).toBe('SESSION_TIMEOUT_INVALID')
    expect(await refusalOf(one.join({ sessionTimeoutMs: 1e9 }))).toBe('SESSION_TIMEOUT_INVALID')
    const huge = [{ name: 'range', metadata: Buffer.alloc(2_000_000) }]
    expect(await refusalOf(one.join({ protocols: huge }))).toBe('LIMIT_EXCEEDED')
    expect(await refusalOf(scene.groups.leave('', []))).toBe('GROUP_ID_INVALID')
  })

  it('of a member beyond group.max.size', async () => {
    const scene = await openScene({ 'group.max.size': 1 })
    await rebalance(scene, new ClassicClient(scene))
    expect(await refusalOf(new ClassicClient(scene).join())).toBe('GROUP_FULL')
  })

  it('of another generation, and of members and groups that are not known', async () => {
    const scene = await openScene()
    const one = new ClassicClient(scene)
    await rebalance(scene, one)
    one.generation = 7
    expect(one.heartbeat()).toBe('GENERATION_ILLEGAL')
    expect(await refusalOf(one.sync())).toBe('GENERATION_ILLEGAL')
    one.memberId = 'nobody'
    expect(one.heartbeat()).toBe('MEMBER_UNKNOWN')
    expect(await refusalOf(one.join())).toBe('MEMBER_UNKNOWN')
    const elsewhere = { groupId: 'none', memberId: 'm', instanceId: null, generation: 1 }
    expect(thrownBy(() => scene.groups.heartbeat(elsewhere))).toBe('MEMBER_UNKNOWN')
  })
})

describe('endings', () => {
  it('settle every wait when the broker closes, and leave no timer', async () => {
    const scene = await openScene()
    const [one, two] = [new ClassicClient(scene), new ClassicClient(scene)]
    await rebalance(scene, one)
    const waiting = two.join()
    await settle()
    scene.groups.close()
    expect(await refusalOf(waiting)).toBe('GROUP_REBALANCING')
    expect(await refusalOf(new ClassicClient(scene).join())).toBe('GROUP_REBALANCING')
    await scene.broker.close()
    expect(scene.world.pendingTimers).toBe(0)
  })

  it('a restart keeps a stable group going in its generation, with a fresh session', async () => {
    let scene = await openScene()
    const one = new ClassicClient(() => scene)
    const two = new ClassicClient(() => scene, { instanceId: 'i2' })
    await rebalance(scene, one, two)
    scene = await scene.crash()
    expect([one.heartbeat(), two.heartbeat()]).toEqual([undefined, undefined])
    expect(text(await two.sync())).toBe(two.memberId)
    const back = new ClassicClient(() => scene, { instanceId: 'i2' })
    expect((await back.join()).generation).toBe(1)
    scene.world.advance(10_001)
    expect(scene.groups.describeClassic(GROUP)?.members).toEqual([])
  })
})
