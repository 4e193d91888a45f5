// One heartbeat of a consumer group's member (KIP-848), as a function from the group and the request to what is to be
// written: find or make the member, take its subscription, raise the group's epoch if anything changed, compute who is
// to have what, and move this member one step towards it. Nothing is changed here; the log applies what comes out.

import { randomUuid, type World } from '../../../world/index.ts'
import { BrokerError } from '../../errors.ts'
import type { Change } from '../../journal.ts'
import { groupLimits } from '../limits.ts'
import { groupFull, instanceFenced, memberUnknown } from '../refusals.ts'
import { isSame, isSubset, NOTHING } from './assignment.ts'
import type { ConsumerGroup } from './group.ts'
import { reconcile } from './reconcile.ts'
import type { ConsumerHeartbeat } from './request.ts'
import {
  type ConsumerHead,
  type ConsumerMember,
  consumerMemberChange,
  headChange,
  JOIN_EPOCH,
  LEFT_FOR_NOW,
} from './state.ts'
import type { Subscriptions } from './subscription.ts'

export interface HeartbeatParts {
  readonly world: World
  readonly subscriptions: Subscriptions
  readonly maxSize: number
}

export interface HeartbeatOutcome {
  readonly memberId: string
  readonly member: ConsumerMember
  /** Whether what the member may consume is not what it was told before. */
  readonly assignmentChanged: boolean
  /** The member whose place it took (a static member that came back). */
  readonly replaced: string | undefined
  readonly changes: readonly Change[]
}

/** Errors: MEMBER_UNKNOWN, MEMBER_EPOCH_FENCED, INSTANCE_FENCED, INSTANCE_UNRELEASED, GROUP_FULL. */
export function heartbeat(
  group: ConsumerGroup,
  request: ConsumerHeartbeat,
  parts: HeartbeatParts,
): HeartbeatOutcome {
  const found = findMember(group, request, parts)
  const subscribed = withSubscription(found.member, request)
  const { head, targets } = nextHead(group, found, subscribed, parts.subscriptions)
  const current = { ...subscribed, target: targets?.get(found.memberId) ?? subscribed.target }
  const mine = new Set([found.memberId, found.replaced])
  const next = reconcile(current, {
    targetEpoch: head.assignmentEpoch,
    owned: request.owned,
    isFree: (topicId, partition) => {
      const holder = group.holder(topicId, partition)
      return holder === undefined || mine.has(holder)
    },
  })
  return {
    memberId: found.memberId,
    member: next,
    assignmentChanged: !isSame(next.assigned, found.member.assigned),
    replaced: found.replaced,
    changes: [
      ...(found.replaced === undefined ? [] : [consumerMemberChange(group.id, found.replaced, null)]),
      ...(head === group.head ? [] : [headChange(group.id, head)]),
      ...otherTargets(group, targets, mine),
      ...(next === found.member && found.arrival === 'known'
        ? []
        : [consumerMemberChange(group.id, found.memberId, next)]),
    ],
  }
}

interface Found {
  readonly memberId: string
  readonly member: ConsumerMember
  /** new: was never here; back: a static member that had left for a while. */
  readonly arrival: 'new' | 'back' | 'known'
  readonly replaced: string | undefined
}

function findMember(
  group: ConsumerGroup,
  request: ConsumerHeartbeat,
  { world, maxSize }: HeartbeatParts,
): Found {
  const joins = request.memberEpoch === JOIN_EPOCH
  const memberId = request.memberId === '' ? randomUuid(world).toString('base64url') : request.memberId
  const holder = request.instanceId === null ? undefined : group.instance(request.instanceId)
  if (joins && holder !== undefined) return takeOver(group, holder, memberId, request)
  const member = group.members.get(memberId)
  if (!joins && request.instanceId !== null) checkInstance(group, request.instanceId, memberId)
  if (member === undefined) {
    if (!joins) throw memberUnknown(group.id, memberId)
    if (group.members.size >= maxSize) throw groupFull(group.id, maxSize)
    return { memberId, member: newMember(request), arrival: 'new', replaced: undefined }
  }
  checkEpoch(group, member, request)
  return { memberId, member, arrival: 'known', replaced: undefined }
}

/** A static member comes back, mostly under a new id: it may only if the old one left for a while. */
function takeOver(group: ConsumerGroup, holder: string, memberId: string, request: ConsumerHeartbeat): Found {
  const old = group.members.get(holder)
  if (old === undefined) throw memberUnknown(group.id, holder)
  // Classic static members do not say that they leave: whoever comes under their name takes their place.
  const isClassic = (request.classic ?? old.classic ?? null) !== null
  if (!isClassic && old.epoch !== LEFT_FOR_NOW && holder !== memberId)
    throw new BrokerError(
      'INSTANCE_UNRELEASED',
      `instance '${request.instanceId}' of group '${group.id}' belongs to member '${holder}', which has not left`,
    )
  const member: ConsumerMember = { ...old, epoch: 0, previousEpoch: 0, state: 'stable', revoking: NOTHING }
  return { memberId, member, arrival: 'back', replaced: holder === memberId ? undefined : holder }
}

/** Errors: MEMBER_UNKNOWN, INSTANCE_FENCED. */
export function checkInstance(group: ConsumerGroup, instanceId: string, memberId: string): void {
  const holder = group.instance(instanceId)
  if (holder === undefined) throw memberUnknown(group.id, memberId)
  if (holder !== memberId) throw instanceFenced(group.id, instanceId)
}

/** The epoch before is good too if nothing is owned beyond what is assigned: the last answer was lost. */
function checkEpoch(
  group: ConsumerGroup,
  member: ConsumerMember,
  { memberEpoch, owned }: ConsumerHeartbeat,
): void {
  if (memberEpoch === member.epoch) return
  const answerWasLost =
    memberEpoch === member.previousEpoch && owned !== null && isSubset(owned, member.assigned)
  if (memberEpoch < member.epoch && answerWasLost) return
  throw new BrokerError(
    'MEMBER_EPOCH_FENCED',
    `member epoch ${memberEpoch} in group '${group.id}' is not the current one, ${member.epoch}: give up all partitions and join again`,
  )
}

function newMember(request: ConsumerHeartbeat): ConsumerMember {
  return {
    instanceId: request.instanceId,
    rackId: request.rackId,
    clientId: request.clientId,
    clientHost: request.clientHost,
    rebalanceTimeoutMs: 0,
    topicNames: [],
    pattern: null,
    assignor: null,
    epoch: 0,
    previousEpoch: 0,
    state: 'stable',
    assigned: NOTHING,
    revoking: NOTHING,
    target: NOTHING,
  }
}

/** The member with what the request says anew; the same object when it says nothing new. */
function withSubscription(member: ConsumerMember, request: ConsumerHeartbeat): ConsumerMember {
  const wanted = request.rebalanceTimeoutMs < 0 ? member.rebalanceTimeoutMs : request.rebalanceTimeoutMs
  const next: ConsumerMember = {
    ...member,
    rackId: request.rackId ?? member.rackId,
    rebalanceTimeoutMs: Math.min(wanted, groupLimits.rebalanceTimeoutMsMax),
    topicNames: request.topicNames === null ? member.topicNames : [...new Set(request.topicNames)].sort(),
    pattern: request.pattern === null ? member.pattern : request.pattern || null,
    assignor: request.assignor ?? member.assignor,
    clientId: request.clientId,
    clientHost: request.clientHost,
    classic: request.classic ?? null,
  }
  const isAsBefore =
    next.rackId === member.rackId &&
    next.rebalanceTimeoutMs === member.rebalanceTimeoutMs &&
    next.clientId === member.clientId &&
    next.clientHost === member.clientHost &&
    isSameClassic(next.classic, member.classic) &&
    subscribesAlike(next, member)
  return isAsBefore ? member : next
}

function isSameClassic(a: ConsumerMember['classic'], b: ConsumerMember['classic']): boolean {
  return JSON.stringify(a ?? null) === JSON.stringify(b ?? null)
}

function subscribesAlike(a: ConsumerMember, b: ConsumerMember): boolean {
  return (
    a.pattern === b.pattern &&
    a.assignor === b.assignor &&
    a.topicNames.length === b.topicNames.length &&
    a.topicNames.every((name, at) => name === b.topicNames[at])
  )
}

/** Targets are computed only when the epoch rises: that is the expensive part. */
function nextHead(
  group: ConsumerGroup,
  found: Found,
  subscribed: ConsumerMember,
  subscriptions: Subscriptions,
) {
  const { head } = group
  const isAsBefore = found.arrival !== 'new' && subscribesAlike(subscribed, found.member)
  if (isAsBefore && head.epoch === head.assignmentEpoch && subscriptions.haveSeen(head))
    return { head, targets: undefined }
  const members = membersWith(group, found, subscribed)
  const topics = subscriptions.topicsOfAll(members.values())
  const epoch = isAsBefore && sameTopics(topics, head.topics) ? head.epoch : head.epoch + 1
  if (epoch === head.assignmentEpoch) {
    subscriptions.markSeen(head)
    return { head, targets: undefined }
  }
  const { assignor, targets } = subscriptions.assign(members)
  return { head: { ...head, epoch, assignmentEpoch: epoch, assignor, topics, emptySince: 0 }, targets }
}

function membersWith(
  group: ConsumerGroup,
  found: Found,
  subscribed: ConsumerMember,
): Map<string, ConsumerMember> {
  const members = new Map(group.members)
  if (found.replaced !== undefined) members.delete(found.replaced)
  return members.set(found.memberId, subscribed)
}

function sameTopics(a: ConsumerHead['topics'], b: ConsumerHead['topics']): boolean {
  const ids = Object.keys(a)
  return ids.length === Object.keys(b).length && ids.every(id => a[id] === b[id])
}

function otherTargets(
  group: ConsumerGroup,
  targets: ReadonlyMap<string, ConsumerMember['target']> | undefined,
  mine: ReadonlySet<string | undefined>,
): Change[] {
  return [...group.members].flatMap(([memberId, member]) => {
    const target = targets?.get(memberId)
    if (mine.has(memberId) || target === undefined || isSame(target, member.target)) return []
    return [consumerMemberChange(group.id, memberId, { ...member, target })]
  })
}
