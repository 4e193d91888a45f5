// A group as people want to see it, whichever protocol its members speak: the newer ones are described by
// ConsumerGroupDescribe (KIP-848), classic ones by DescribeGroups, whose members' assignments are bytes of their own.

import { WireError } from '../../../bytes/index.ts'
import { ConsumerGroupDescribe, DescribeGroups } from '../../../heads/kafka/wire/index.ts'
import { type Client, isFault } from '../../kafka/client.ts'
import { BrokerFault, check } from '../../kafka/faults.ts'
import { type Assignment, decodeAssignment } from '../../kafka/group/consumer-protocol.ts'

export interface GroupMemberView {
  readonly memberId: string
  readonly clientId: string
  readonly host: string
  readonly assignment: Assignment
}

export interface GroupView {
  readonly group: string
  readonly state: string
  readonly type: 'classic' | 'consumer'
  readonly assignor: string
  readonly members: readonly GroupMemberView[]
}

/** Errors: BrokerFault, of GROUP_ID_NOT_FOUND also when a broker calls the group dead. */
export async function viewGroup(client: Client, group: string): Promise<GroupView> {
  const coordinator = await client.coordinator(group)
  if (coordinator.version(ConsumerGroupDescribe) === undefined) return classicGroup(client, group)
  try {
    return await consumerGroup(client, group)
  } catch (error) {
    // A classic group is not one of this kind, and brokers differ in how they say so.
    if (isFault(error, 'GROUP_ID_NOT_FOUND', 'UNSUPPORTED_VERSION')) return classicGroup(client, group)
    throw error
  }
}

async function consumerGroup(client: Client, group: string): Promise<GroupView> {
  const request = { groupIds: [group], includeAuthorizedOperations: false }
  const answer = await client.askCoordinator(group, ConsumerGroupDescribe, request, ({ groups: [one] }) =>
    check(one?.errorCode ?? NOT_FOUND, `group ${group}`, one?.errorMessage),
  )
  const [found] = answer.groups
  const members = (found?.members ?? []).map(one => ({
    memberId: one.memberId,
    clientId: one.clientId,
    host: one.clientHost,
    assignment: new Map(
      one.assignment.topicPartitions.map(({ topicName, partitions }) => [topicName, partitions] as const),
    ),
  }))
  return {
    group,
    state: found?.groupState ?? '',
    type: 'consumer',
    assignor: found?.assignorName ?? '',
    members,
  }
}

async function classicGroup(client: Client, group: string): Promise<GroupView> {
  const request = { groups: [group], includeAuthorizedOperations: false }
  const answer = await client.askCoordinator(group, DescribeGroups, request, ({ groups: [one] }) =>
    check(one?.errorCode ?? NOT_FOUND, `group ${group}`, one?.errorMessage),
  )
  const [found] = answer.groups
  if (found === undefined || found.groupState === 'Dead') throw new BrokerFault(NOT_FOUND, `group ${group}`)
  const members = found.members.map(one => ({
    memberId: one.memberId,
    clientId: one.clientId,
    host: one.clientHost,
    assignment: readAssignment(one.memberAssignment, found.protocolType),
  }))
  return { group, state: found.groupState, type: 'classic', assignor: found.protocolData, members }
}

/** Only consumers use the consumer protocol; Connect and others have bytes of their own. */
function readAssignment(bytes: Buffer, protocolType: string): Assignment {
  if (protocolType !== 'consumer') return new Map()
  try {
    return decodeAssignment(bytes)
  } catch (error) {
    if (error instanceof WireError) return new Map()
    throw error
  }
}

const NOT_FOUND = 69
