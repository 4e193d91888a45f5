// JoinGroup: a member asks to be in the next generation. New dynamic members first get an id (KIP-394); static members
// come back under their instance id without a rebalance (KIP-345).

import { randomUuid, type World } from '../../../world/index.ts'
import { BrokerError } from '../../errors.ts'
import { groupLimits } from '../limits.ts'
import { groupFull, instanceFenced, memberUnknown, protocolInvalid } from '../refusals.ts'
import type { ClassicGroup } from './group.ts'
import { checkMember } from './identity.ts'
import { ClassicMember } from './member.ts'
import { commonProtocols, sameProtocols, selectProtocol } from './protocol.ts'
import type { JoinRequest, JoinResult } from './request.ts'

/** Errors: GROUP_FULL, GROUP_PROTOCOL_INVALID, MEMBER_UNKNOWN, INSTANCE_FENCED, GROUP_REBALANCING when it gives up. */
export async function join(
  group: ClassicGroup,
  request: JoinRequest,
  { world, maxSize }: { readonly world: World; readonly maxSize: number },
): Promise<JoinResult> {
  const known = group.members.get(request.memberId)
  if (!hasRoom(group, known, maxSize)) {
    if (known !== undefined) group.remove(known)
    throw groupFull(group.id, maxSize)
  }
  checkProtocols(group, request)
  return request.memberId === '' ? joinNew(group, request, world) : joinKnown(group, request)
}

function hasRoom(group: ClassicGroup, known: ClassicMember | undefined, maxSize: number): boolean {
  if (group.state === 'Empty') return true
  if (group.state === 'PreparingRebalance') return known?.awaitsJoin === true || group.waitingToJoin < maxSize
  return known !== undefined || group.members.size < maxSize
}

/** Errors: GROUP_PROTOCOL_INVALID. */
function checkProtocols(group: ClassicGroup, { protocolType, protocols }: JoinRequest): void {
  if (protocolType === '' || protocols.length === 0)
    throw protocolInvalid(group.id, 'it names no protocol type or no strategy')
  if (group.members.size === 0) return
  if (protocolType !== group.protocolType)
    throw protocolInvalid(
      group.id,
      `its protocol type '${protocolType}' is not the group's '${group.protocolType}'`,
    )
  const common = commonProtocols(group.members.values())
  if (!protocols.some(({ name }) => common.has(name)))
    throw protocolInvalid(group.id, `it offers none of the group's strategies (${[...common].join(', ')})`)
}

async function joinNew(group: ClassicGroup, request: JoinRequest, world: World): Promise<JoinResult> {
  const memberId = `${request.instanceId ?? request.clientId}-${uuidText(world)}`
  const old = oldStatic(group, request.instanceId)
  if (old !== undefined) return joinAgainAsStatic(group, old, memberId, request)
  if (request.instanceId !== null || !request.requireKnownMemberId)
    return group.add(newMember(memberId, request), request.protocolType)
  if (group.expected.size >= groupLimits.pendingMembersMax)
    throw new BrokerError(
      'LIMIT_EXCEEDED',
      `group '${group.id}' has ${group.expected.size} ids that have not joined yet: wait until they expire`,
    )
  group.expected.add(memberId, request.sessionTimeoutMs)
  return { at: 'member-id-required', memberId }
}

function joinKnown(group: ClassicGroup, request: JoinRequest): Promise<JoinResult> | JoinResult {
  if (group.expected.has(request.memberId)) {
    if (request.instanceId !== null) throw memberUnknown(group.id, request.memberId)
    return group.add(newMember(request.memberId, request), request.protocolType)
  }
  const member = checkMember(group, request)
  const isSame = sameProtocols(member.protocols, request.protocols)
  // A rejoining leader asks for a rebalance: what it watches (topics, say) has changed.
  const changesNothing =
    (group.state === 'CompletingRebalance' && isSame) ||
    (group.state === 'Stable' && isSame && group.leader !== member.id)
  if (changesNothing) return group.currentJoin(member)
  update(member, request)
  const joined = member.waitForJoin()
  group.rebalanceOrComplete()
  return joined
}

async function joinAgainAsStatic(
  group: ClassicGroup,
  old: ClassicMember,
  memberId: string,
  request: JoinRequest,
): Promise<JoinResult> {
  const formerLeader = group.leader ?? ''
  const next = newMember(memberId, request)
  group.replace(old, next, instanceFenced(group.id, request.instanceId ?? ''))
  if (group.state === 'Stable' && selectProtocol(group.members.values()) === group.protocol) {
    await group.save()
    if (request.supportsSkippingAssignment)
      return group.currentJoin(next, { skipAssignment: group.leader === memberId })
    return group.currentJoinAsFollower(next, formerLeader)
  }
  const joined = next.waitForJoin()
  group.rebalanceOrComplete()
  return joined
}

function oldStatic(group: ClassicGroup, instanceId: string | null): ClassicMember | undefined {
  const id = instanceId === null ? undefined : group.instance(instanceId)
  return id === undefined ? undefined : group.members.get(id)
}

function newMember(memberId: string, request: JoinRequest): ClassicMember {
  return new ClassicMember(memberId, owned(request))
}

function update(member: ClassicMember, request: JoinRequest): void {
  const { protocols, rebalanceTimeoutMs, sessionTimeoutMs } = owned(request)
  Object.assign(member, { protocols, rebalanceTimeoutMs, sessionTimeoutMs })
}

/** With copies of the metadata, which is borrowed from the request, and the rebalance timeout filled in. */
function owned(request: JoinRequest): JoinRequest {
  const wanted = request.rebalanceTimeoutMs < 0 ? request.sessionTimeoutMs : request.rebalanceTimeoutMs
  return {
    ...request,
    rebalanceTimeoutMs: Math.min(wanted, groupLimits.rebalanceTimeoutMsMax),
    protocols: request.protocols.map(({ name, metadata }) => ({ name, metadata: Buffer.from(metadata) })),
  }
}

function uuidText(world: World): string {
  return randomUuid(world)
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}
