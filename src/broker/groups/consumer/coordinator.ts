// Runs consumer groups: each request becomes changes, the log applies them, the clocks follow. An answer waits until what
// it says is durable.

import type { World } from '../../../world/index.ts'
import type { Change } from '../../journal.ts'
import { ClassicMembers } from '../migration/classic-members.ts'
import { groupUnknown } from '../refusals.ts'
import type { TopicsView } from '../topics-view.ts'
import { isSame } from './assignment.ts'
import { ConsumerGroup } from './group.ts'
import { type HeartbeatOutcome, heartbeat } from './heartbeat.ts'
import { leave, removal } from './leave.ts'
import { type ConsumerHeartbeat, type ConsumerHeartbeatResult, checkHeartbeat } from './request.ts'
import { Sessions } from './sessions.ts'
import { type ConsumerMember, JOIN_EPOCH } from './state.ts'
import { Subscriptions } from './subscription.ts'

export interface ConsumerCoordinatorParts {
  readonly world: World
  readonly topics: TopicsView
  readonly find: (groupId: string) => ConsumerGroup | undefined
  readonly write: (changes: readonly Change[]) => Promise<void>
  readonly sessionTimeoutMs: (groupId: string) => number
  readonly heartbeatIntervalMs: (groupId: string) => number
  readonly maxSize: () => number
  /** A member has gone, or another took its place. */
  readonly memberGone: (groupId: string) => void
}

export class ConsumerCoordinator {
  readonly #parts: ConsumerCoordinatorParts
  /** Members that speak the classic protocol. */
  readonly classic: ClassicMembers
  readonly #sessions: Sessions
  readonly #subscriptions: Subscriptions
  #closed = false

  constructor(parts: ConsumerCoordinatorParts) {
    this.#parts = parts
    this.#subscriptions = new Subscriptions(parts.topics)
    this.#sessions = new Sessions(parts.world, (groupId, memberId) => this.#expire(groupId, memberId))
    const { world, topics, write, maxSize, memberGone } = parts
    const [sessions, subscriptions] = [this.#sessions, this.#subscriptions]
    this.classic = new ClassicMembers({ world, topics, sessions, subscriptions, write, maxSize, memberGone })
  }

  /** Starts the clocks of a group that the log brought back. */
  resume(group: ConsumerGroup): void {
    for (const [memberId, member] of group.members) {
      this.#sessions.touch(group.id, memberId, this.#sessionMs(group.id, member))
      if (member.state === 'unrevoked')
        this.#sessions.awaitRevocation(group.id, memberId, member.rebalanceTimeoutMs)
    }
  }

  /** The clocks of a group that is of this kind no more. */
  release(groupId: string): void {
    this.#sessions.endAll(groupId)
  }

  /**
   * `onJoin` is called when the member will be let in, before anything is written. Errors: those of heartbeat.ts and of
   * leave.ts; REQUEST_INVALID, ASSIGNOR_UNKNOWN, GROUP_UNKNOWN.
   */
  async heartbeat(request: ConsumerHeartbeat, onJoin: () => void): Promise<ConsumerHeartbeatResult> {
    checkHeartbeat(request)
    const { groupId, memberEpoch } = request
    const found = this.#parts.find(groupId)
    if (found === undefined && memberEpoch !== JOIN_EPOCH) throw groupUnknown(groupId)
    const group = found ?? new ConsumerGroup(groupId)
    if (memberEpoch < 0) return this.#leave(group, request)
    const { world, maxSize } = this.#parts
    const outcome = heartbeat(group, request, {
      world,
      maxSize: maxSize(),
      subscriptions: this.#subscriptions,
    })
    const before = group.members.get(outcome.memberId)
    if (memberEpoch === JOIN_EPOCH) onJoin()
    const written = this.#parts.write(outcome.changes)
    this.#setClocks(
      groupId,
      outcome,
      before === undefined || !isSame(before.revoking, outcome.member.revoking),
    )
    if (outcome.replaced !== undefined) this.#parts.memberGone(groupId)
    await written
    return this.#answer(request, outcome)
  }

  /** Topics that the group reads. */
  isSubscribed(group: ConsumerGroup, topic: string): boolean {
    return [...group.members.values()].some(member =>
      this.#subscriptions.topicsOf(member).some(({ name }) => name === topic),
    )
  }

  /** Stops all clocks. Idempotent. */
  close(): void {
    this.#closed = true
    this.#sessions.close()
  }

  #answer(
    request: ConsumerHeartbeat,
    { memberId, member, assignmentChanged }: HeartbeatOutcome,
  ): ConsumerHeartbeatResult {
    const { rebalanceTimeoutMs, topicNames, pattern, owned, memberEpoch } = request
    const saysAll = rebalanceTimeoutMs !== -1 && (topicNames !== null || pattern !== null) && owned !== null
    return {
      memberId,
      memberEpoch: member.epoch,
      heartbeatIntervalMs: this.#parts.heartbeatIntervalMs(request.groupId),
      assignment: memberEpoch === JOIN_EPOCH || saysAll || assignmentChanged ? member.assigned : null,
    }
  }

  #setClocks(
    groupId: string,
    { memberId, member, replaced }: HeartbeatOutcome,
    revokingChanged: boolean,
  ): void {
    if (replaced !== undefined) this.#sessions.end(groupId, replaced)
    this.#sessions.touch(groupId, memberId, this.#parts.sessionTimeoutMs(groupId))
    if (!revokingChanged) return
    const deadline = member.state === 'unrevoked' ? member.rebalanceTimeoutMs : undefined
    this.#sessions.awaitRevocation(groupId, memberId, deadline)
  }

  async #leave(group: ConsumerGroup, request: ConsumerHeartbeat): Promise<ConsumerHeartbeatResult> {
    const { memberId, memberEpoch } = request
    const written = this.#parts.write(leave(group, request, this.#parts.world.now()))
    if (group.members.has(memberId)) this.#sessions.awaitRevocation(group.id, memberId, undefined)
    else {
      this.#sessions.end(group.id, memberId)
      this.#parts.memberGone(group.id)
    }
    await written
    return { memberId, memberEpoch, heartbeatIntervalMs: 0, assignment: null }
  }

  #expire(groupId: string, memberId: string): void {
    const group = this.#parts.find(groupId)
    this.#sessions.end(groupId, memberId)
    if (group?.members.has(memberId) !== true) return
    const sessionMs = this.#sessionMs(groupId, group.members.get(memberId))
    // Should the store refuse, the member stays, and with it its clock.
    this.#parts.write(removal(group, memberId, this.#parts.world.now())).catch(() => {
      if (!this.#closed) this.#sessions.touch(groupId, memberId, sessionMs)
    })
    this.#parts.memberGone(groupId)
  }

  #sessionMs(groupId: string, member: ConsumerMember | undefined): number {
    return member?.classic?.sessionTimeoutMs ?? this.#parts.sessionTimeoutMs(groupId)
  }
}
