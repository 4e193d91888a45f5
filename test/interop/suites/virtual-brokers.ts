// `--brokers 3`: one process that shows itself as three brokers. Leaders are spread, replication factor 3 is accepted
// and shown, and a request at the wrong port is answered NOT_LEADER_OR_FOLLOWER.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from '../../../src/cli/kafka/client.ts'
import { Fetch } from '../../../src/heads/kafka/wire/index.ts'
import { systemWorld } from '../../../src/world/index.ts'
import { startBroker } from '../broker.ts'
import type { Target } from '../client.ts'
import { kafka } from '../clients/kafkajs.ts'
import { contents, textRows } from '../contents.ts'
import { succeed } from '../processes.ts'
import { has, same, skip } from '../report.ts'
import type { Stage } from '../stage.ts'

const TOPIC = 'spread'
const NOT_LEADER_OR_FOLLOWER = 6

export async function virtualBrokers(stage: Stage): Promise<void> {
  const { report, clients, tools } = stage
  const folder = mkdtempSync(join(tmpdir(), 'posthorn-brokers-'))
  const listen = ['--listen', 'kafka=tcp://127.0.0.1:0', '--listen', 'http=off', '--brokers', '3']
  const broker = await startBroker(['--data', folder, ...listen])
  const addresses = broker.listeners.kafka ?? []
  const target: Target = { bootstrap: addresses.join(',') }
  try {
    await report.run('three brokers: kafkajs sees leaders spread, replication factor 3 shown', () =>
      spread(target),
    )
    await report.run('three brokers: replication factor 4 is refused', () => tooMany(target))
    await report.run('three brokers: the wrong port says NOT_LEADER_OR_FOLLOWER', () => wrongPort(addresses))
    await report.run('three brokers: kcat -L shows them', async () => {
      if (tools.kcat !== undefined) skip(tools.kcat)
      const { stdout } = await succeed({
        command: 'kcat',
        args: ['-b', addresses[0] ?? '', '-L', '-t', TOPIC],
      })
      has(stdout.toString(), /\b3 brokers:/, 'brokers')
      has(stdout.toString(), /leader \d, replicas: \d,\d,\d, isrs: \d,\d,\d/, 'replicas')
    })
    for (const client of clients.filter(({ name }) => ['kafkajs', 'kcat', 'Java'].includes(name)))
      await report.run(`three brokers: ${client.name} writes and reads by one address`, async () => {
        const rows = textRows(client.name)
        const one = { bootstrap: addresses[2] ?? '' }
        await client.produce(one, TOPIC, 'none', rows)
        const found = await client.consume(one, [TOPIC], await count(target))
        const own = found.filter(({ value }) => rows.some(row => row.value === value))
        same(contents(own).sort(), contents(rows).sort(), 'records')
      })
  } finally {
    await broker.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function spread(target: Target): Promise<void> {
  const admin = kafka(target).admin()
  await admin.connect()
  try {
    await admin.createTopics({ topics: [{ topic: TOPIC, numPartitions: 6, replicationFactor: 3 }] })
    same((await admin.describeCluster()).brokers.length, 3, 'brokers')
    const { topics } = await admin.fetchTopicMetadata({ topics: [TOPIC] })
    const partitions = topics[0]?.partitions ?? []
    same(partitions.map(({ leader }) => leader).sort(), [0, 0, 1, 1, 2, 2], 'leaders')
    same(
      partitions.map(({ replicas, isr }) => [replicas.length, isr.length]),
      partitions.map(() => [3, 3]),
      'replicas',
    )
  } finally {
    await admin.disconnect()
  }
}

async function tooMany(target: Target): Promise<void> {
  const admin = kafka(target).admin()
  await admin.connect()
  try {
    const refused = await admin.createTopics({ topics: [{ topic: 'four', replicationFactor: 4 }] }).then(
      () => 'created',
      error => JSON.stringify(error) + String(error.errors ?? error),
    )
    has(refused, /replication/i, 'the refusal')
  } finally {
    await admin.disconnect()
  }
}

async function wrongPort(addresses: readonly string[]): Promise<void> {
  const bootstrap = addresses.map(address => {
    const [host = '', port] = address.split(':')
    return { host, port: Number(port) }
  })
  const settings = {
    world: systemWorld,
    signal: new AbortController().signal,
    timeoutMs: 5000,
    clientId: 'wrong',
  }
  const client = await connect({ ...settings, bootstrap })
  try {
    const leader = await client.cluster.leader(TOPIC, 0)
    const { topicId } = await client.cluster.topic(TOPIC)
    const at = async (nodeId: number) => {
      const position = { partition: 0, fetchOffset: 0, partitionMaxBytes: 1024 }
      const topics = [{ topic: TOPIC, topicId, partitions: [position] }]
      const connection = await client.cluster.node(nodeId)
      const answer = await connection.request(Fetch, { maxWaitMs: 0, minBytes: 0, topics })
      return answer.responses[0]?.partitions[0]?.errorCode
    }
    same(await at(leader), 0, 'the error of the leader')
    same(await at((leader + 1) % addresses.length), NOT_LEADER_OR_FOLLOWER, 'the error of another')
  } finally {
    await client.close()
  }
}

async function count(target: Target): Promise<number> {
  const admin = kafka(target).admin()
  await admin.connect()
  const offsets = await admin.fetchTopicOffsets(TOPIC)
  await admin.disconnect()
  return offsets.reduce((sum, { high }) => sum + Number(high), 0)
}
