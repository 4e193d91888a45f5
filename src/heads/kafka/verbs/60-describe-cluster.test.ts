// What tools ask of the cluster as a whole: its brokers, its quorum, its replicas and leaders, and pages of topics.

import { describe, expect, it } from 'vitest'
import { type KafkaErrorName, kafkaErrors } from '../errors.ts'
import {
  AlterPartitionReassignments,
  DescribeCluster,
  DescribeQuorum,
  DescribeTopicPartitions,
  ElectLeaders,
  ListPartitionReassignments,
} from '../wire/index.ts'
import { Scene } from './asking.contract.ts'

async function withTopics(brokers = 1): Promise<Scene> {
  const scene = await Scene.open({ brokers })
  for (const [name, partitions] of [
    ['b', 3],
    ['a', 2],
    ['c', 1],
  ] as const)
    await scene.broker.topics.create({ name, partitions, replication: brokers })
  return scene
}

describe('DescribeCluster (KIP-700)', () => {
  it('gives the brokers as the client’s listener reaches them', async () => {
    const scene = await Scene.open({ brokers: 2 })
    const answer = await scene.ask(DescribeCluster, { includeClusterAuthorizedOperations: true })
    expect(answer).toMatchObject({
      errorCode: 0,
      endpointType: 1,
      clusterId: scene.kafka.cluster.id,
      controllerId: 0,
      brokers: [
        { brokerId: 0, host: 'here', port: 9092, rack: null, isFenced: false },
        { brokerId: 1, host: 'here', port: 9093 },
      ],
    })
    expect(answer.clusterAuthorizedOperations & (1 << 7)).not.toBe(0)
  })

  it.each([
    [2, 'MISMATCHED_ENDPOINT_TYPE'],
    [9, 'UNSUPPORTED_ENDPOINT_TYPE'],
  ] as const)('refuses endpoints of type %i (KIP-919)', async (endpointType, error) => {
    const scene = await Scene.open()
    const answer = await scene.ask(DescribeCluster, {
      includeClusterAuthorizedOperations: false,
      endpointType,
    })
    expect(answer).toMatchObject({ errorCode: kafkaErrors[error], brokers: [] })
  })
})

describe('DescribeQuorum', () => {
  it('has one voter, which leads', async () => {
    const scene = await withTopics()
    const topics = [{ topicName: '__cluster_metadata', partitions: [{ partitionIndex: 0 }] }]
    const answer = await scene.ask(DescribeQuorum, { topics })
    const [partition] = answer.topics[0]?.partitions ?? []
    expect(partition).toMatchObject({
      errorCode: 0,
      leaderId: 0,
      currentVoters: [{ replicaId: 0 }],
      observers: [],
    })
    expect(partition?.highWatermark).toBeGreaterThan(0)
    expect(answer.nodes).toMatchObject([
      { nodeId: 0, listeners: [{ name: 'KAFKA', host: 'here', port: 9092 }] },
    ])
  })

  it('knows no other log', async () => {
    const topics = [{ topicName: 'a', partitions: [{ partitionIndex: 0 }] }]
    const answer = await (await withTopics()).ask(DescribeQuorum, { topics })
    expect(answer.topics[0]?.partitions).toMatchObject([
      { errorCode: kafkaErrors.UNKNOWN_TOPIC_OR_PARTITION },
    ])
  })
})

describe('ElectLeaders', () => {
  it('has nothing to elect', async () => {
    const topicPartitions = [
      { topic: 'a', partitions: [0, 9] },
      { topic: 'nope', partitions: [0] },
    ]
    const answer = await (await withTopics()).ask(ElectLeaders, { electionType: 0, topicPartitions })
    expect(answer.errorCode).toBe(0)
    const codes = answer.replicaElectionResults.map(one => one.partitionResult.map(row => row.errorCode))
    expect(codes).toEqual([
      [kafkaErrors.ELECTION_NOT_NEEDED, kafkaErrors.UNKNOWN_TOPIC_OR_PARTITION],
      [kafkaErrors.UNKNOWN_TOPIC_OR_PARTITION],
    ])
  })

  it('lists no partition when all are asked for, and refuses elections of other kinds', async () => {
    const scene = await withTopics()
    expect(await scene.ask(ElectLeaders, { electionType: 1, topicPartitions: null })).toMatchObject({
      errorCode: 0,
      replicaElectionResults: [],
    })
    expect(await scene.ask(ElectLeaders, { electionType: 7, topicPartitions: null })).toMatchObject({
      errorCode: kafkaErrors.INVALID_REQUEST,
    })
  })
})

describe('AlterPartitionReassignments', () => {
  const cases: readonly [
    what: string,
    name: string,
    index: number,
    replicas: number[] | null,
    error: KafkaErrorName,
  ][] = [
    ['takes the brokers that have it already', 'a', 0, [1, 0], 'NONE'],
    ['takes fewer', 'a', 0, [0], 'NONE'],
    ['refuses a broker twice', 'a', 0, [0, 0], 'INVALID_REPLICA_ASSIGNMENT'],
    ['refuses a broker that is not there', 'a', 0, [0, 5], 'INVALID_REPLICA_ASSIGNMENT'],
    ['has nothing to cancel', 'a', 0, null, 'NO_REASSIGNMENT_IN_PROGRESS'],
    ['does not know the topic', 'nope', 0, [0], 'UNKNOWN_TOPIC_OR_PARTITION'],
    ['does not know the partition', 'a', 9, [0], 'UNKNOWN_TOPIC_OR_PARTITION'],
  ]
  it.each(cases)('%s', async (_what, name, partitionIndex, replicas, error) => {
    const scene = await withTopics(2)
    const topics = [{ name, partitions: [{ partitionIndex, replicas }] }]
    const { errorCode, responses } = await scene.ask(AlterPartitionReassignments, { topics })
    expect(errorCode).toBe(0)
    expect(responses[0]?.partitions).toMatchObject([{ partitionIndex, errorCode: kafkaErrors[error] }])
    expect(await scene.ask(ListPartitionReassignments, {})).toMatchObject({ errorCode: 0, topics: [] })
  })
})

describe('DescribeTopicPartitions (KIP-966)', () => {
  it('gives every partition once, page by page, in the order of the names', async () => {
    const scene = await withTopics()
    const seen: string[] = []
    let cursor: { topicName: string; partitionIndex: number } | null = null
    let pages = 0
    do {
      const answer: Awaited<ReturnType<typeof page>> = await page(scene, 2, cursor)
      for (const topic of answer.topics)
        for (const { partitionIndex } of topic.partitions) seen.push(`${topic.name}${partitionIndex}`)
      cursor = answer.nextCursor
      pages++
    } while (cursor !== null)
    expect(seen).toEqual(['a0', 'a1', 'b0', 'b1', 'b2', 'c0'])
    expect(pages).toBe(3)
  })

  it('has no next page when the last one is just full', async () => {
    expect(await page(await withTopics(), 6, null)).toMatchObject({ nextCursor: null })
  })

  it.each([0, -5])('gives at least one partition with a limit of %i', async limit => {
    const answer = await page(await withTopics(), limit, null)
    expect(answer).toMatchObject({ nextCursor: { topicName: 'a', partitionIndex: 1 } })
  })

  it('answers for topics that are not there', async () => {
    const request = { topics: [{ name: 'nope' }, { name: 'a' }], cursor: null }
    const { topics } = await (await withTopics(2)).ask(DescribeTopicPartitions, request)
    expect(topics).toMatchObject([
      { name: 'a', errorCode: 0, partitions: [{ replicaNodes: expect.any(Array), offlineReplicas: [] }, {}] },
      { name: 'nope', errorCode: kafkaErrors.UNKNOWN_TOPIC_OR_PARTITION, partitions: [] },
    ])
    expect(topics[0]?.partitions[0]?.isrNodes).toHaveLength(2)
  })
})

function page(
  scene: Scene,
  responsePartitionLimit: number,
  cursor: { topicName: string; partitionIndex: number } | null,
) {
  return scene.ask(DescribeTopicPartitions, { topics: [], responsePartitionLimit, cursor })
}

const nothing = { includeClusterAuthorizedOperations: false }

describe('what is not there', () => {
  it('is answered by the endpoint that there is', async () => {
    const scene = await Scene.open()
    expect(await scene.ask(DescribeCluster, { ...nothing, endpointType: 2 })).toMatchObject({
      errorCode: kafkaErrors.MISMATCHED_ENDPOINT_TYPE,
      endpointType: 1,
    })
  })

  it.each([
    ['nope', 'UNKNOWN_TOPIC_OR_PARTITION'],
    ['a b', 'INVALID_TOPIC_EXCEPTION'],
  ] as const)('is described with what the client might do: %s', async (name, error) => {
    const scene = await Scene.open()
    const { topics } = await scene.ask(DescribeTopicPartitions, { topics: [{ name }], cursor: null })
    expect(topics).toMatchObject([{ errorCode: kafkaErrors[error], topicAuthorizedOperations: 3576 }])
  })
})
