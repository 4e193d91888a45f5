// From a consumer group to a classic one (KIP-848, "Downgrade"): when its last member of the new protocol has gone and
// those that are left speak the classic one. What they are to have becomes their assignment, the epoch the generation;
// then they rebalance among themselves.

import type { Change } from '../../journal.ts'
import { selectProtocol } from '../classic/protocol.ts'
import type { SavedClassic } from '../classic/saved.ts'
import type { ConsumerGroup } from '../consumer/group.ts'
import { type ClassicSide, type ConsumerMember, consumerMemberChange } from '../consumer/state.ts'
import { groupChange } from '../group-keys.ts'
import type { TopicsView } from '../topics-view.ts'
import { writeAssignment } from './embedded.ts'

export interface Downgrade {
  readonly saved: SavedClassic
  readonly changes: readonly Change[]
}

/** Undefined while there are members of the new protocol, or none at all. */
export function downgraded(group: ConsumerGroup, topics: TopicsView): Downgrade | undefined {
  const members = [...group.members].flatMap(([id, member]) =>
    member.classic ? [{ id, member, classic: member.classic }] : [],
  )
  const [first] = members
  if (first === undefined || members.length < group.members.size) return undefined
  const offers = members.map(({ classic }) => ({ protocols: protocolsOf(classic) }))
  const saved: SavedClassic = {
    type: 'classic',
    // The one that the members know: with another they would take their partitions for lost, and not commit.
    generation: group.head.assignmentEpoch,
    protocolType: 'consumer',
    protocol: selectProtocol(offers) ?? null,
    leader: first.id,
    mustRebalance: true,
    emptySince: 0,
    members: members.map(({ id, member, classic }) => savedMember(id, member, classic, topics)),
  }
  const changes = [
    ...members.map(({ id }) => consumerMemberChange(group.id, id, null)),
    groupChange(group.id, saved),
  ]
  return { saved, changes }
}

export function protocolsOf({ protocols }: ClassicSide) {
  return protocols.map(([name, metadata]) => ({ name, metadata: Buffer.from(metadata, 'base64') }))
}

function savedMember(
  id: string,
  { instanceId, clientId, clientHost, rebalanceTimeoutMs, target }: ConsumerMember,
  { sessionTimeoutMs, protocols }: ClassicSide,
  topics: TopicsView,
): SavedClassic['members'][number] {
  return {
    id,
    instance: instanceId,
    clientId,
    host: clientHost,
    sessionMs: sessionTimeoutMs,
    rebalanceMs: rebalanceTimeoutMs,
    protocols,
    assignment: writeAssignment(target, topics).toString('base64'),
  }
}
