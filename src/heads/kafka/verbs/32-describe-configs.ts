// DescribeConfigs (KIP-133): every setting of a topic, broker or group with its value, where that comes from (KIP-226)
// and what it means (KIP-569). A request may name the settings that it wants.

import { BrokerError } from '../../../broker/index.ts'
import {
  brokerEntries,
  type ConfigEntry,
  changedBrokerEntries,
  groupEntries,
  resourceTypes,
  topicEntries,
} from '../configs.ts'
import { demand, demandOfCluster, failed, succeeded } from '../outcome.ts'
import { checkNode, topicNamed } from '../place.ts'
import { type Call, verb } from '../verb.ts'
import type { RequestOf } from '../wire/api.ts'
import { DescribeConfigs } from '../wire/index.ts'

type Request = RequestOf<typeof DescribeConfigs>
type Resource = Request['resources'][number]

export const describeConfigs = verb(DescribeConfigs, {
  handle: (request, call) => ({
    results: request.resources.map(resource => describe(resource, request, call)),
  }),
  refuse: ({ resources }, errorCode, errorMessage) => ({
    results: resources.map(({ resourceType, resourceName }) => ({
      errorCode,
      errorMessage,
      resourceType,
      resourceName,
      configs: [],
    })),
  }),
})

function describe(resource: Resource, request: Request, call: Call) {
  const { resourceType, resourceName, configurationKeys } = resource
  try {
    const entries = entriesOf(resource, call)
    const wanted = new Set(configurationKeys ?? [])
    const configs = wanted.size === 0 ? entries : entries.filter(({ name }) => wanted.has(name))
    return {
      ...succeeded,
      resourceType,
      resourceName,
      configs: configs.map(entry => withDetails(entry, request)),
    }
  } catch (error) {
    return { ...failed(call, error), resourceType, resourceName, configs: [] }
  }
}

function entriesOf({ resourceType, resourceName }: Resource, call: Call): ConfigEntry[] {
  const { broker } = call.kafka
  switch (resourceType) {
    case resourceTypes.topic:
      demand(call, 'describe_configs', 'topic', resourceName)
      return topicEntries(topicNamed(resourceName, call).definition.configs, broker.settings)
    case resourceTypes.broker:
      demandOfCluster(call, 'describe_configs')
      if (resourceName === '') return changedBrokerEntries(broker.settings)
      checkNode(resourceName, call)
      return brokerEntries(call)
    case resourceTypes.brokerLogger:
      demandOfCluster(call, 'describe_configs')
      checkNode(resourceName, call)
      return [] // no loggers that could be set
    case resourceTypes.group:
      demand(call, 'describe_configs', 'group', resourceName)
      checkNamed(resourceName, 'Group name')
      return groupEntries(resourceName, broker.groupSettings, broker.settings)
    case resourceTypes.clientMetrics:
      demandOfCluster(call, 'describe_configs')
      checkNamed(resourceName, 'Client metrics subscription name')
      return [] // clients are asked for no metrics
    default:
      throw new BrokerError('REQUEST_INVALID', `Unknown resource type ${resourceType}`)
  }
}

function checkNamed(name: string, what: string): void {
  if (name === '') throw new BrokerError('REQUEST_INVALID', `${what} must not be empty`)
}

function withDetails(entry: ConfigEntry, { includeSynonyms, includeDocumentation }: Request) {
  return {
    ...entry,
    synonyms: includeSynonyms ? entry.synonyms : [],
    documentation: includeDocumentation ? entry.documentation : null,
  }
}
