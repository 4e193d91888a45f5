// DeleteAcls: removes the access control entries that each filter selects, and names them (KIP-140, KIP-290).

import type { AclBinding, AclFilter } from '../../../auth/index.ts'
import { filterOf, type WireAclFilter, wirePattern, wireRule } from '../acls.ts'
import { demandOfCluster, failed, type Outcome, succeeded } from '../outcome.ts'
import { type Call, verb } from '../verb.ts'
import { DeleteAcls } from '../wire/index.ts'

export const deleteAcls = verb(DeleteAcls, {
  async handle({ filters }, call) {
    demandOfCluster(call, 'alter')
    const read = filters.map(filter => readFilter(filter, call))
    const valid = read.flatMap(one => ('filter' in one ? [one.filter] : []))
    const removed = (await call.kafka.broker.access.removeAcls(valid)).values()
    return {
      filterResults: read.map(one => ('filter' in one ? matched(removed.next().value ?? []) : one.refused)),
    }
  },
  refuse: ({ filters }, errorCode, errorMessage) => ({
    filterResults: filters.map(() => ({ errorCode, errorMessage, matchingAcls: [] })),
  }),
})

/** The filter, or the answer to one that means nothing. */
type Read = { readonly filter: AclFilter } | { readonly refused: Outcome & { readonly matchingAcls: [] } }

function readFilter(filter: WireAclFilter, call: Call): Read {
  try {
    return { filter: filterOf(filter) }
  } catch (error) {
    return { refused: { ...failed(call, error), matchingAcls: [] } }
  }
}

function matched(acls: readonly AclBinding[]) {
  return {
    ...succeeded,
    matchingAcls: acls.map(acl => ({ ...succeeded, ...wirePattern(acl), ...wireRule(acl) })),
  }
}
