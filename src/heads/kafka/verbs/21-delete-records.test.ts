// DeleteRecords and OffsetForLeaderEpoch: offsets at the two ends of a partition.

import { describe, expect, it } from 'vitest'
import { buildBatch } from '../../../log/record/builder.ts'
import { type KafkaErrorName, kafkaErrors } from '../errors.ts'
import { DeleteRecords, DescribeLogDirs, OffsetForLeaderEpoch } from '../wire/index.ts'
import { Scene } from './asking.contract.ts'

const RECORDS = 5

async function withRecords(policy = 'delete', brokers = 1): Promise<Scene> {
  const scene = await Scene.open({ brokers })
  const topic = await scene.broker.topics.create({
    name: 't',
    partitions: 1,
    configs: { 'cleanup.policy': policy },
  })
  for (let at = 0; at < RECORDS; at++) await topic.partitions[0]?.append(batch(at, scene))
  return scene
}

function batch(at: number, scene: Scene) {
  const timestamp = scene.broker.world.now()
  return buildBatch([{ timestamp, key: Buffer.from(`${at}`), value: Buffer.from('v'), headers: [] }])
}

describe('DeleteRecords', () => {
  const cases: readonly [what: string, offset: number, low: number, error: KafkaErrorName][] = [
    ['cuts below an offset', 3, 3, 'NONE'],
    ['cuts everything at -1', -1, RECORDS, 'NONE'],
    ['cuts everything at the high watermark', RECORDS, RECORDS, 'NONE'],
    ['cuts nothing at the start', 0, 0, 'NONE'],
    ['refuses what is beyond the high watermark', RECORDS + 1, -1, 'OFFSET_OUT_OF_RANGE'],
    ['refuses other negative offsets', -2, -1, 'OFFSET_OUT_OF_RANGE'],
  ]
  it.each(cases)('%s', async (_what, offset, lowWatermark, error) => {
    const scene = await withRecords()
    const { topics } = await scene.ask(DeleteRecords, {
      topics: [{ name: 't', partitions: [{ partitionIndex: 0, offset }] }],
      timeoutMs: 1,
    })
    expect(topics[0]?.partitions).toMatchObject([{ lowWatermark, errorCode: kafkaErrors[error] }])
    expect(scene.broker.topics.partition('t', 0)?.start).toBe(Math.max(lowWatermark, 0))
  })

  it('refuses a topic that only compacts', async () => {
    const scene = await withRecords('compact')
    const request = { topics: [{ name: 't', partitions: [{ partitionIndex: 0, offset: 1 }] }], timeoutMs: 1 }
    const { topics } = await scene.ask(DeleteRecords, request)
    expect(topics[0]?.partitions).toMatchObject([{ errorCode: kafkaErrors.POLICY_VIOLATION }])
  })

  it('is for the leader, and for partitions that are there', async () => {
    const scene = await withRecords('delete', 2)
    const topic = scene.broker.topics.require('t')
    const nodeId = 1 - scene.kafka.cluster.leaderOf(topic, 0)
    const partitions = [
      { partitionIndex: 0, offset: 1 },
      { partitionIndex: 9, offset: 1 },
    ]
    const { topics } = await scene.ask(
      DeleteRecords,
      { topics: [{ name: 't', partitions }], timeoutMs: 1 },
      { nodeId },
    )
    expect(topics[0]?.partitions.map(({ errorCode }) => errorCode)).toEqual([
      kafkaErrors.NOT_LEADER_OR_FOLLOWER,
      kafkaErrors.UNKNOWN_TOPIC_OR_PARTITION,
    ])
  })
})

describe('OffsetForLeaderEpoch', () => {
  const cases: readonly [what: string, asked: number, epoch: number, end: number][] = [
    ['the epoch that writes ends at the high watermark', 0, 0, RECORDS],
    ['a later epoch is not known', 1, -1, -1],
    ['no epoch is before the first', -1, -1, -1],
  ]
  it.each(cases)('%s (KIP-101)', async (_what, asked, leaderEpoch, endOffset) => {
    const scene = await withRecords()
    const { epoch } = scene.broker.store
    const { topics } = await scene.ask(OffsetForLeaderEpoch, {
      topics: [{ topic: 't', partitions: [{ partition: 0, leaderEpoch: asked < 0 ? -1 : epoch + asked }] }],
    })
    const shown = leaderEpoch < 0 ? -1 : epoch + leaderEpoch
    expect(topics[0]?.partitions).toMatchObject([{ errorCode: 0, leaderEpoch: shown, endOffset }])
  })

  it('refuses a client that knows a newer leader (KIP-320)', async () => {
    const scene = await withRecords()
    const { epoch } = scene.broker.store
    const { topics } = await scene.ask(OffsetForLeaderEpoch, {
      topics: [
        { topic: 't', partitions: [{ partition: 0, currentLeaderEpoch: epoch + 1, leaderEpoch: epoch }] },
      ],
    })
    expect(topics[0]?.partitions).toMatchObject([{ errorCode: kafkaErrors.UNKNOWN_LEADER_EPOCH }])
  })
})

describe('DescribeLogDirs', () => {
  it('gives the bytes of the partitions that this broker has', async () => {
    const scene = await withRecords('delete', 2)
    const topic = scene.broker.topics.require('t')
    const leader = scene.kafka.cluster.leaderOf(topic, 0)
    const has = await scene.ask(DescribeLogDirs, { topics: null }, { nodeId: leader })
    expect(has.results).toMatchObject([
      {
        logDir: 'memory',
        totalBytes: -1,
        topics: [
          { name: 't', partitions: [{ partitionIndex: 0, partitionSize: topic.partitions[0]?.log.bytes }] },
        ],
      },
    ])
    const hasNot = await scene.ask(DescribeLogDirs, { topics: null }, { nodeId: 1 - leader })
    expect(hasNot.results).toMatchObject([{ topics: [] }])
  })

  it('leaves out what was not asked for or is not there', async () => {
    const scene = await withRecords()
    const asked = [
      { topic: 't', partitions: [7] },
      { topic: 'nope', partitions: [0] },
    ]
    const { results } = await scene.ask(DescribeLogDirs, { topics: asked })
    expect(results).toMatchObject([{ errorCode: 0, topics: [] }])
  })
})
