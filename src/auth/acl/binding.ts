// One access control entry in Kafka's model, as plain data: who, from where, may or may not do what on which
// resources. Names are words here; the Kafka head maps its numeric codes on them.

import { AuthError } from '../errors.ts'
import { ACL_TEXT_LENGTH_MAX } from '../limits.ts'
import { isPrincipalText } from '../principal.ts'

export const resourceTypes = [
  'topic',
  'group',
  'cluster',
  'transactional_id',
  'delegation_token',
  'user',
] as const

export const patternTypes = ['literal', 'prefixed'] as const

export const operations = [
  'all',
  'read',
  'write',
  'create',
  'delete',
  'alter',
  'describe',
  'cluster_action',
  'describe_configs',
  'alter_configs',
  'idempotent_write',
  'create_tokens',
  'describe_tokens',
  'two_phase_commit',
] as const

export const permissions = ['allow', 'deny'] as const

export type ResourceType = (typeof resourceTypes)[number]
export type PatternType = (typeof patternTypes)[number]
export type Operation = (typeof operations)[number]
export type Permission = (typeof permissions)[number]

/** The only name that a cluster resource has. */
export const CLUSTER_NAME = 'kafka-cluster'

/** Any name (of a literal pattern) and any host. */
export const WILDCARD = '*'

/** The principal of entries that are for everybody. */
export const EVERYBODY = 'User:*'

/** An access control entry and the pattern of resources that it is for. */
export interface AclBinding {
  readonly resourceType: ResourceType
  readonly patternType: PatternType
  /** A name, a prefix, or `*` as a literal for all names. */
  readonly resourceName: string
  /** `User:name`, or `User:*` for everybody. */
  readonly principal: string
  /** An IP address, or `*` for all. */
  readonly host: string
  readonly operation: Operation
  readonly permission: Permission
}

/** Two bindings with the same key are the same entry. */
export function bindingKey(binding: AclBinding): string {
  const { resourceType, patternType, resourceName, principal, host, operation, permission } = binding
  return JSON.stringify([resourceType, patternType, resourceName, principal, host, operation, permission])
}

/** A checked copy of an entry from a peer, a configuration or a log. Throws AUTH_ACL_INVALID naming the field. */
export function parseBinding(given: unknown): AclBinding {
  const fields = Object(given) as Record<string, unknown>
  const binding: AclBinding = {
    resourceType: oneOf(resourceTypes, fields, 'resourceType'),
    patternType: oneOf(patternTypes, fields, 'patternType'),
    resourceName: text(fields, 'resourceName'),
    principal: text(fields, 'principal'),
    host: text(fields, 'host'),
    operation: oneOf(operations, fields, 'operation'),
    permission: oneOf(permissions, fields, 'permission'),
  }
  if (!isPrincipalText(binding.principal))
    throw invalid('principal', binding.principal, 'it must be of the form User:name')
  if (binding.resourceType === 'cluster' && binding.resourceName !== CLUSTER_NAME)
    throw invalid('resourceName', binding.resourceName, `the only cluster resource is ${CLUSTER_NAME}`)
  return binding
}

function oneOf<const T extends string>(
  words: readonly T[],
  fields: Record<string, unknown>,
  field: keyof AclBinding,
): T {
  const word = words.find(one => one === fields[field])
  if (word === undefined) throw invalid(field, fields[field], `it must be one of ${words.join(', ')}`)
  return word
}

function text(fields: Record<string, unknown>, field: keyof AclBinding): string {
  const value = fields[field]
  if (typeof value === 'string' && value !== '' && value.length <= ACL_TEXT_LENGTH_MAX) return value
  throw invalid(field, value, `it must have 1 to ${ACL_TEXT_LENGTH_MAX} characters`)
}

function invalid(field: keyof AclBinding, value: unknown, allowed: string): AuthError {
  const shown = String(value).slice(0, 64)
  return new AuthError('AUTH_ACL_INVALID', `access control entry: ${field} is '${shown}': ${allowed}`, {
    field,
    value: shown,
  })
}
