// DescribeClientQuotas (KIP-546): the quotas of all users, client ids and addresses that meet a filter.

import { BrokerError, type QuotaEntity, type QuotaFilterPart, quotaKinds } from '../../../broker/index.ts'
import { KafkaRefusal } from '../errors.ts'
import { demandOfCluster, repeatedIn, succeeded } from '../outcome.ts'
import { verb } from '../verb.ts'
import type { RequestOf } from '../wire/api.ts'
import { DescribeClientQuotas } from '../wire/index.ts'

type Component = RequestOf<typeof DescribeClientQuotas>['components'][number]

const EXACT = 0
const DEFAULT = 1
const SPECIFIED = 2

export const describeClientQuotas = verb(DescribeClientQuotas, {
  handle({ components, strict }, call) {
    demandOfCluster(call, 'describe_configs')
    checkKinds(components.map(({ entityType }) => entityType))
    const found = [...call.kafka.broker.quotas.list(components.map(filterPart), strict)]
    const entries = found.map(({ entity, values }) => ({
      entity: wireEntity(entity),
      values: Object.entries(values).map(([key, value]) => ({ key, value })),
    }))
    return { ...succeeded, entries }
  },
  refuse: (_request, errorCode, errorMessage) => ({ errorCode, errorMessage, entries: null }),
})

function checkKinds(kinds: readonly string[]): void {
  if (kinds.includes('')) throw new BrokerError('REQUEST_INVALID', 'Invalid empty entity type.')
  const [repeated] = repeatedIn(kinds)
  if (repeated !== undefined)
    throw new BrokerError(
      'REQUEST_INVALID',
      `Entity type ${repeated} cannot appear more than once in the filter.`,
    )
  const unknown = kinds.find(kind => !quotaKinds.includes(kind))
  if (unknown !== undefined)
    throw new KafkaRefusal('UNSUPPORTED_VERSION', `Unsupported entity type ${unknown}`)
  if (kinds.includes('ip') && kinds.length > 1)
    throw new BrokerError('REQUEST_INVALID', 'A filter of an ip cannot also have a user or client-id.')
}

function filterPart({ entityType, matchType, match }: Component): QuotaFilterPart {
  if (matchType === EXACT && match !== null) return { kind: entityType, match: { at: 'name', name: match } }
  if (match !== null || matchType === EXACT)
    throw new BrokerError(
      'REQUEST_INVALID',
      `A name goes with an exact match of ${entityType}, and only there`,
    )
  if (matchType === DEFAULT) return { kind: entityType, match: { at: 'default' } }
  if (matchType === SPECIFIED) return { kind: entityType, match: { at: 'any' } }
  throw new BrokerError('REQUEST_INVALID', `Unknown match type ${matchType} for ${entityType}`)
}

function wireEntity(entity: QuotaEntity) {
  return [...entity].map(([entityType, entityName]) => ({ entityType, entityName }))
}
