// An administrator with kafkajs, over a socket: each call of its admin client that these verbs answer.

import kafkajs, {
  AclOperationTypes,
  AclPermissionTypes,
  AclResourceTypes,
  type Admin,
  ConfigResourceTypes,
  logLevel,
  ResourcePatternTypes,
} from 'kafkajs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Broker } from '../../broker/index.ts'
import { openMemoryStore } from '../../log/index.ts'
import { silent, systemWorld } from '../../world/index.ts'
import { Kafka } from './index.ts'

const TOPIC = 'orders'

let broker: Broker
let head: Kafka
let client: kafkajs.Kafka
let admin: Admin

beforeEach(async () => {
  broker = await Broker.open({ store: openMemoryStore(), world: systemWorld })
  head = await Kafka.open({
    broker,
    world: systemWorld,
    report: silent,
    brokers: 2,
    listeners: [{ port: 0 }],
  })
  client = new kafkajs.Kafka({ brokers: head.addresses(), logLevel: logLevel.NOTHING, retry: { retries: 0 } })
  admin = client.admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic: TOPIC, numPartitions: 2, replicationFactor: 2 }] })
})

afterEach(async () => {
  await admin.disconnect()
  await head.close()
  await broker.close()
})

async function setting(name: string) {
  const resource = { type: ConfigResourceTypes.TOPIC, name: TOPIC, configNames: [name] }
  const { resources } = await admin.describeConfigs({ resources: [resource], includeSynonyms: true })
  return resources[0]?.configEntries.map(({ configName, configValue }) => `${configName}=${configValue}`)
}

describe('kafkajs as an administrator', () => {
  it('makes, lists and deletes topics', async () => {
    expect(await admin.createTopics({ topics: [{ topic: 'other' }] })).toBe(true)
    expect(await admin.createTopics({ topics: [{ topic: 'other' }] })).toBe(false)
    expect((await admin.listTopics()).sort()).toEqual([TOPIC, 'other'])
    await admin.deleteTopics({ topics: ['other'] })
    expect(await admin.listTopics()).toEqual([TOPIC])
    await expect(admin.deleteTopics({ topics: ['other'] })).rejects.toMatchObject({
      cause: { type: 'UNKNOWN_TOPIC_OR_PARTITION' },
    })
  })

  it('gives a topic more partitions', async () => {
    await admin.createPartitions({ topicPartitions: [{ topic: TOPIC, count: 5 }] })
    const { topics } = await admin.fetchTopicMetadata({ topics: [TOPIC] })
    expect(topics[0]?.partitions).toHaveLength(5)
    expect(topics[0]?.partitions[0]?.replicas.sort()).toEqual([0, 1])
  })

  it('changes settings and sees them', async () => {
    await admin.alterConfigs({
      validateOnly: false,
      resources: [
        {
          type: ConfigResourceTypes.TOPIC,
          name: TOPIC,
          configEntries: [{ name: 'retention.ms', value: '4242' }],
        },
      ],
    })
    expect(await setting('retention.ms')).toEqual(['retention.ms=4242'])
    expect(broker.topics.require(TOPIC).settings.retentionMs).toBe(4242)
  })

  it('deletes records below an offset', async () => {
    const producer = client.producer()
    await producer.connect()
    const messages = ['a', 'b', 'c'].map(value => ({ value, partition: 1 }))
    await producer.send({ topic: TOPIC, messages })
    await producer.disconnect()
    await admin.fetchTopicOffsets(TOPIC) // kafkajs must know the leader before it deletes
    await admin.deleteTopicRecords({ topic: TOPIC, partitions: [{ partition: 1, offset: '2' }] })
    const offsets = await admin.fetchTopicOffsets(TOPIC)
    expect(offsets.find(({ partition }) => partition === 1)).toMatchObject({ low: '2', high: '3' })
  })

  it('writes, finds and removes access control entries', async () => {
    const acl = {
      resourceType: AclResourceTypes.TOPIC,
      resourceName: 'ord',
      resourcePatternType: ResourcePatternTypes.PREFIXED,
      principal: 'User:ann',
      host: '*',
      operation: AclOperationTypes.READ,
      permissionType: AclPermissionTypes.ALLOW,
    }
    const filter = { ...acl, resourceName: TOPIC, resourcePatternType: ResourcePatternTypes.MATCH }
    await admin.createAcls({ acl: [acl] })
    const { resources } = await admin.describeAcls(filter)
    expect(resources).toMatchObject([{ resourceName: 'ord', acls: [{ principal: 'User:ann' }] }])
    const { filterResponses } = await admin.deleteAcls({ filters: [filter] })
    expect(filterResponses[0]?.matchingAcls).toHaveLength(1)
    expect(broker.access.authorizer.count).toBe(0)
  })

  it('describes the cluster and reassigns nothing', async () => {
    const cluster = await admin.describeCluster()
    expect(cluster).toMatchObject({ clusterId: head.cluster.id, controller: 0 })
    expect(cluster.brokers.map(({ nodeId }) => nodeId)).toEqual([0, 1])
    expect(await admin.listPartitionReassignments({})).toMatchObject({ topics: [] })
  })
})
