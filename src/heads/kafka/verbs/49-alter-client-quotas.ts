// AlterClientQuotas (KIP-546): sets or takes away quotas of users, client ids and addresses. They are kept and shown;
// see gaps.ts for what is not done with them.

import { BrokerError, type QuotaAlteration } from '../../../broker/index.ts'
import { demandOfCluster, outcomeOf, repeatedIn } from '../outcome.ts'
import { type Call, verb } from '../verb.ts'
import type { RequestOf } from '../wire/api.ts'
import { AlterClientQuotas } from '../wire/index.ts'

type Entry = RequestOf<typeof AlterClientQuotas>['entries'][number]

export const alterClientQuotas = verb(AlterClientQuotas, {
  async handle({ entries, validateOnly }, call) {
    demandOfCluster(call, 'alter_configs')
    const rows = entries.map(async entry => ({
      ...(await outcomeOf(call, () => alter(entry, validateOnly, call))),
      entity: entry.entity,
    }))
    return { entries: await Promise.all(rows) }
  },
  refuse: ({ entries }, errorCode, errorMessage) => ({
    entries: entries.map(({ entity }) => ({ errorCode, errorMessage, entity })),
  }),
})

async function alter(entry: Entry, validateOnly: boolean, { kafka }: Call): Promise<void> {
  const alteration = alterationOf(entry)
  if (validateOnly) kafka.broker.quotas.check(alteration)
  else await kafka.broker.quotas.alter(alteration)
}

function alterationOf({ entity, ops }: Entry): QuotaAlteration {
  refuseRepeated(
    entity.map(({ entityType }) => entityType),
    'Invalid client quota entity, contains duplicate entity type',
  )
  refuseRepeated(
    ops.map(({ key }) => key),
    'Duplicate quota key',
  )
  return {
    entity: new Map(entity.map(({ entityType, entityName }) => [entityType, entityName])),
    values: Object.fromEntries(ops.map(({ key, value, remove }) => [key, remove ? null : value])),
  }
}

function refuseRepeated(names: readonly string[], problem: string): void {
  const [repeated] = repeatedIn(names)
  if (repeated !== undefined) throw new BrokerError('REQUEST_INVALID', `${problem}: ${repeated}`)
}
