// Access control entries as Kafka numbers their parts (KIP-290), both ways. 0 stands for what the client's library did
// not know, 1 in a filter for whatever there is.

import type { AclBinding, AclFilter, PatternType, Permission, ResourceType } from '../../auth/index.ts'
import { BrokerError } from '../../broker/index.ts'
import { operationCodes } from './operations.ts'

const ANY = 1

const typeCodes: Readonly<Record<ResourceType, number>> = {
  topic: 2,
  group: 3,
  cluster: 4,
  transactional_id: 5,
  delegation_token: 6,
  user: 7,
}
const patternCodes: Readonly<Record<PatternType, number>> = { literal: 3, prefixed: 4 }
const patternFilterCodes: Readonly<Record<PatternType | 'match', number>> = { match: 2, ...patternCodes }
const permissionCodes: Readonly<Record<Permission, number>> = { deny: 2, allow: 3 }

/** The part of an entry that names no resource, as it goes over the wire. */
interface WireRule {
  readonly principal: string
  readonly host: string
  readonly operation: number
  readonly permissionType: number
}

/** An entry as CreateAcls has it. */
export interface WireAcl extends WireRule {
  readonly resourceType: number
  readonly resourceName: string
  readonly resourcePatternType: number
}

/** A filter as DescribeAcls and DeleteAcls have it. */
export interface WireAclFilter {
  readonly resourceTypeFilter: number
  readonly resourceNameFilter: string | null
  readonly patternTypeFilter: number
  readonly principalFilter: string | null
  readonly hostFilter: string | null
  readonly operation: number
  readonly permissionType: number
}

/** The entry; its texts are not checked yet. Errors: REQUEST_INVALID. */
export function bindingOf(acl: WireAcl): AclBinding {
  return {
    resourceType: word(typeCodes, acl.resourceType, 'resource type'),
    patternType: word(patternCodes, acl.resourcePatternType, 'pattern type'),
    resourceName: acl.resourceName,
    principal: acl.principal,
    host: acl.host,
    operation: word(operationCodes, acl.operation, 'operation'),
    permission: word(permissionCodes, acl.permissionType, 'permission'),
  }
}

/** Errors: REQUEST_INVALID. */
export function filterOf(filter: WireAclFilter): AclFilter {
  return {
    resourceType: anyOr(typeCodes, filter.resourceTypeFilter, 'resource type'),
    patternType: anyOr(patternFilterCodes, filter.patternTypeFilter, 'pattern type'),
    resourceName: filter.resourceNameFilter,
    principal: filter.principalFilter,
    host: filter.hostFilter,
    operation: anyOr(operationCodes, filter.operation, 'operation'),
    permission: anyOr(permissionCodes, filter.permissionType, 'permission'),
  }
}

/** The pattern of resources that an entry is for. */
export function wirePattern({ resourceType, resourceName, patternType }: AclBinding) {
  return { resourceType: typeCodes[resourceType], resourceName, patternType: patternCodes[patternType] }
}

/** Who may do what, of an entry. */
export function wireRule({ principal, host, operation, permission }: AclBinding): WireRule {
  return {
    principal,
    host,
    operation: operationCodes[operation],
    permissionType: permissionCodes[permission],
  }
}

function anyOr<Word extends string>(codes: Readonly<Record<Word, number>>, code: number, what: string) {
  return code === ANY ? 'any' : word(codes, code, what)
}

function word<Word extends string>(codes: Readonly<Record<Word, number>>, code: number, what: string): Word {
  for (const one in codes) if (codes[one] === code) return one
  throw new BrokerError('REQUEST_INVALID', `${code} is no ${what} of an access control entry`)
}
