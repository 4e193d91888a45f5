// From a classic group with members to a consumer group (KIP-848, "Upgrade"): the members keep their ids, what they have
// becomes their target, the generation becomes the epoch. They go on with the classic protocol; the broker assigns.

import type { Change } from '../../journal.ts'
import type { ClassicGroup } from '../classic/group.ts'
import type { ClassicMember } from '../classic/member.ts'
import {
  type ClassicSide,
  type ConsumerMember,
  consumerMemberChange,
  headChange,
  NEW_HEAD,
} from '../consumer/state.ts'
import { protocolInvalid } from '../refusals.ts'
import type { TopicsView } from '../topics-view.ts'
import { readAssignment, readSubscription } from './embedded.ts'

/** To write. Errors: GROUP_PROTOCOL_INVALID when its members cannot be understood. */
export function upgraded(group: ClassicGroup, topics: TopicsView): Change[] {
  if (group.protocolType !== 'consumer')
    throw protocolInvalid(group.id, `its protocol type is '${group.protocolType}': only 'consumer' can move`)
  const epoch = Math.max(1, group.generation)
  return [
    headChange(group.id, { ...NEW_HEAD, epoch, assignmentEpoch: epoch }),
    ...[...group.members.values()].map(member =>
      consumerMemberChange(group.id, member.id, converted(group, member, epoch, topics)),
    ),
  ]
}

function converted(
  group: ClassicGroup,
  member: ClassicMember,
  epoch: number,
  topics: TopicsView,
): ConsumerMember {
  const [first] = member.protocols
  const subscription = first && readSubscription(first.metadata)
  const assigned = readAssignment(member.assignment, topics)
  if (subscription === undefined || assigned === undefined)
    throw protocolInvalid(group.id, `what its member '${member.id}' says of itself cannot be read`)
  return {
    instanceId: member.instanceId,
    rackId: subscription.rackId,
    clientId: member.clientId,
    clientHost: member.clientHost,
    rebalanceTimeoutMs: member.rebalanceTimeoutMs,
    topicNames: [...new Set(subscription.topicNames)].sort(),
    pattern: null,
    assignor: null,
    epoch,
    previousEpoch: epoch,
    state: 'stable',
    assigned,
    revoking: {},
    target: assigned,
    classic: classicSide(member),
  }
}

export function classicSide({
  sessionTimeoutMs,
  protocols,
}: Pick<ClassicMember, 'sessionTimeoutMs' | 'protocols'>): ClassicSide {
  return {
    sessionTimeoutMs,
    protocols: protocols.map(({ name, metadata }) => [name, metadata.toString('base64')] as const),
  }
}
