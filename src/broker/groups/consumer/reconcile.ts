// One step of a member towards its target assignment (KIP-848, "Member assignment"): it gives up what is not its own any
// more, and only then takes what is free. A pure function; the member learns the outcome in its heartbeat's answer.
//
//   stable ──── nothing to give up ──> stable, or unreleased while others still hold some of its target
//   stable ──── something to give up > unrevoked  (keeps its epoch)
//   unrevoked ─ owns none of it any more ──> stable or unreleased at the target's epoch, or unrevoked again
//   unreleased ── at each heartbeat ─> the same look as from stable

import {
  type Assignment,
  difference,
  filter,
  intersection,
  isEmpty,
  isSame,
  NOTHING,
  union,
} from './assignment.ts'
import type { ConsumerMember } from './state.ts'

export interface Reconciliation {
  readonly targetEpoch: number
  /** What the member says that it has; null when it does not say. */
  readonly owned: Assignment | null
  /** Whether no other member may be consuming the partition. */
  readonly isFree: (topicId: string, partition: number) => boolean
}

/** The member as it is now; the same object when nothing changes. */
export function reconcile(member: ConsumerMember, given: Reconciliation): ConsumerMember {
  if (member.state === 'stable' && member.epoch === given.targetEpoch) return member
  if (member.state === 'unrevoked' && stillOwns(given.owned, member.revoking)) return member
  const next = nextOf(member, given)
  const changed =
    next.state !== member.state ||
    next.epoch !== member.epoch ||
    !isSame(next.assigned, member.assigned) ||
    !isSame(next.revoking, member.revoking)
  return changed ? next : member
}

function nextOf(member: ConsumerMember, { targetEpoch, owned, isFree }: Reconciliation): ConsumerMember {
  const kept = intersection(member.assigned, member.target)
  const toRevoke = difference(member.assigned, kept)
  if (!isEmpty(toRevoke) && stillOwns(owned, toRevoke))
    return { ...member, state: 'unrevoked', assigned: kept, revoking: toRevoke }
  const wanted = difference(member.target, kept)
  const free = filter(wanted, isFree)
  const state = isSame(free, wanted) ? 'stable' : 'unreleased'
  return {
    ...member,
    state,
    epoch: targetEpoch,
    previousEpoch: member.epoch === targetEpoch ? member.previousEpoch : member.epoch,
    assigned: union(kept, free),
    revoking: NOTHING,
  }
}

/** A member that does not say what it has may have all of it. */
function stillOwns(owned: Assignment | null, revoking: Assignment): boolean {
  return owned === null || !isEmpty(intersection(owned, revoking))
}
