// kafkajs as a client, in this process. It brings gzip only; the other codecs are those of src/log, which thereby meet
// what the others wrote and are read by them.

import { readFileSync } from 'node:fs'
import kafkajs, { type ConsumerConfig, type IHeaders, logLevel, type SASLOptions } from 'kafkajs'
import { compress, decompress } from '../../../src/log/record/compression.ts'
import type { Client, Codec, Member, ReadRow, Row, Step, Target, TransactionNames } from '../client.ts'
import { codecs } from '../client.ts'
import { same, until } from '../report.ts'

const INFLATED_BYTES_MAX = 64 * 1024 * 1024
const types: Readonly<Record<Codec, number>> = { none: 0, gzip: 1, snappy: 2, lz4: 3, zstd: 4 }

for (const codec of ['snappy', 'lz4', 'zstd'] as const)
  kafkajs.CompressionCodecs[types[codec] as 2 | 3 | 4] = () => ({
    compress: async ({ buffer }: { readonly buffer: Buffer }) => compress(codec, buffer),
    decompress: async (buffer: Buffer) => decompress(codec, buffer, INFLATED_BYTES_MAX),
  })

export const kafkajsClient: Client = {
  name: 'kafkajs',
  codecs,
  free: true,
  async produce(target, topic, codec, rows, idempotent = false) {
    const producer = kafka(target).producer({ idempotent })
    await producer.connect()
    try {
      const messages = rows.map(row => ({
        key: decoded(row.key),
        value: decoded(row.value),
        headers: headersIn(row.headers),
      }))
      await producer.send({ topic, messages, compression: types[codec], acks: -1 })
    } finally {
      await producer.disconnect()
    }
  },
  async consume(target, topics, count, committed = false) {
    const rows: ReadRow[] = []
    const consumer = await running(
      target,
      { groupId: `kafkajs-${Math.random()}`, readUncommitted: !committed },
      topics,
      row => rows.push(row),
    )
    try {
      await until('kafkajs reads', () => (rows.length >= count ? true : undefined))
      return rows
    } finally {
      await consumer.disconnect()
    }
  },
  member(target, topic, group): Member {
    const values: string[] = []
    let assigned: readonly number[] | undefined
    const settings = { groupId: group, heartbeatInterval: 300, sessionTimeout: 6000, rebalanceTimeout: 6000 }
    const started = running(
      target,
      settings,
      [topic],
      row => values.push(Buffer.from(row.value ?? '', 'base64').toString()),
      partitions => {
        assigned = partitions
      },
    )
    started.catch(() => {})
    return {
      assigned: () => assigned,
      values: () => values,
      leave: async () => (await started).disconnect(),
    }
  },
  transact,
  administer,
}

/** A client of kafkajs for the target. */
export function kafka({ bootstrap, security }: Target): kafkajs.Kafka {
  const secured = security && {
    ssl: { ca: [readFileSync(security.ca, 'utf8')] },
    sasl: {
      mechanism: security.mechanism.toLowerCase(),
      username: security.username,
      password: security.password,
    } as SASLOptions,
  }
  return new kafkajs.Kafka({
    brokers: bootstrap.split(','),
    logLevel: logLevel.NOTHING,
    retry: { retries: 3, initialRetryTime: 50 },
    ...secured,
  })
}

async function running(
  target: Target,
  settings: ConsumerConfig,
  topics: readonly string[],
  onRow: (row: ReadRow) => void,
  onAssigned: (partitions: readonly number[]) => void = () => {},
): Promise<kafkajs.Consumer> {
  const consumer = kafka(target).consumer({ maxWaitTimeInMs: 100, ...settings })
  consumer.on('consumer.group_join', ({ payload }) => {
    onAssigned([...(payload.memberAssignment[topics[0] ?? ''] ?? [])].sort())
  })
  await consumer.connect()
  await consumer.subscribe({ topics: [...topics], fromBeginning: true })
  await consumer.run({
    eachMessage: async ({ topic, partition, message }) => {
      const key = message.key?.toString('base64') ?? null
      const value = message.value?.toString('base64') ?? null
      onRow({
        topic,
        partition,
        offset: Number(message.offset),
        key,
        value,
        headers: headersOut(message.headers),
      })
    },
  })
  return consumer
}

async function transact(target: Target, { id, topic, source, group }: TransactionNames): Promise<void> {
  const producer = kafka(target).producer({ idempotent: true, transactionalId: id, maxInFlightRequests: 1 })
  await producer.connect()
  const send = async (values: readonly string[]) => {
    const transaction = await producer.transaction()
    await transaction.send({ topic, messages: values.map(value => ({ value })) })
    return transaction
  }
  await (await send(['kept-1', 'kept-2'])).commit()
  await (await send(['dropped'])).abort()
  const last = await send(['last'])
  await last.sendOffsets({
    consumerGroupId: group,
    topics: [{ topic: source, partitions: [{ partition: 0, offset: '7' }] }],
  })
  await last.commit()
  await producer.disconnect()
}

async function administer(target: Target): Promise<readonly Step[]> {
  const admin = kafka(target).admin()
  const topic = 'kafkajs-admin'
  const group = 'kafkajs-admin'
  const steps: Step[] = []
  const step = async (name: string, body: () => Promise<void>) => {
    const failed = await body().then(
      () => undefined,
      error => String(error),
    )
    steps.push({ step: name, ...(failed !== undefined && { error: failed }) })
  }
  await admin.connect()
  await step('create a topic', async () => {
    await admin.createTopics({ topics: [{ topic, numPartitions: 2 }] })
    same((await admin.fetchTopicMetadata({ topics: [topic] })).topics[0]?.partitions.length, 2, 'partitions')
  })
  await step('add partitions', async () => {
    await admin.createPartitions({ topicPartitions: [{ topic, count: 3 }] })
    same((await admin.fetchTopicOffsets(topic)).length, 3, 'partitions')
  })
  await step('alter and describe settings', async () => {
    const type = kafkajs.ConfigResourceTypes.TOPIC
    const configEntries = [{ name: 'retention.ms', value: '7200000' }]
    await admin.alterConfigs({ validateOnly: false, resources: [{ type, name: topic, configEntries }] })
    const resources = [{ type, name: topic, configNames: ['retention.ms'] }]
    const found = await admin.describeConfigs({ resources, includeSynonyms: false })
    same(found.resources[0]?.configEntries[0]?.configValue, '7200000', 'retention.ms')
  })
  await step('delete records', async () => {
    await kafkajsClient.produce(target, topic, 'none', [{ key: 'AA==', value: 'AA==', headers: [] }])
    const end = (await admin.fetchTopicOffsets(topic)).find(({ high }) => high === '1')
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: end?.partition ?? -1, offset: '1' }] })
    same((await admin.fetchTopicOffsets(topic)).map(({ low }) => low).sort(), ['0', '0', '1'], 'log start')
  })
  await step('set offsets, list, describe and delete a group', async () => {
    await admin.setOffsets({ groupId: group, topic, partitions: [{ partition: 1, offset: '0' }] })
    const listed = (await admin.listGroups()).groups.map(({ groupId }) => groupId)
    same(listed.includes(group), true, 'the group is listed')
    same((await admin.describeGroups([group])).groups[0]?.state, 'Empty', 'its state')
    await admin.deleteGroups([group])
  })
  await step('delete a topic', async () => {
    await admin.deleteTopics({ topics: [topic] })
    same((await admin.listTopics()).includes(topic), false, 'the topic is listed')
  })
  await admin.disconnect()
  return steps
}

function decoded(text: string | null): Buffer | null {
  return text === null ? null : Buffer.from(text, 'base64')
}

function headersIn(headers: Row['headers']): IHeaders {
  const found: Record<string, Buffer | Buffer[]> = {}
  for (const [name, value] of headers) {
    const bytes = Buffer.from(value, 'base64')
    const before = found[name]
    found[name] = before === undefined ? bytes : [...[before].flat(), bytes]
  }
  return found
}

function headersOut(headers: IHeaders | undefined): Row['headers'] {
  return Object.entries(headers ?? {}).flatMap(([name, values]) =>
    [values].flat().map(value => [name, Buffer.from(value ?? '').toString('base64')] as const),
  )
}
