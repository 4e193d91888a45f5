// Which entries a list or delete request means (KIP-290). `any` and a missing text match everything; the pattern type
// `match` finds all entries that have a say over a resource of that name: by name, by prefix or by wildcard.

import {
  type AclBinding,
  type Operation,
  type PatternType,
  type Permission,
  type ResourceType,
  WILDCARD,
} from './binding.ts'

/** A selection of entries; null is no condition. */
export interface AclFilter {
  readonly resourceType: ResourceType | 'any'
  readonly patternType: PatternType | 'any' | 'match'
  readonly resourceName: string | null
  readonly principal: string | null
  readonly host: string | null
  readonly operation: Operation | 'any'
  readonly permission: Permission | 'any'
}

/** The filter that selects every entry. */
export const everyAcl: AclFilter = {
  resourceType: 'any',
  patternType: 'any',
  resourceName: null,
  principal: null,
  host: null,
  operation: 'any',
  permission: 'any',
}

/** Whether the filter selects the entry. `all` is an operation like others here: it selects entries for `all` only. */
export function filterMatches(filter: AclFilter, binding: AclBinding): boolean {
  return (
    isWord(filter.resourceType, binding.resourceType) &&
    isWord(filter.operation, binding.operation) &&
    isWord(filter.permission, binding.permission) &&
    isText(filter.principal, binding.principal) &&
    isText(filter.host, binding.host) &&
    patternMatches(filter, binding)
  )
}

function patternMatches({ patternType, resourceName }: AclFilter, binding: AclBinding): boolean {
  if (patternType !== 'match') {
    return isWord(patternType, binding.patternType) && isText(resourceName, binding.resourceName)
  }
  if (resourceName === null) return true
  return binding.patternType === 'prefixed'
    ? resourceName.startsWith(binding.resourceName)
    : binding.resourceName === resourceName || binding.resourceName === WILDCARD
}

function isWord(wanted: string, actual: string): boolean {
  return wanted === 'any' || wanted === actual
}

function isText(wanted: string | null, actual: string): boolean {
  return wanted === null || wanted === actual
}
