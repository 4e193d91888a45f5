// Heartbeat: the member is alive, and learns whether it has to join again.

import { memberUnknown, rebalancing } from '../refusals.ts'
import type { ClassicGroup } from './group.ts'
import { checkGeneration, checkMember } from './identity.ts'
import type { HeartbeatRequest } from './request.ts'

/** Errors: MEMBER_UNKNOWN, INSTANCE_FENCED, GENERATION_ILLEGAL, GROUP_REBALANCING. */
export function heartbeat(group: ClassicGroup, request: HeartbeatRequest): void {
  const member = checkMember(group, request)
  checkGeneration(group, request.generation)
  if (group.state === 'Empty' || group.state === 'Dead') throw memberUnknown(group.id, member.id)
  group.touch(member)
  if (group.state === 'PreparingRebalance') throw rebalancing(group.id)
}
