// IncrementalAlterConfigs (KIP-339): sets or takes away single settings of a topic or of all brokers, and adds to or
// takes from lists; what is not named stays as it is.

import { afterSteps, changeEach, configTarget, refuseEach, replaceConfigs } from '../config-changes.ts'
import { verb } from '../verb.ts'
import { IncrementalAlterConfigs } from '../wire/index.ts'

export const incrementalAlterConfigs = verb(IncrementalAlterConfigs, {
  handle: async (request, call) => ({
    responses: await changeEach(request.resources, call, ({ resourceType, resourceName, configs }) => {
      const target = configTarget(resourceType, resourceName, call)
      return replaceConfigs(target, afterSteps(target, configs), request)
    }),
  }),
  refuse: ({ resources }, code, message) => ({ responses: refuseEach(resources, code, message) }),
})
