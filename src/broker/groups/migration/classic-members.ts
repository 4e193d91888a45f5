// Members of the classic protocol in a consumer group (KIP-848, "Supporting online consumer group upgrade"). Nobody
// leads: a join is answered at once, the assignment is the broker's, and a heartbeat that is answered with
// GROUP_REBALANCING makes the member join again, which is its step towards its target.

import { randomUuid, type World } from '../../../world/index.ts'
import { BrokerError } from '../../errors.ts'
import type { Change } from '../../journal.ts'
import { commonProtocols } from '../classic/protocol.ts'
import type {
  HeartbeatRequest,
  JoinRequest,
  JoinResult,
  Leaver,
  Left,
  MemberIdentity,
  SyncRequest,
  SyncResult,
} from '../classic/request.ts'
import { difference, filter, isEmpty } from '../consumer/assignment.ts'
import type { ConsumerGroup } from '../consumer/group.ts'
import { checkInstance, type HeartbeatOutcome, heartbeat } from '../consumer/heartbeat.ts'
import { removal } from '../consumer/leave.ts'
import type { ConsumerHeartbeat } from '../consumer/request.ts'
import type { Sessions } from '../consumer/sessions.ts'
import { type ClassicSide, type ConsumerMember, JOIN_EPOCH } from '../consumer/state.ts'
import type { Subscriptions } from '../consumer/subscription.ts'
import { memberUnknown, protocolInvalid, rebalancing } from '../refusals.ts'
import type { TopicsView } from '../topics-view.ts'
import { protocolsOf } from './downgrade.ts'
import { byId, readSubscription, writeAssignment } from './embedded.ts'
import { classicSide } from './upgrade.ts'

export interface ClassicMembersParts {
  readonly world: World
  readonly topics: TopicsView
  readonly sessions: Sessions
  readonly subscriptions: Subscriptions
  readonly write: (changes: readonly Change[]) => Promise<void>
  readonly maxSize: () => number
  /** A member has gone, or another took its place. */
  readonly memberGone: (groupId: string) => void
}

type ClassicConsumer = ConsumerMember & { readonly classic: ClassicSide }

export class ClassicMembers {
  readonly #parts: ClassicMembersParts

  constructor(parts: ClassicMembersParts) {
    this.#parts = parts
  }

  /** Errors: GROUP_PROTOCOL_INVALID, GROUP_FULL, MEMBER_UNKNOWN, INSTANCE_FENCED. */
  async join(group: ConsumerGroup, request: JoinRequest): Promise<JoinResult> {
    const { world, subscriptions, maxSize, write } = this.#parts
    checkProtocols(group, request)
    const memberId = request.memberId || `${request.instanceId ?? request.clientId}-${uuidText(world)}`
    if (request.memberId === '' && request.instanceId === null && request.requireKnownMemberId)
      return { at: 'member-id-required', memberId }
    const parts = { world, subscriptions, maxSize: maxSize() }
    const outcome = heartbeat(group, this.#asHeartbeat(group, memberId, request), parts)
    const written = write(outcome.changes)
    this.#setClocks(group.id, outcome, request.sessionTimeoutMs)
    if (outcome.replaced !== undefined) this.#parts.memberGone(group.id)
    await written
    return {
      at: 'joined',
      memberId,
      generation: outcome.member.epoch,
      protocolType: 'consumer',
      protocol: request.protocols[0]?.name ?? '',
      leader: '',
      members: [],
      skipAssignment: false,
    }
  }

  /** Errors: MEMBER_UNKNOWN, INSTANCE_FENCED, GENERATION_ILLEGAL, GROUP_PROTOCOL_INVALID, GROUP_REBALANCING. */
  sync(group: ConsumerGroup, request: SyncRequest): SyncResult {
    const { topics, sessions } = this.#parts
    const member = memberOf(group, request, request.generation)
    const names = member.classic.protocols.map(([name]) => name)
    const protocol = request.protocol ?? names[0] ?? ''
    if ((request.protocolType ?? 'consumer') !== 'consumer' || !names.includes(protocol))
      throw protocolInvalid(
        group.id,
        `'${request.protocolType}' with '${protocol}' is not what it joined with`,
      )
    // One that has something to give up has joined already: the next epoch comes after that.
    if (member.epoch < group.head.epoch && member.state !== 'unrevoked') throw rebalancing(group.id)
    sessions.touch(group.id, request.memberId, member.classic.sessionTimeoutMs)
    if (member.state !== 'unrevoked') sessions.awaitRevocation(group.id, request.memberId, undefined)
    return { protocolType: 'consumer', protocol, assignment: writeAssignment(member.assigned, topics) }
  }

  /** Errors: MEMBER_UNKNOWN, INSTANCE_FENCED, GENERATION_ILLEGAL, GROUP_REBALANCING. */
  heartbeat(group: ConsumerGroup, request: HeartbeatRequest): void {
    const { sessions } = this.#parts
    const member = memberOf(group, request, request.generation)
    sessions.touch(group.id, request.memberId, member.classic.sessionTimeoutMs)
    if (!mustJoinAgain(group, request.memberId, member)) return
    sessions.awaitJoin(group.id, request.memberId, member.rebalanceTimeoutMs)
    throw rebalancing(group.id)
  }

  /** Each leaver with its own refusal. Errors: the store's. */
  async leave(group: ConsumerGroup, leavers: readonly Leaver[]): Promise<Left[]> {
    const left: Left[] = []
    for (const leaver of leavers) left.push(await this.#leaveOne(group, leaver))
    return left
  }

  async #leaveOne(group: ConsumerGroup, { memberId, instanceId }: Leaver): Promise<Left> {
    const { write, world, sessions } = this.#parts
    const id = memberId === '' && instanceId !== null ? (group.instance(instanceId) ?? '') : memberId
    try {
      if (instanceId !== null) checkInstance(group, instanceId, id)
      if (!group.members.has(id)) throw memberUnknown(group.id, memberId)
    } catch (error) {
      if (error instanceof BrokerError) return { memberId, instanceId, error }
      throw error
    }
    const written = write(removal(group, id, world.now()))
    sessions.end(group.id, id)
    await written
    return { memberId, instanceId }
  }

  #asHeartbeat(group: ConsumerGroup, memberId: string, request: JoinRequest): ConsumerHeartbeat {
    const [first] = request.protocols
    const subscription = first && readSubscription(first.metadata)
    if (subscription === undefined)
      throw protocolInvalid(group.id, 'what the member says of itself cannot be read')
    const { instanceId, clientId, clientHost, sessionTimeoutMs, rebalanceTimeoutMs } = request
    return {
      groupId: group.id,
      memberId,
      memberEpoch: group.members.get(memberId)?.epoch ?? JOIN_EPOCH,
      instanceId,
      rackId: subscription.rackId,
      rebalanceTimeoutMs: rebalanceTimeoutMs < 0 ? sessionTimeoutMs : rebalanceTimeoutMs,
      topicNames: subscription.topicNames,
      pattern: '',
      assignor: null,
      owned: byId(subscription.owned, this.#parts.topics),
      clientId,
      clientHost,
      classic: classicSide(request),
    }
  }

  /** It must ask for its assignment in time, and when that takes something away, join again. */
  #setClocks(groupId: string, { memberId, member, replaced }: HeartbeatOutcome, sessionMs: number): void {
    const { sessions } = this.#parts
    if (replaced !== undefined) sessions.end(groupId, replaced)
    sessions.touch(groupId, memberId, sessionMs)
    sessions.awaitRevocation(groupId, memberId, member.rebalanceTimeoutMs)
  }
}

/** The classic member that asks. Errors: MEMBER_UNKNOWN, INSTANCE_FENCED, GENERATION_ILLEGAL. */
function memberOf(
  group: ConsumerGroup,
  { memberId, instanceId }: MemberIdentity,
  generation: number,
): ClassicConsumer {
  if (instanceId !== null) checkInstance(group, instanceId, memberId)
  const member = group.members.get(memberId)
  if (!member?.classic) throw memberUnknown(group.id, memberId)
  if (generation !== member.epoch)
    throw new BrokerError(
      'GENERATION_ILLEGAL',
      `generation ${generation} of group '${group.id}' is not the current one, ${member.epoch}: join again`,
    )
  return { ...member, classic: member.classic }
}

function mustJoinAgain(group: ConsumerGroup, memberId: string, member: ConsumerMember): boolean {
  if (member.epoch < group.head.epoch || member.state === 'unrevoked') return true
  if (member.state !== 'unreleased') return false
  const isFree = (topicId: string, partition: number): boolean =>
    (group.holder(topicId, partition) ?? memberId) === memberId
  return !isEmpty(filter(difference(member.target, member.assigned), isFree))
}

/** Errors: GROUP_PROTOCOL_INVALID. */
function checkProtocols(group: ConsumerGroup, { memberId, protocolType, protocols }: JoinRequest): void {
  if (protocolType !== 'consumer' || protocols.length === 0)
    throw protocolInvalid(group.id, `its protocol type is '${protocolType}', the group's is 'consumer'`)
  const others = [...group.members].flatMap(([id, { classic }]) =>
    classic && id !== memberId ? [{ protocols: protocolsOf(classic) }] : [],
  )
  if (commonProtocols([...others, { protocols }]).size === 0)
    throw protocolInvalid(group.id, "it offers none of the other classic members' strategies")
}

function uuidText(world: World): string {
  return randomUuid(world)
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}
