// Members of share groups (KIP-932, ShareGroupHeartbeat): they join, say what they subscribe to, are told what to read,
// and leave or are put out. What is kept of a group is its epoch, which rises when members, subscriptions or topics
// change; a member has no partitions to give up, so it takes what it is told at once.

import type { World } from '../../world/index.ts'
import { BrokerError } from '../errors.ts'
import { type Assignment, isSame, NOTHING } from '../groups/consumer/assignment.ts'
import { Sessions } from '../groups/consumer/sessions.ts'
import { JOIN_EPOCH, LEAVE_EPOCH } from '../groups/consumer/state.ts'
import { groupLimits } from '../groups/limits.ts'
import { groupFull, groupUnknown, memberUnknown } from '../groups/refusals.ts'
import type { TopicsView } from '../groups/topics-view.ts'
import type { ShareGroup, ShareMember } from './group.ts'

export interface ShareHeartbeat {
  readonly groupId: string
  /** Chosen by the member, for as long as it lives. */
  readonly memberId: string
  /** 0 joins, -1 leaves, else what the member was told last. */
  readonly memberEpoch: number
  readonly rackId: string | null
  /** Null when they are as before. */
  readonly topicNames: readonly string[] | null
  readonly clientId: string
  readonly clientHost: string
}

export interface ShareHeartbeatResult {
  readonly memberId: string
  readonly memberEpoch: number
  readonly heartbeatIntervalMs: number
  /** Null when it is as before. */
  readonly assignment: Assignment | null
}

export interface ShareCoordinatorParts {
  readonly world: World
  readonly topics: TopicsView
  /** The group, made if there is none. Errors: GROUP_UNKNOWN when it is of another kind, LIMIT_EXCEEDED. */
  readonly openGroup: (groupId: string) => ShareGroup
  readonly find: (groupId: string) => ShareGroup | undefined
  readonly epochOf: (groupId: string) => number
  /** Resolves when the group's epoch is durable. */
  readonly saveEpoch: (groupId: string, epoch: number) => Promise<void>
  /** The member is gone: what it has is available again. */
  readonly gone: (group: ShareGroup, memberId: string, because: 'closed' | 'lost') => void
  readonly sessionTimeoutMs: (groupId: string) => number
  readonly heartbeatIntervalMs: (groupId: string) => number
  readonly maxSize: () => number
}

export class ShareCoordinator {
  readonly #parts: ShareCoordinatorParts
  readonly #sessions: Sessions

  constructor(parts: ShareCoordinatorParts) {
    this.#parts = parts
    this.#sessions = new Sessions(parts.world, (groupId, memberId) => this.#expire(groupId, memberId))
  }

  /**
   * Errors: REQUEST_INVALID, LIMIT_EXCEEDED, GROUP_UNKNOWN, GROUP_FULL, MEMBER_UNKNOWN,
   * MEMBER_EPOCH_FENCED, STORAGE_FULL, STORAGE_FAILED.
   */
  async heartbeat(request: ShareHeartbeat): Promise<ShareHeartbeatResult> {
    checkForm(request)
    const { groupId, memberId, memberEpoch } = request
    if (memberEpoch === LEAVE_EPOCH) return this.#leave(request)
    const group = memberEpoch === JOIN_EPOCH ? this.#parts.openGroup(groupId) : this.#parts.find(groupId)
    if (group === undefined) throw groupUnknown(groupId)
    const known = group.members.get(memberId)
    if (known !== undefined) checkEpoch(groupId, known, memberEpoch)
    else if (memberEpoch !== JOIN_EPOCH) throw memberUnknown(groupId, memberId)
    else if (group.members.size >= this.#parts.maxSize()) throw groupFull(groupId, this.#parts.maxSize())
    const member = known ?? newMember(request)
    group.members.set(memberId, member)
    this.#sessions.touch(groupId, memberId, this.#parts.sessionTimeoutMs(groupId))
    const subscribesAnew = take(member, request)
    return this.#answer(group, member, request, known === undefined || subscribesAnew)
  }

  /** Stops all clocks. Idempotent. */
  close(): void {
    this.#sessions.close()
  }

  async #answer(
    group: ShareGroup,
    member: ShareMember,
    { memberEpoch, topicNames }: ShareHeartbeat,
    changed: boolean,
  ): Promise<ShareHeartbeatResult> {
    const { topics, epochOf, saveEpoch, heartbeatIntervalMs } = this.#parts
    const reassigned = group.reassign(topics, changed)
    const epoch = epochOf(group.id) + (changed || reassigned ? 1 : 0)
    const assignment = group.assignmentOf(member.memberId)
    if (epoch !== epochOf(group.id)) await saveEpoch(group.id, epoch)
    if (epoch > member.epoch) {
      member.previousEpoch = member.epoch
      member.epoch = epoch
    }
    const isNews = memberEpoch === JOIN_EPOCH || topicNames !== null || !isSame(member.told, assignment)
    member.told = assignment
    return {
      memberId: member.memberId,
      memberEpoch: member.epoch,
      heartbeatIntervalMs: heartbeatIntervalMs(group.id),
      assignment: isNews ? assignment : null,
    }
  }

  async #leave({ groupId, memberId, memberEpoch }: ShareHeartbeat): Promise<ShareHeartbeatResult> {
    const group = this.#parts.find(groupId)
    if (group === undefined) throw groupUnknown(groupId)
    if (!group.members.has(memberId)) throw memberUnknown(groupId, memberId)
    await this.#remove(group, memberId, 'closed')
    return { memberId, memberEpoch, heartbeatIntervalMs: 0, assignment: null }
  }

  #expire(groupId: string, memberId: string): void {
    const group = this.#parts.find(groupId)
    if (group?.members.has(memberId) !== true) return
    // Should the store refuse the epoch, it rises with the next change: the member is out in any case.
    this.#remove(group, memberId, 'lost').catch(() => {})
  }

  #remove(group: ShareGroup, memberId: string, because: 'closed' | 'lost'): Promise<void> {
    this.#sessions.end(group.id, memberId)
    group.members.delete(memberId)
    group.reassign(this.#parts.topics, true)
    this.#parts.gone(group, memberId, because)
    return this.#parts.saveEpoch(group.id, this.#parts.epochOf(group.id) + 1)
  }
}

function newMember({ memberId, rackId, clientId, clientHost }: ShareHeartbeat): ShareMember {
  return {
    memberId,
    rackId,
    clientId,
    clientHost,
    topicNames: [],
    epoch: 0,
    previousEpoch: 0,
    told: NOTHING,
  }
}

/** Takes what the member says anew; true when it subscribes to other topics than before. */
function take(member: ShareMember, { rackId, topicNames, clientId, clientHost }: ShareHeartbeat): boolean {
  member.rackId = rackId ?? member.rackId
  member.clientId = clientId
  member.clientHost = clientHost
  if (topicNames === null) return false
  const names = [...new Set(topicNames)].sort()
  const isAsBefore =
    names.length === member.topicNames.length && names.every((name, at) => name === member.topicNames[at])
  member.topicNames = names
  return !isAsBefore
}

/** The epoch before is good too: the last answer may have been lost. 0 joins again under the same id. */
function checkEpoch(groupId: string, { epoch, previousEpoch }: ShareMember, memberEpoch: number): void {
  if ([JOIN_EPOCH, epoch, previousEpoch].includes(memberEpoch)) return
  throw new BrokerError(
    'MEMBER_EPOCH_FENCED',
    `member epoch ${memberEpoch} in group '${groupId}' is not the current one, ${epoch}: join again`,
  )
}

function checkForm({ memberId, memberEpoch, rackId, topicNames }: ShareHeartbeat): void {
  require(memberId !== '', 'MemberId cannot be empty.')
  require(rackId !== '', 'RackId cannot be empty.')
  require(memberEpoch >= LEAVE_EPOCH, `MemberEpoch ${memberEpoch} is invalid.`)
  require(memberEpoch !== JOIN_EPOCH ||
    topicNames !== null, 'SubscribedTopicNames must be set in the first request.')
  for (const id of [memberId, rackId ?? ''])
    require(id.length <=
      groupLimits.idLengthMax, `an id of ${id.length} characters is longer than ${groupLimits.idLengthMax}`)
  if ((topicNames?.length ?? 0) > groupLimits.subscribedTopicsMax)
    throw new BrokerError(
      'LIMIT_EXCEEDED',
      `${topicNames?.length} topics are more than the ${groupLimits.subscribedTopicsMax} of one member`,
    )
}

function require(holds: boolean, problem: string): void {
  if (!holds) throw new BrokerError('REQUEST_INVALID', problem)
}
