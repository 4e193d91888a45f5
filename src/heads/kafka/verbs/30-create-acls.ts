// CreateAcls: adds access control entries (KIP-140, KIP-290). One that is there already stays, without an error.

import { ACLS_MAX, parseBinding } from '../../../auth/index.ts'
import { BrokerError } from '../../../broker/index.ts'
import { bindingOf, type WireAcl } from '../acls.ts'
import { demandOfCluster, outcomeOf } from '../outcome.ts'
import { type Call, verb } from '../verb.ts'
import { CreateAcls } from '../wire/index.ts'

export const createAcls = verb(CreateAcls, {
  async handle({ creations }, call) {
    demandOfCluster(call, 'alter')
    return { results: await Promise.all(creations.map(acl => outcomeOf(call, () => add(acl, call)))) }
  },
  refuse: ({ creations }, errorCode, errorMessage) => ({
    results: creations.map(() => ({ errorCode, errorMessage })),
  }),
})

/** Runs up to the change in memory without waiting, so the entries before it count. */
function add(acl: WireAcl, { kafka }: Call): Promise<void> {
  const { access } = kafka.broker
  const binding = parseBinding(bindingOf(acl))
  if (access.authorizer.count >= ACLS_MAX && !access.authorizer.has(binding))
    throw new BrokerError(
      'LIMIT_EXCEEDED',
      `there are ${ACLS_MAX} access control entries already; delete some`,
    )
  return access.addAcls([binding])
}
