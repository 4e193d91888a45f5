// For tests: a broker over a memory store whose clock the test moves, and members of both protocols that keep what a
// client keeps.

import { LogError, type LogStore } from '../../log/index.ts'
import { type MemoryStore, openMemoryStore } from '../../log/memory/store.ts'
import { ManualWorld } from '../../world/index.ts'
import { Broker } from '../broker.ts'
import type { BrokerErrorCode } from '../errors.ts'
import type { JoinRequest, JoinResult } from './classic/request.ts'
import { type Assignment, isEmpty } from './consumer/assignment.ts'
import type { ConsumerHeartbeat } from './consumer/request.ts'
import type { Groups } from './groups.ts'

export const GROUP = 'readers'

export interface Scene {
  readonly world: ManualWorld
  readonly broker: Broker
  readonly groups: Groups
  /** While true, the metadata log refuses what is appended, as if the disk were full. */
  diskIsFull: boolean
  /** The process ends at once and starts again over what was durable. */
  crash(): Promise<Scene>
}

export function openScene(settings: Record<string, string | number> = {}): Promise<Scene> {
  return openOver(openMemoryStore(), new ManualWorld(), settings)
}

async function openOver(
  memory: MemoryStore,
  world: ManualWorld,
  settings: Record<string, string | number>,
): Promise<Scene> {
  const disk = { isFull: false }
  const broker = await Broker.open({ store: refusing(memory, () => disk.isFull), world, settings })
  return {
    world,
    broker,
    groups: broker.groups,
    get diskIsFull() {
      return disk.isFull
    },
    set diskIsFull(isFull) {
      disk.isFull = isFull
    },
    async crash() {
      await settle()
      await memory.close()
      return openOver(
        openMemoryStore({ from: memory }),
        new ManualWorld({ now: world.now(), seed: 7 }),
        settings,
      )
    },
  }
}

function refusing(memory: MemoryStore, isFull: () => boolean): LogStore {
  return new Proxy(memory, {
    get(target, key) {
      if (key !== 'open') {
        const value = Reflect.get(target, key)
        return typeof value === 'function' ? value.bind(target) : value
      }
      return async (...args: Parameters<LogStore['open']>) => {
        const log = await target.open(...args)
        return new Proxy(log, {
          get(inner, name) {
            const value = Reflect.get(inner, name)
            if (typeof value !== 'function') return value
            if (name === 'append' && isFull())
              return async () => {
                throw new LogError('LOG_DISK_FULL', 'the disk is full')
              }
            return value.bind(inner)
          },
        })
      }
    },
  })
}

/** Lets everything run that waits for no clock. */
export async function settle(): Promise<void> {
  for (let n = 0; n < 5; n++) await new Promise<void>(resolve => setImmediate(resolve))
}

/** The code that the promise is refused with; undefined when it is not. */
export function refusalOf(promise: Promise<unknown>): Promise<BrokerErrorCode | undefined> {
  return promise.then(
    () => undefined,
    error => error.code,
  )
}
export function thrownBy(run: () => unknown): BrokerErrorCode | undefined {
  try {
    run()
    return undefined
  } catch (error) {
    return (error as { code: BrokerErrorCode }).code
  }
}

/** The first fields of ConsumerProtocolSubscription: version 0, topic names. */
export function subscriptionTo(...topics: string[]): Buffer {
  const names = topics.map(topic => {
    const length = Buffer.alloc(2)
    length.writeInt16BE(topic.length)
    return Buffer.concat([length, Buffer.from(topic)])
  })
  const head = Buffer.alloc(6)
  head.writeInt32BE(topics.length, 2)
  return Buffer.concat([head, ...names])
}

type Joined = Extract<JoinResult, { at: 'joined' }>

/** A member of the classic protocol. */
export class ClassicClient {
  memberId = ''
  generation = -1
  leads = false
  seen: Joined | undefined
  readonly #scene: () => Scene
  readonly #with: Partial<JoinRequest>

  constructor(scene: Scene | (() => Scene), request: Partial<JoinRequest> = {}) {
    this.#scene = typeof scene === 'function' ? scene : () => scene
    this.#with = request
  }

  get identity() {
    return { groupId: GROUP, memberId: this.memberId, instanceId: this.#with.instanceId ?? null }
  }

  async join(change: Partial<JoinRequest> = {}): Promise<Joined> {
    const result = await this.#scene().groups.join({
      clientId: 'client',
      clientHost: '127.0.0.1',
      sessionTimeoutMs: 10_000,
      rebalanceTimeoutMs: 30_000,
      protocolType: 'consumer',
      protocols: [{ name: 'range', metadata: subscriptionTo('orders') }],
      requireKnownMemberId: true,
      supportsSkippingAssignment: true,
      ...this.#with,
      ...change,
      ...this.identity,
    })
    this.memberId = result.memberId
    if (result.at === 'member-id-required') return this.join(change)
    this.generation = result.generation
    this.leads = result.leader === result.memberId
    this.seen = result
    return result
  }

  sync(assignments: Record<string, string> = {}, protocol: string | null = null) {
    return this.#scene().groups.sync({
      ...this.identity,
      generation: this.generation,
      protocolType: null,
      protocol,
      assignments: Object.entries(assignments).map(([memberId, text]) => ({
        memberId,
        assignment: Buffer.from(text),
      })),
    })
  }

  heartbeat(): BrokerErrorCode | undefined {
    return thrownBy(() => this.#scene().groups.heartbeat({ ...this.identity, generation: this.generation }))
  }
}

/** All join at once and the leader hands everybody his own id. */
export async function rebalance(scene: Scene, ...members: ClassicClient[]): Promise<void> {
  const joins = members.map(member => member.join())
  await settle()
  scene.world.advance(10)
  await Promise.all(joins)
  const assignments = Object.fromEntries(members.map(({ memberId }) => [memberId, memberId]))
  await Promise.all(members.map(member => member.sync(member.leads ? assignments : {})))
}

/** A member of KIP-848, with a client's way of giving up partitions before it says so. */
export class ConsumerClient {
  readonly memberId: string
  epoch = 0
  owned: Assignment = {}
  readonly #scene: () => Scene
  readonly #with: Partial<ConsumerHeartbeat>

  constructor(memberId: string, scene: Scene | (() => Scene), request: Partial<ConsumerHeartbeat> = {}) {
    this.memberId = memberId
    this.#scene = typeof scene === 'function' ? scene : () => scene
    this.#with = request
  }

  /** One heartbeat; the member then has what it was told. */
  async beat(change: Partial<ConsumerHeartbeat> = {}) {
    const joins = this.epoch === 0
    const result = await this.#scene().groups.consumerHeartbeat({
      groupId: GROUP,
      memberId: this.memberId,
      memberEpoch: this.epoch,
      instanceId: null,
      rackId: null,
      rebalanceTimeoutMs: joins ? 60_000 : -1,
      topicNames: joins ? ['orders'] : null,
      pattern: null,
      assignor: null,
      owned: joins ? {} : this.owned,
      clientId: 'client',
      clientHost: '127.0.0.1',
      ...(joins ? this.#with : { instanceId: this.#with.instanceId ?? null }),
      ...change,
    })
    this.epoch = result.memberEpoch
    if (result.assignment !== null) this.owned = result.assignment
    return result
  }

  /** What it has of a topic, as text. */
  has(topicId: string): string {
    return isEmpty(this.owned) ? '-' : (this.owned[topicId] ?? []).join(',')
  }
}
