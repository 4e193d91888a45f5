// Transactions and idempotent producers: what was committed is read and what was aborted is not, by every client that
// can ask for it; offsets that a transaction sent are the group's.

import type { Client } from '../client.ts'
import { kafka } from '../clients/kafkajs.ts'
import { contents, textRows } from '../contents.ts'
import { same } from '../report.ts'
import type { Stage } from '../stage.ts'

const COMMITTED = ['kept-1', 'kept-2', 'last']
const ALL = ['kept-1', 'kept-2', 'dropped', 'last']
/** Clients that can be told the isolation level. */
const READERS = ['kafkajs', 'kcat', 'confluent-kafka-python', 'Java']

export async function transactions(stage: Stage): Promise<void> {
  await Promise.all(stage.clients.map(client => transactionsOf(stage, client)))
}

async function transactionsOf(stage: Stage, client: Client): Promise<void> {
  const { report, plain } = stage
  const { transact, name } = client
  if (name !== 'kafka-python')
    await report.run(`${name}: an idempotent producer`, async () => {
      const rows = textRows(name)
      await client.produce(plain, `idempotent-${name}`, 'gzip', rows, true)
      const found = await client.consume(plain, [`idempotent-${name}`], rows.length)
      same(contents(found), contents(rows), 'records')
    })
  if (transact === undefined) return report.skipped(`${name}: transactions`, 'this client has none')
  const names = {
    ...{ id: `tx-${name}`, topic: `tx-${name}`, source: `tx-source-${name}`, group: `tx-group-${name}` },
  }
  await create(plain.bootstrap, [names.topic, names.source])
  const done = await report.run(`${name}: commits, aborts, sends offsets`, async () => {
    await transact(plain, names)
    return true
  })
  if (!done) return
  await readers(stage, names.topic, name)
  await report.run(`${name}: offsets of the transaction are the group's`, async () => {
    same(await committed(plain.bootstrap, names.group, names.source), '7', 'offset')
  })
}

async function readers({ clients, report, plain }: Stage, topic: string, writer: string): Promise<void> {
  for (const reader of clients.filter(({ name }) => READERS.includes(name)))
    await report.run(`${writer}: ${reader.name} reads what was committed`, async () => {
      const values = async (isCommitted: boolean) =>
        (await reader.consume(plain, [topic], isCommitted ? 3 : 4, isCommitted)).map(({ value }) =>
          Buffer.from(value ?? '', 'base64').toString(),
        )
      same(await values(true), COMMITTED, 'read_committed')
      same(await values(false), ALL, 'read_uncommitted')
    })
}

async function create(bootstrap: string, topics: readonly string[]): Promise<void> {
  const admin = kafka({ bootstrap }).admin()
  await admin.connect()
  await admin.createTopics({ topics: topics.map(topic => ({ topic, numPartitions: 1 })) })
  await admin.disconnect()
}

async function committed(bootstrap: string, groupId: string, topic: string): Promise<string | undefined> {
  const admin = kafka({ bootstrap }).admin()
  await admin.connect()
  const [found] = await admin.fetchOffsets({ groupId, topics: [topic] })
  await admin.disconnect()
  return found?.partitions[0]?.offset
}
