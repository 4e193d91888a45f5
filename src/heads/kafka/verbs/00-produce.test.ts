// Produce, Fetch and ListOffsets through their bytes: what is stored is what was sent, and what is wrong with a batch is
// told in its row with Kafka's own code.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { RecordBatch } from '../../../log/index.ts'
import { buildBatch } from '../../../log/record/builder.ts'
import { kafkaErrors } from '../errors.ts'
import { Fetch, ListOffsets, Produce } from '../wire/index.ts'
import { Scene } from './asking.contract.ts'

let scene: Scene

beforeEach(async () => {
  scene = await Scene.open({ brokers: 2 })
  await scene.broker.topics.create({ name: 't', partitions: 1 })
  await scene.broker.topics.create({
    name: 'compacted',
    partitions: 1,
    configs: { 'cleanup.policy': 'compact' },
  })
  await scene.broker.topics.create({ name: 'small', partitions: 1, configs: { 'max.message.bytes': '1024' } })
  await scene.broker.topics.create({ name: 'two', partitions: 1, configs: { 'min.insync.replicas': '2' } })
})
afterEach(() => scene.close())

const value = (text: string) => ({ timestamp: 1_767_225_600_000, key: null, value: Buffer.from(text) })
const plain = (...texts: string[]) => buildBatch(texts.map(value)).buffer

function leaderOf(name: string): number {
  return scene.kafka.cluster.leaderOf(scene.broker.topics.require(name), 0)
}

async function produce(
  records: Buffer | null,
  {
    topic = 't',
    version = 9,
    acks = -1,
    nodeId = leaderOf(topic),
    transactionalId = null as string | null,
  } = {},
) {
  const partitionData = [{ index: 0, records: records === null ? null : [records] }]
  const answer = await scene.ask(
    Produce,
    { transactionalId, acks, timeoutMs: 1000, topicData: [{ name: topic, partitionData }] },
    { version, nodeId },
  )
  return answer.responses[0]?.partitionResponses[0]
}

function fetch(fetchOffset: number, { maxBytes = 1 << 20, isolationLevel = 0, topic = 't' } = {}) {
  return scene
    .ask(
      Fetch,
      {
        maxWaitMs: 0,
        minBytes: 1,
        isolationLevel,
        topics: [{ topic, partitions: [{ partition: 0, fetchOffset, partitionMaxBytes: maxBytes }] }],
        forgottenTopicsData: [],
        rackId: '',
      },
      { version: 11, nodeId: leaderOf(topic) },
    )
    .then(answer => answer.responses[0]?.partitions[0])
}

function flipped(records: Buffer, at: number): Buffer {
  const copy = Buffer.from(records)
  copy.writeUInt8(copy.readUInt8(at) ^ 1, at)
  return copy
}

function resealed(records: Buffer, change: (copy: Buffer) => void): Buffer {
  const copy = Buffer.from(records)
  change(copy)
  new RecordBatch(copy).seal()
  return copy
}

describe('Produce', () => {
  const transactional = buildBatch([value('x')], {
    producerId: 1,
    producerEpoch: 0,
    baseSequence: 0,
    transactional: true,
  }).buffer

  it.each<[string, () => Buffer | null, Parameters<typeof produce>[1], keyof typeof kafkaErrors]>([
    ['a flipped bit in the records', () => flipped(plain('abc'), 70), {}, 'CORRUPT_MESSAGE'],
    ['fewer bytes than a header', () => plain('abc').subarray(0, 40), {}, 'INVALID_RECORD'],
    ['no bytes', () => Buffer.alloc(0), {}, 'INVALID_RECORD'],
    ['a length beyond the entry', () => plain('abc').subarray(0, 65), {}, 'INVALID_RECORD'],
    [
      'a length within the header',
      () => resealed(plain('a'), copy => copy.writeInt32BE(20, 8)),
      {},
      'CORRUPT_MESSAGE',
    ],
    ['two batches', () => Buffer.concat([plain('a'), plain('b')]), {}, 'INVALID_RECORD'],
    ['no batch', () => null, {}, 'INVALID_RECORD'],
    ['message format 1', () => resealed(plain('a'), copy => copy.writeInt8(1, 16)), {}, 'INVALID_RECORD'],
    [
      'a control batch',
      () => resealed(plain('a'), copy => copy.writeInt16BE(0x20, 21)),
      {},
      'INVALID_RECORD',
    ],
    [
      'a codec that means nothing',
      () => resealed(plain('a'), copy => copy.writeInt16BE(7, 21)),
      {},
      'UNSUPPORTED_COMPRESSION_TYPE',
    ],
    [
      'zstd below version 7',
      () => buildBatch([value('a')], { codec: 'zstd' }).buffer,
      { version: 6 },
      'UNSUPPORTED_COMPRESSION_TYPE',
    ],
    [
      'a batch above max.message.bytes',
      () => plain('x'.repeat(2000)),
      { topic: 'small' },
      'MESSAGE_TOO_LARGE',
    ],
    ['no key in a compacted topic', () => plain('a'), { topic: 'compacted' }, 'INVALID_RECORD'],
    [
      'a topic that is not there',
      () => plain('a'),
      { topic: 'nowhere', nodeId: 0 },
      'UNKNOWN_TOPIC_OR_PARTITION',
    ],
    ['acks of 2', () => plain('a'), { acks: 2 }, 'INVALID_REQUIRED_ACKS'],
    ['acks=all with too few replicas', () => plain('a'), { topic: 'two' }, 'NOT_ENOUGH_REPLICAS'],
    ['version 2', () => plain('a'), { version: 2 }, 'UNSUPPORTED_VERSION'],
    [
      'a transactional batch without its id',
      () => transactional,
      {},
      'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
    ],
  ])('refuses %s', async (_, records, options, error) => {
    expect(await produce(records(), options)).toMatchObject({ errorCode: kafkaErrors[error], baseOffset: -1 })
  })

  it.each([9, 8])('names the records at fault to version %d, in their order', async version => {
    const keyed = { ...value('a'), key: Buffer.from('k') }
    const { buffer } = buildBatch([keyed, value('b'), keyed, value('c')], { codec: 'gzip' })
    const row = await produce(buffer, { topic: 'compacted', version })
    expect(row).toMatchObject({
      errorCode: kafkaErrors.INVALID_RECORD,
      errorMessage: expect.stringMatching(
        /^2 of 4 records are refused, the first of them \(1\) because it has no key/,
      ),
      recordErrors: [
        { batchIndex: 1 },
        { batchIndex: 3, batchIndexErrorMessage: expect.stringContaining('no key') },
      ],
    })
    expect((await produce(buildBatch([keyed]).buffer, { topic: 'compacted', version }))?.errorCode).toBe(0)
  })

  it('names a thousand of them, not more', async () => {
    const row = await produce(plain(...Array.from({ length: 1500 }, () => 'a')), { topic: 'compacted' })
    expect(row?.recordErrors).toHaveLength(1000)
    expect(row?.errorMessage).toContain('1500 of 1500')
  })

  it.each<[string, Readonly<Record<string, string>>, readonly number[], readonly number[]]>([
    ['too old', { 'message.timestamp.before.max.ms': '60000' }, [0, -59_000, -61_000, 10, -70_000], [2, 4]],
    ['too new', { 'message.timestamp.after.max.ms': '60000' }, [0, 59_000, 61_000, -1000], [2]],
    [
      'without a key and too new',
      { 'message.timestamp.after.max.ms': '60000', 'cleanup.policy': 'compact' },
      [0, 61_000],
      [0, 1],
    ],
    ['of no time', { 'message.timestamp.before.max.ms': '60000' }, [Number.NaN], []],
    [
      'of any time where the append decides',
      { 'message.timestamp.before.max.ms': '60000', 'message.timestamp.type': 'LogAppendTime' },
      [-70_000, 70_000],
      [],
    ],
  ])('judges each record that is %s', async (_, configs, times, atFault) => {
    await scene.broker.topics.create({ name: 'timed', partitions: 1, configs })
    const now = scene.kafka.world.now()
    const records = times.map(ms => ({ ...value('x'), timestamp: Number.isNaN(ms) ? -1 : now + ms }))
    const row = await produce(buildBatch(records).buffer, { topic: 'timed' })
    expect(row?.recordErrors.map(one => one.batchIndex)).toEqual(atFault)
    expect(row?.errorCode).toBe(atFault.length > 0 ? kafkaErrors.INVALID_TIMESTAMP : 0)
  })

  it('refuses a batch whose largest timestamp is none of its records', async () => {
    const lying = resealed(plain('a'), copy => copy.writeBigInt64BE(2n ** 52n, 35))
    const row = await produce(lying)
    expect(row).toMatchObject({ errorCode: kafkaErrors.INVALID_TIMESTAMP, recordErrors: [] })
  })

  it('refuses the virtual broker that does not lead', async () => {
    const row = await produce(plain('a'), { nodeId: 1 - leaderOf('t') })
    expect(row?.errorCode).toBe(kafkaErrors.NOT_LEADER_OR_FOLLOWER)
  })

  it('gives offsets one after another, with and without acks=all', async () => {
    expect(await produce(plain('a', 'b'))).toMatchObject({ errorCode: 0, baseOffset: 0, logStartOffset: 0 })
    expect(await produce(plain('c'), { acks: 1 })).toMatchObject({ errorCode: 0, baseOffset: 2 })
  })

  it('answers a batch that is sent again with its first offset (KIP-98)', async () => {
    const sent = () => buildBatch([value('x')], { producerId: 5, producerEpoch: 0, baseSequence: 0 }).buffer
    expect(await produce(sent())).toMatchObject({ errorCode: 0, baseOffset: 0 })
    await produce(plain('between'))
    expect(await produce(sent())).toMatchObject({ errorCode: 0, baseOffset: 0 })
    expect((await fetch(0))?.highWatermark).toBe(2)
  })
})

describe('Fetch', () => {
  it.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const)(
    'gives a %s batch byte for byte as it came',
    async codec => {
      const sent = Buffer.from(buildBatch([value('a'.repeat(500)), value('b')], { codec }).buffer)
      await produce(Buffer.from(sent))
      const { records } = (await fetch(0)) ?? {}
      expect(records?.subarray(0, 12)).toEqual(sent.subarray(0, 12))
      expect(records?.subarray(16)).toEqual(sent.subarray(16))
    },
  )

  it('gives the whole batch that an offset in its middle belongs to, and at least one batch', async () => {
    await produce(plain('a', 'b', 'c'))
    await produce(plain('d'))
    const row = await fetch(1, { maxBytes: 1 })
    expect(row?.records && new RecordBatch(row.records).baseOffset).toBe(0)
  })

  it('gives nothing at the end, and refuses what lies beyond', async () => {
    await produce(plain('a'))
    expect(await fetch(1)).toMatchObject({ errorCode: 0, highWatermark: 1, records: Buffer.alloc(0) })
    expect((await fetch(2))?.errorCode).toBe(kafkaErrors.OFFSET_OUT_OF_RANGE)
    expect((await fetch(-1))?.errorCode).toBe(kafkaErrors.OFFSET_OUT_OF_RANGE)
  })
})

describe('ListOffsets', () => {
  const at = async (timestamp: number) => {
    const partitions = [{ partitionIndex: 0, currentLeaderEpoch: -1, timestamp }]
    const answer = await scene.ask(
      ListOffsets,
      { replicaId: -1, isolationLevel: 0, topics: [{ name: 't', partitions }] },
      { nodeId: leaderOf('t') },
    )
    const row = answer.topics[0]?.partitions[0]
    return [row?.offset, row?.timestamp]
  }

  it('finds the end, the start, the largest time, and a point in time', async () => {
    const times = [1000, 3000, 2000].map(n => ({ ...value('x'), timestamp: 1_767_225_600_000 + n }))
    await produce(buildBatch(times, { codec: 'lz4' }).buffer)
    expect(await at(-1)).toEqual([3, -1])
    expect(await at(-2)).toEqual([0, -1])
    expect(await at(-3)).toEqual([1, 1_767_225_603_000])
    expect(await at(-5)).toEqual([-1, -1])
    expect(await at(1_767_225_601_001)).toEqual([1, 1_767_225_603_000])
    expect(await at(1_767_225_604_000)).toEqual([-1, -1])
  })
})
