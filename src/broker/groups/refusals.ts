// The refusals that both kinds of group share, in one wording.

import { BrokerError } from '../errors.ts'

export function memberUnknown(groupId: string, memberId: string): BrokerError {
  return new BrokerError(
    'MEMBER_UNKNOWN',
    `group '${groupId}' has no member '${memberId}': join it again with a new id`,
  )
}

export function instanceFenced(groupId: string, instanceId: string): BrokerError {
  return new BrokerError(
    'INSTANCE_FENCED',
    `instance '${instanceId}' of group '${groupId}' belongs to another member: stop one of the two`,
  )
}

export function groupUnknown(groupId: string): BrokerError {
  return new BrokerError('GROUP_UNKNOWN', `there is no group '${groupId}'`)
}

export function groupFull(groupId: string, limit: number): BrokerError {
  return new BrokerError(
    'GROUP_FULL',
    `group '${groupId}' has ${limit} members, as many as group.max.size allows`,
  )
}

export function rebalancing(groupId: string): BrokerError {
  return new BrokerError('GROUP_REBALANCING', `group '${groupId}' is rebalancing: join it again`)
}

export function protocolInvalid(groupId: string, reason: string): BrokerError {
  return new BrokerError('GROUP_PROTOCOL_INVALID', `group '${groupId}' cannot take the member: ${reason}`)
}
