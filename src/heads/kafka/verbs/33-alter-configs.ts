// AlterConfigs (KIP-133): a topic, or all brokers, have exactly the listed settings of their own afterwards. What is
// not listed falls back to its default, which is why clients should use IncrementalAlterConfigs.

import { changeEach, configTarget, listedValues, refuseEach, replaceConfigs } from '../config-changes.ts'
import { verb } from '../verb.ts'
import { AlterConfigs } from '../wire/index.ts'

export const alterConfigs = verb(AlterConfigs, {
  handle: async (request, call) => ({
    responses: await changeEach(request.resources, call, ({ resourceType, resourceName, configs }) => {
      const target = configTarget(resourceType, resourceName, call)
      return replaceConfigs(target, listedValues(target, configs), request)
    }),
  }),
  refuse: ({ resources }, code, message) => ({ responses: refuseEach(resources, code, message) }),
})
