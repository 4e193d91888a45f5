// Where partitions are, when a client says it: the virtual brokers lead and refuse as they are told, also after a restart.

import { afterEach, describe, expect, it } from 'vitest'
import { openMemoryStore } from '../../log/index.ts'
import { buildBatch } from '../../log/record/builder.ts'
import { kafkaErrors } from './errors.ts'
import { Scene } from './verbs/asking.contract.ts'
import {
  AlterConfigs,
  AlterPartitionReassignments,
  CreatePartitions,
  CreateTopics,
  Metadata,
  Produce,
} from './wire/index.ts'

const store = openMemoryStore()
let scene: Scene

afterEach(async () => {
  await scene.close()
})

/** A topic with a partition for each list, made out of order. */
async function withTopic(...lists: readonly number[][]): Promise<void> {
  scene = await Scene.open({ brokers: 3, store: openMemoryStore() })
  await create('t', lists)
}

async function create(name: string, lists: readonly number[][]): Promise<void> {
  const assignments = lists.map((brokerIds, partitionIndex) => ({ partitionIndex, brokerIds })).reverse()
  const topic = { name, numPartitions: -1, replicationFactor: -1, assignments, configs: [] }
  expect((await scene.ask(CreateTopics, { topics: [topic] })).topics[0]?.errorCode).toBe(0)
}

/** Replicas of each partition as metadata has them; the leader must be the first, and all of them in sync. */
async function shown(name = 't'): Promise<(readonly number[])[]> {
  const { topics } = await scene.ask(Metadata, { topics: [{ name }] })
  const partitions = [...(topics[0]?.partitions ?? [])].sort((a, b) => a.partitionIndex - b.partitionIndex)
  for (const { leaderId, replicaNodes, isrNodes } of partitions) {
    expect(leaderId).toBe(replicaNodes[0])
    expect(isrNodes).toEqual(replicaNodes)
  }
  return partitions.map(({ replicaNodes }) => replicaNodes)
}

async function produce(nodeId: number, index: number): Promise<number | undefined> {
  const { buffer } = buildBatch([{ timestamp: 0, value: Buffer.from('x') }])
  const topicData = [{ name: 't', partitionData: [{ index, records: [buffer] }] }]
  const { responses } = await scene.ask(
    Produce,
    { acks: 1, timeoutMs: 1, topicData },
    { nodeId, version: 12 },
  )
  return responses[0]?.partitionResponses[0]?.errorCode
}

async function reassign(
  moves: Readonly<Record<number, number[]>>,
  allowReplicationFactorChange = true,
): Promise<number[] | undefined> {
  const partitions = Object.entries(moves).map(([at, replicas]) => ({ partitionIndex: Number(at), replicas }))
  const topics = [{ name: 't', partitions }]
  const answer = await scene.ask(AlterPartitionReassignments, { topics, allowReplicationFactorChange })
  return answer.responses[0]?.partitions.map(({ errorCode }) => errorCode)
}

describe('replicas that a client names', () => {
  it('are where a new topic is', async () => {
    await withTopic([2, 0], [1, 2])
    expect(await shown()).toEqual([
      [2, 0],
      [1, 2],
    ])
    expect([await produce(2, 0), await produce(1, 1)]).toEqual([0, 0])
    expect([await produce(0, 0), await produce(2, 1)]).toEqual([6, 6])
    expect(kafkaErrors.NOT_LEADER_OR_FOLLOWER).toBe(6)
  })

  it('are where partitions are that it is given later; others go by the rule', async () => {
    await withTopic([2, 0])
    const growth = (count: number, lists: readonly number[][] | null) => ({
      topics: [{ name: 't', count, assignments: lists?.map(brokerIds => ({ brokerIds })) ?? null }],
      timeoutMs: 1,
      validateOnly: false,
    })
    await scene.ask(
      CreatePartitions,
      growth(3, [
        [1, 0],
        [0, 1],
      ]),
    )
    await scene.ask(CreatePartitions, growth(4, null))
    const [, , , last = []] = await shown()
    expect(await shown()).toEqual([
      [2, 0],
      [1, 0],
      [0, 1],
      [last[0], ((last[0] ?? 0) + 1) % 3],
    ])
  })

  it('are moved at once, one by one, and as many as wanted', async () => {
    await withTopic([2, 0], [1, 2])
    expect(await reassign({ 0: [1, 2, 0], 1: [7], 5: [0] })).toEqual([
      0,
      kafkaErrors.INVALID_REPLICA_ASSIGNMENT,
      kafkaErrors.UNKNOWN_TOPIC_OR_PARTITION,
    ])
    expect(await shown()).toEqual([
      [1, 2, 0],
      [1, 2],
    ])
    expect([await produce(2, 0), await produce(1, 0)]).toEqual([6, 0])
  })

  it('stay as many where it is not allowed to change that', async () => {
    await withTopic([2, 0])
    expect(await reassign({ 0: [1] }, false)).toEqual([kafkaErrors.INVALID_REPLICATION_FACTOR])
    expect(await reassign({ 0: [1, 0] }, false)).toEqual([0])
    expect(await shown()).toEqual([[1, 0]])
  })

  it('survive a restart; where there are fewer brokers then, those that name others go by the rule', async () => {
    scene = await Scene.open({ brokers: 3, store })
    await create('t', [
      [1, 0],
      [2, 1],
    ])
    await reassign({ 0: [0, 1] })
    await scene.close()
    scene = await Scene.open({ brokers: 2, store: openMemoryStore({ from: store }) })
    const [first, second = []] = await shown()
    expect(first).toEqual([0, 1])
    expect([...second].sort()).toEqual([0, 1])
  })
})

it('a topic that is kept in memory only is not in the metadata log after it was changed', async () => {
  const kept = openMemoryStore()
  scene = await Scene.open({ store: kept })
  await scene.broker.topics.create({ name: 'fleeting', partitions: 1, isTransient: true })
  const configs = [{ name: 'retention.ms', value: '7' }]
  const resources = [{ resourceType: 2, resourceName: 'fleeting', configs }]
  await scene.ask(AlterConfigs, { resources, validateOnly: false })
  expect(scene.broker.topics.require('fleeting').settings.retentionMs).toBe(7)
  await scene.close()
  scene = await Scene.open({ store: openMemoryStore({ from: kept }) })
  expect(scene.broker.topics.get('fleeting')).toBeUndefined()
})
