// A consumer group as an administrator sees it (ConsumerGroupDescribe).

import type { Assignment } from './assignment.ts'
import type { ConsumerGroup, ConsumerState } from './group.ts'

export interface ConsumerMemberDescription {
  readonly memberId: string
  readonly instanceId: string | null
  readonly rackId: string | null
  readonly epoch: number
  readonly clientId: string
  readonly clientHost: string
  readonly topicNames: readonly string[]
  readonly pattern: string | null
  readonly assignment: Assignment
  readonly target: Assignment
  /** Whether it speaks the classic protocol. */
  readonly isClassic: boolean
}

export interface ConsumerDescription {
  readonly groupId: string
  readonly state: ConsumerState
  readonly epoch: number
  readonly assignmentEpoch: number
  readonly assignor: string
  readonly members: readonly ConsumerMemberDescription[]
}

export function describe(group: ConsumerGroup): ConsumerDescription {
  const { epoch, assignmentEpoch, assignor } = group.head
  const members = [...group.members].map(([memberId, member]) => {
    const { instanceId, rackId, clientId, clientHost, topicNames, pattern, assigned, target } = member
    return {
      memberId,
      instanceId,
      rackId,
      epoch: member.epoch,
      clientId,
      clientHost,
      topicNames,
      pattern,
      assignment: assigned,
      target,
      isClassic: Boolean(member.classic),
    }
  })
  return { groupId: group.id, state: group.state, epoch, assignmentEpoch, assignor, members }
}
