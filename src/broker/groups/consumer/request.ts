// What a member of a consumer group asks and is told (KIP-848: ConsumerGroupHeartbeat), and the checks of its form.

import { BrokerError } from '../../errors.ts'
import { groupLimits } from '../limits.ts'
import { type Assignment, isEmpty } from './assignment.ts'
import { assignors } from './assignor/assignors.ts'
import { compilePattern } from './pattern.ts'
import { type ClassicSide, JOIN_EPOCH, LEFT_FOR_NOW } from './state.ts'

export interface ConsumerHeartbeat {
  readonly groupId: string
  /** Empty only when joining: then the broker chooses one. */
  readonly memberId: string
  /** 0 joins, -1 leaves, -2 leaves for a while (static members), else what the member was told last. */
  readonly memberEpoch: number
  readonly instanceId: string | null
  readonly rackId: string | null
  /** -1 when it is as before. */
  readonly rebalanceTimeoutMs: number
  /** Null when they are as before. */
  readonly topicNames: readonly string[] | null
  /** Null when it is as before; empty for none. */
  readonly pattern: string | null
  readonly assignor: string | null
  /** What the member has; null when that is as before. */
  readonly owned: Assignment | null
  readonly clientId: string
  readonly clientHost: string
  /** The member speaks the classic protocol. */
  readonly classic?: ClassicSide
}

export interface ConsumerHeartbeatResult {
  readonly memberId: string
  readonly memberEpoch: number
  readonly heartbeatIntervalMs: number
  /** Null when it is as before. */
  readonly assignment: Assignment | null
}

/** Errors: REQUEST_INVALID, PATTERN_INVALID, ASSIGNOR_UNKNOWN, LIMIT_EXCEEDED. */
export function checkHeartbeat(request: ConsumerHeartbeat): void {
  const { memberId, memberEpoch, instanceId, rackId, topicNames, pattern, assignor } = request
  require(memberId !== '' || memberEpoch === JOIN_EPOCH, 'MemberId cannot be empty.')
  require(instanceId !== '', 'InstanceId cannot be empty.')
  require(rackId !== '', 'RackId cannot be empty.')
  require(memberEpoch >= LEFT_FOR_NOW, `MemberEpoch ${memberEpoch} is invalid.`)
  require(memberEpoch !== LEFT_FOR_NOW ||
    instanceId !== null, 'InstanceId must be provided to leave for a while.')
  if (memberEpoch === JOIN_EPOCH) checkJoin(request)
  for (const id of [memberId, instanceId ?? '', rackId ?? ''])
    require(id.length <=
      groupLimits.idLengthMax, `an id of ${id.length} characters is longer than ${groupLimits.idLengthMax}`)
  if ((topicNames?.length ?? 0) > groupLimits.subscribedTopicsMax)
    throw new BrokerError(
      'LIMIT_EXCEEDED',
      `${topicNames?.length} topics are more than the ${groupLimits.subscribedTopicsMax} of one member: use a pattern`,
    )
  if (pattern !== null && pattern !== '') compilePattern(pattern)
  if (assignor !== null && !assignors.has(assignor))
    throw new BrokerError(
      'ASSIGNOR_UNKNOWN',
      `there is no server-side assignor '${assignor}': choose one of ${[...assignors.keys()].join(', ')}`,
    )
}

function checkJoin({ rebalanceTimeoutMs, owned, topicNames, pattern }: ConsumerHeartbeat): void {
  require(rebalanceTimeoutMs !== -1, 'RebalanceTimeoutMs must be provided in the first request.')
  require(owned !== null && isEmpty(owned), 'TopicPartitions must be empty when (re-)joining.')
  require(topicNames !== null ||
    (pattern !== null &&
      pattern !== ''), 'SubscribedTopicNames or SubscribedTopicRegex must be set in the first request.')
}

function require(holds: boolean, problem: string): void {
  if (!holds) throw new BrokerError('REQUEST_INVALID', problem)
}
