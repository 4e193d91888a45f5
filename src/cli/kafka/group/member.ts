// A member of a classic consumer group, for one topic: joins, assigns when it is the leader, beats, and tells when the
// group must be joined anew (Kafka protocol guide, group membership API). What it reads is its owner's business.
//
//   out ──join, sync──→ in ──heartbeat says rebalance, or unknown──→ out (lost fires) ──→ …
//                        └──leave──→ gone

import { Heartbeat, JoinGroup, LeaveGroup, SyncGroup } from '../../../heads/kafka/wire/index.ts'
import type { Timer } from '../../../world/index.ts'
import { type Client, isFault } from '../client.ts'
import { check } from '../faults.ts'
import { patiently } from '../patience.ts'
import type { Committer } from './committed.ts'
import {
  decodeAssignment,
  decodeSubscription,
  encodeAssignment,
  encodeSubscription,
} from './consumer-protocol.ts'
import { assignRange } from './range.ts'

const PROTOCOL_TYPE = 'consumer'
const PROTOCOL = 'range'
/** Time-outs of Java's consumer, in ms. */
const SESSION_MS = 45_000
const REBALANCE_MS = 60_000
const HEARTBEAT_MS = 3000

/** What a member has been given, until `lost` aborts: then it must join again. */
export interface Membership extends Committer {
  readonly partitions: readonly number[]
  readonly lost: AbortSignal
}

interface Joined {
  readonly generationId: number
  readonly leader: string
  readonly members: readonly { readonly memberId: string; readonly metadata: Buffer }[]
}

export class GroupMember {
  readonly #client: Client
  readonly #group: string
  readonly #topic: string
  #memberId = ''
  #beat: Timer | undefined

  constructor(client: Client, group: string, topic: string) {
    this.#client = client
    this.#group = group
    this.#topic = topic
  }

  /** Joins, or joins again. Errors: BrokerFault; CommandError when the time is up. */
  async join(): Promise<Membership> {
    this.#beat?.cancel()
    return patiently(this.#client, async () => {
      for (;;) {
        try {
          return await this.#joinOnce()
        } catch (error) {
          if (isFault(error, 'UNKNOWN_MEMBER_ID')) this.#memberId = ''
          else if (!isFault(error, 'REBALANCE_IN_PROGRESS', 'ILLEGAL_GENERATION')) throw error
        }
      }
    })
  }

  /** Leaves, so that the others need not wait for the session to time out. Never throws. */
  async leave(): Promise<void> {
    this.#beat?.cancel()
    const memberId = this.#memberId
    if (memberId === '') return
    this.#memberId = ''
    const request = { groupId: this.#group, memberId, members: [{ memberId, reason: 'the command ends' }] }
    await this.#client.askCoordinator(this.#group, LeaveGroup, request).catch(() => {})
  }

  async #joinOnce(): Promise<Membership> {
    const joined = await this.#joinGroup()
    const { generationId } = joined
    const isLeader = joined.leader === this.#memberId
    const assignments = isLeader ? await this.#assign(joined) : []
    const answer = await this.#client.askCoordinator(
      this.#group,
      SyncGroup,
      {
        groupId: this.#group,
        generationId,
        memberId: this.#memberId,
        protocolType: PROTOCOL_TYPE,
        protocolName: PROTOCOL,
        assignments,
      },
      ({ errorCode }) => check(errorCode, `group ${this.#group}`),
      { timeoutMs: REBALANCE_MS + this.#client.timeoutMs },
    )
    const lost = new AbortController()
    this.#beatSoon(generationId, lost)
    const partitions = decodeAssignment(answer.assignment).get(this.#topic) ?? []
    return { generationId, memberId: this.#memberId, partitions, lost: lost.signal }
  }

  /** From version 4 on the first answer only gives a member id to join with (KIP-394). */
  async #joinGroup(): Promise<Joined> {
    for (;;) {
      const answer = await this.#client.askCoordinator(
        this.#group,
        JoinGroup,
        {
          groupId: this.#group,
          sessionTimeoutMs: SESSION_MS,
          rebalanceTimeoutMs: REBALANCE_MS,
          memberId: this.#memberId,
          protocolType: PROTOCOL_TYPE,
          protocols: [{ name: PROTOCOL, metadata: encodeSubscription([this.#topic]) }],
        },
        ({ errorCode }) => {
          if (errorCode !== MEMBER_ID_REQUIRED) check(errorCode, `group ${this.#group}`)
        },
        { timeoutMs: REBALANCE_MS + this.#client.timeoutMs },
      )
      this.#memberId = answer.memberId
      if (answer.errorCode === 0) return answer
    }
  }

  async #assign({ members }: Joined) {
    const subscriptions = new Map(
      members.map(one => [one.memberId, decodeSubscription(one.metadata)] as const),
    )
    const counts = new Map<string, number>()
    const topics = [...new Set([...subscriptions.values()].flat())]
    for (const { name, errorCode, partitions } of (await this.#client.cluster.refresh(topics)).topics)
      if (name !== null && errorCode === 0) counts.set(name, partitions.length)
    return [...assignRange(subscriptions, counts)].map(([memberId, assignment]) => ({
      memberId,
      assignment: encodeAssignment(assignment),
    }))
  }

  #beatSoon(generationId: number, lost: AbortController): void {
    this.#beat = this.#client.world.after(HEARTBEAT_MS, () => {
      void this.#heartbeat(generationId).then(
        () => {
          if (this.#memberId !== '' && !lost.signal.aborted) this.#beatSoon(generationId, lost)
        },
        error => lost.abort(error),
      )
    })
  }

  async #heartbeat(generationId: number): Promise<void> {
    const request = { groupId: this.#group, generationId, memberId: this.#memberId }
    await this.#client.askCoordinator(this.#group, Heartbeat, request, ({ errorCode }) =>
      check(errorCode, `group ${this.#group}`),
    )
  }
}

const MEMBER_ID_REQUIRED = 79
