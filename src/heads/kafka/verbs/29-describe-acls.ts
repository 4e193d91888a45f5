// DescribeAcls: the access control entries that a filter selects (KIP-140, KIP-290), gathered by resource pattern.

import type { AclBinding } from '../../../auth/index.ts'
import { filterOf, wirePattern, wireRule } from '../acls.ts'
import { demandOfCluster, succeeded } from '../outcome.ts'
import { verb } from '../verb.ts'
import { DescribeAcls } from '../wire/index.ts'

export const describeAcls = verb(DescribeAcls, {
  handle(request, call) {
    demandOfCluster(call, 'describe')
    const bindings = call.kafka.broker.access.authorizer.list(filterOf(request))
    return { ...succeeded, resources: gathered(bindings) }
  },
  refuse: (_request, errorCode, errorMessage) => ({ errorCode, errorMessage, resources: [] }),
})

function gathered(bindings: readonly AclBinding[]) {
  const byPattern = new Map<string, ReturnType<typeof resource>>()
  for (const binding of bindings) {
    const key = JSON.stringify(wirePattern(binding))
    const found = byPattern.get(key) ?? resource(binding)
    found.acls.push(wireRule(binding))
    byPattern.set(key, found)
  }
  return [...byPattern.values()]
}

function resource(binding: AclBinding) {
  return { ...wirePattern(binding), acls: [] as ReturnType<typeof wireRule>[] }
}
