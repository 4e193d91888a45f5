// Whether a request comes from a member of the group, and from the one that holds its instance id (KIP-345).

import { BrokerError } from '../../errors.ts'
import { instanceFenced, memberUnknown } from '../refusals.ts'
import type { ClassicGroup } from './group.ts'
import type { ClassicMember } from './member.ts'
import type { Leaver } from './request.ts'

/** The member that asks. Errors: MEMBER_UNKNOWN, INSTANCE_FENCED. */
export function checkMember(group: ClassicGroup, { memberId, instanceId }: Leaver): ClassicMember {
  if (instanceId !== null) {
    const holder = group.instance(instanceId)
    if (holder === undefined) throw memberUnknown(group.id, memberId)
    if (holder !== memberId) throw instanceFenced(group.id, instanceId)
  }
  const member = group.members.get(memberId)
  if (member === undefined) throw memberUnknown(group.id, memberId)
  return member
}

/** Errors: GENERATION_ILLEGAL. */
export function checkGeneration(group: ClassicGroup, generation: number): void {
  if (generation !== group.generation)
    throw new BrokerError(
      'GENERATION_ILLEGAL',
      `generation ${generation} of group '${group.id}' is not the current one, ${group.generation}: join again`,
    )
}
