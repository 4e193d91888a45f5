// DeleteAcls: removes the access control entries that each filter selects, and names them (KIP-140, KIP-290).

import { filterOf, type WireAclFilter, wirePattern, wireRule } from '../acls.ts'
import { demandOfCluster, failed, succeeded } from '../outcome.ts'
import { type Call, verb } from '../verb.ts'
import { DeleteAcls } from '../wire/index.ts'

export const deleteAcls = verb(DeleteAcls, {
  async handle({ filters }, call) {
    demandOfCluster(call, 'alter')
    return { filterResults: await Promise.all(filters.map(filter => remove(filter, call))) }
  },
  refuse: ({ filters }, errorCode, errorMessage) => ({
    filterResults: filters.map(() => ({ errorCode, errorMessage, matchingAcls: [] })),
  }),
})

async function remove(filter: WireAclFilter, call: Call) {
  try {
    const removed = await call.kafka.broker.access.removeAcls(filterOf(filter))
    const matchingAcls = removed.map(acl => ({ ...succeeded, ...wirePattern(acl), ...wireRule(acl) }))
    return { ...succeeded, matchingAcls }
  } catch (error) {
    return { ...failed(call, error), matchingAcls: [] }
  }
}
