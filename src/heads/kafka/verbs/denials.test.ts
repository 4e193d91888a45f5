// Every administrative request from a client that may do nothing: it is refused where its answer has room for that,
// and nothing changes.

import { describe, expect, it } from 'vitest'
import type { Fields } from '../../../bytes/index.ts'
import type { Api, RequestInput } from '../wire/api.ts'
import * as wire from '../wire/index.ts'
import { type Asking, Scene } from './asking.contract.ts'

const CLUSTER = 31
const TOPIC = 29
const GROUP = 30

type Case = readonly [what: string, code: number, ask: (scene: Scene) => Promise<unknown>]

function of<Request extends Fields, Response extends Fields>(
  api: Api<Request, Response>,
  request: RequestInput<Api<Request, Response>>,
  code: number,
  asking: Asking = {},
): Case {
  return [api.name, code, scene => scene.ask(api, request, { ...asking, as: 'nobody' })]
}

const topicRow = { numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }
const acl = {
  resourceType: 2,
  resourceName: 'x',
  principal: 'User:nobody',
  host: '*',
  operation: 2,
  permissionType: 3,
}
const filter = {
  resourceTypeFilter: 1,
  resourceNameFilter: null,
  patternTypeFilter: 1,
  principalFilter: null,
  hostFilter: null,
  operation: 1,
  permissionType: 1,
}
const resource = (resourceType: number, resourceName: string) => ({ resourceType, resourceName, configs: [] })
const asked = (resourceType: number, resourceName: string) => ({
  resources: [{ resourceType, resourceName, configurationKeys: null }],
})
const partition = { partitionIndex: 0, offset: 0 }
const quota = {
  entity: [{ entityType: 'user', entityName: 'nobody' }],
  ops: [{ key: 'producer_byte_rate', value: 1, remove: false }],
}

const cases: readonly Case[] = [
  of(wire.CreateTopics, { topics: [{ name: 'new', ...topicRow }] }, TOPIC),
  of(wire.DeleteTopics, { topics: [{ name: 't' }], topicNames: [], timeoutMs: 1 }, TOPIC),
  of(wire.DeleteRecords, { topics: [{ name: 't', partitions: [partition] }], timeoutMs: 1 }, TOPIC),
  of(
    wire.OffsetForLeaderEpoch,
    { topics: [{ topic: 't', partitions: [{ partition: 0, leaderEpoch: 0 }] }] },
    TOPIC,
  ),
  of(wire.DescribeAcls, filter, CLUSTER),
  of(wire.CreateAcls, { creations: [acl] }, CLUSTER),
  of(wire.DeleteAcls, { filters: [filter] }, CLUSTER),
  of(wire.DescribeConfigs, asked(2, 't'), TOPIC),
  of(wire.DescribeConfigs, asked(4, '0'), CLUSTER),
  of(wire.DescribeConfigs, asked(8, '0'), CLUSTER),
  of(wire.DescribeConfigs, asked(16, 'm'), CLUSTER),
  of(wire.DescribeConfigs, asked(32, 'g'), GROUP),
  of(wire.AlterConfigs, { resources: [resource(2, 't')], validateOnly: false }, TOPIC),
  of(wire.AlterConfigs, { resources: [resource(4, '')], validateOnly: false }, CLUSTER),
  of(
    wire.AlterReplicaLogDirs,
    { dirs: [{ path: 'memory', topics: [{ name: 't', partitions: [0] }] }] },
    CLUSTER,
  ),
  of(wire.DescribeLogDirs, { topics: null }, CLUSTER),
  of(
    wire.CreatePartitions,
    { topics: [{ name: 't', count: 3, assignments: null }], timeoutMs: 1, validateOnly: false },
    TOPIC,
  ),
  of(wire.ElectLeaders, { electionType: 0, topicPartitions: [{ topic: 't', partitions: [0] }] }, CLUSTER),
  of(wire.IncrementalAlterConfigs, { resources: [resource(2, 't')], validateOnly: false }, TOPIC),
  of(wire.IncrementalAlterConfigs, { resources: [resource(4, '')], validateOnly: false }, CLUSTER),
  of(wire.AlterPartitionReassignments, { topics: [] }, CLUSTER),
  of(wire.ListPartitionReassignments, { topics: null }, CLUSTER),
  of(wire.DescribeClientQuotas, { components: [], strict: false }, CLUSTER),
  of(wire.AlterClientQuotas, { entries: [quota], validateOnly: false }, CLUSTER),
  of(wire.DescribeUserScramCredentials, { users: null }, CLUSTER),
  of(wire.AlterUserScramCredentials, { deletions: [{ name: 'ann', mechanism: 1 }], upsertions: [] }, CLUSTER),
  of(wire.DescribeQuorum, { topics: [] }, CLUSTER),
  of(wire.UpdateFeatures, { featureUpdates: [] }, CLUSTER),
  of(wire.ListConfigResources, { resourceTypes: [] }, CLUSTER),
  of(wire.DescribeTopicPartitions, { topics: [{ name: 't' }], cursor: null }, TOPIC),
]

describe('a client without rights', () => {
  it.each(cases)('is refused %s with %i', async (_what, code, ask) => {
    const scene = await Scene.open({ access: { allowIfNone: false, superUsers: ['User:root'] } })
    await scene.broker.topics.create({ name: 't', partitions: 1 })
    expect(codesIn(await ask(scene))).toContain(code)
    const { access, quotas, topics } = scene.broker
    expect(topics.list().map(({ name, partitions }) => [name, partitions.length])).toEqual([['t', 1]])
    expect([access.authorizer.count, [...quotas.list([], false)]]).toEqual([0, []])
  })

  it('is told of no topic when it asks for all, and of no rights in the cluster', async () => {
    const scene = await Scene.open({ access: { allowIfNone: false } })
    await scene.broker.topics.create({ name: 't', partitions: 1 })
    const all = await scene.ask(wire.DescribeTopicPartitions, { topics: [], cursor: null })
    expect(all).toMatchObject({ topics: [], nextCursor: null })
    const cluster = await scene.ask(wire.DescribeCluster, { includeClusterAuthorizedOperations: true })
    expect(cluster).toMatchObject({ errorCode: 0, clusterAuthorizedOperations: 0 })
  })
})

/** Every error code in an answer, however deep. */
function codesIn(value: unknown): number[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, inner]) =>
    name === 'errorCode' && inner !== 0 ? [Number(inner)] : codesIn(inner),
  )
}
