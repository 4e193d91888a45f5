// SyncGroup: the leader hands out assignments, everybody gets his own.

import { memberUnknown, protocolInvalid, rebalancing } from '../refusals.ts'
import type { ClassicGroup } from './group.ts'
import { checkGeneration, checkMember } from './identity.ts'
import type { SyncRequest, SyncResult } from './request.ts'

/** Errors: MEMBER_UNKNOWN, INSTANCE_FENCED, GENERATION_ILLEGAL, GROUP_PROTOCOL_INVALID, GROUP_REBALANCING. */
export async function sync(group: ClassicGroup, request: SyncRequest): Promise<SyncResult> {
  const member = checkMember(group, request)
  checkGeneration(group, request.generation)
  checkProtocol(group, request)
  switch (group.state) {
    case 'Empty':
    case 'Dead':
      throw memberUnknown(group.id, member.id)
    case 'PreparingRebalance':
      throw rebalancing(group.id)
    case 'CompletingRebalance': {
      const synced = member.waitForSync()
      group.markSynced(member)
      if (group.leader === member.id) void group.assign(assignmentsOf(request))
      return synced
    }
    case 'Stable':
      group.markSynced(member)
      return group.currentSync(member)
  }
}

/** Errors: GROUP_PROTOCOL_INVALID. */
function checkProtocol(group: ClassicGroup, { protocolType, protocol }: SyncRequest): void {
  if (protocolType !== null && protocolType !== group.protocolType)
    throw protocolInvalid(
      group.id,
      `its protocol type '${protocolType}' is not the group's '${group.protocolType}'`,
    )
  if (protocol !== null && protocol !== group.protocol)
    throw protocolInvalid(group.id, `its strategy '${protocol}' is not the group's '${group.protocol}'`)
}

/** Copies: what the request holds is borrowed. */
function assignmentsOf({ assignments }: SyncRequest): Map<string, Buffer> {
  return new Map(assignments.map(({ memberId, assignment }) => [memberId, Buffer.from(assignment)]))
}
