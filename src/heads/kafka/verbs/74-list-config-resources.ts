// ListConfigResources (KIP-1142; version 0 is KIP-714's ListClientMetricsResources): what there is that has settings.

import { resourceTypes } from '../configs.ts'
import { KafkaRefusal, kafkaErrors } from '../errors.ts'
import { demandOfCluster } from '../outcome.ts'
import { type Call, verb } from '../verb.ts'
import { ListConfigResources } from '../wire/index.ts'

export const listConfigResources = verb(ListConfigResources, {
  handle({ resourceTypes: asked }, call) {
    demandOfCluster(call, 'describe_configs')
    const types = typesOf(asked, call)
    const configResources = types.flatMap(type =>
      namesOf(type, call).map(resourceName => ({ resourceName, resourceType: type })),
    )
    return { errorCode: kafkaErrors.NONE, configResources }
  },
  refuse: (_request, errorCode) => ({ errorCode, configResources: [] }),
})

/** None named means all; version 0 knows client metrics alone. */
function typesOf(asked: readonly number[], { version }: Call): readonly number[] {
  if (version === 0) return [resourceTypes.clientMetrics]
  const known: readonly number[] = Object.values(resourceTypes)
  if (asked.length === 0) return known
  const unknown = asked.find(type => !known.includes(type))
  if (unknown !== undefined)
    throw new KafkaRefusal('UNSUPPORTED_VERSION', `Unsupported config resource type ${unknown}`)
  return [...new Set(asked)]
}

function namesOf(type: number, { kafka }: Call): string[] {
  if (type === resourceTypes.topic) return kafka.broker.topics.list().map(({ name }) => name)
  if (type === resourceTypes.broker || type === resourceTypes.brokerLogger)
    return kafka.cluster.nodeIds.map(String)
  if (type === resourceTypes.group) return [...kafka.broker.groupSettings.groups()]
  return [] // clients are asked for no metrics
}
