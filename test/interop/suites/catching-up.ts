// A topic of some tens of megabytes, read from its start: answers as large as clients ask for, which the broker reads from its
// files while it sends them. With and without TLS.

import { createHash } from 'node:crypto'
import type { Client, ReadRow, Target } from '../client.ts'
import { kafka } from '../clients/kafkajs.ts'
import { same, skip } from '../report.ts'
import type { Stage } from '../stage.ts'

const TOPIC = 'written-long-ago'
const PARTITIONS = 2
const SENDS = 24
const RECORDS_A_SEND = 20
const RECORD_BYTES = 48 * 1024
const RECORDS = SENDS * RECORDS_A_SEND

export async function catchingUp(stage: Stage): Promise<void> {
  const { report, plain, secured } = stage
  await report.run(`a topic of ${Math.round((RECORDS * RECORD_BYTES) / 1e6)} MB is written`, () =>
    write(plain),
  )
  for (const client of stage.clients) {
    await report.run(`${client.name} reads all of it`, () => readAll(client, plain))
    await report.run(`${client.name} reads all of it over TLS, committed records only`, () =>
      readAll(client, secured('SCRAM-SHA-512') ?? skip('there is no TLS listener'), true),
    )
  }
}

/** The value of the n-th record of a partition; no two are the same. */
const value = (partition: number, n: number): Buffer => Buffer.alloc(RECORD_BYTES, `${partition}/${n} `)

async function write(target: Target): Promise<void> {
  const admin = kafka(target).admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic: TOPIC, numPartitions: PARTITIONS }] })
  await admin.disconnect()
  const producer = kafka(target).producer()
  await producer.connect()
  for (let send = 0; send < SENDS; send++) {
    const partition = send % PARTITIONS
    const first = Math.floor(send / PARTITIONS) * RECORDS_A_SEND
    const messages = Array.from({ length: RECORDS_A_SEND }, (_, n) => ({
      partition,
      value: value(partition, first + n),
    }))
    await producer.send({ topic: TOPIC, messages })
  }
  await producer.disconnect()
}

async function readAll(client: Client, target: Target, committed = false): Promise<void> {
  const rows = await client.consume(target, [TOPIC], RECORDS, committed)
  same(rows.length, RECORDS, 'records')
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const found = rows.filter(row => row.partition === partition)
    const offsets = Array.from({ length: RECORDS / PARTITIONS }, (_, n) => n)
    same(found.map(row => row.offset).join(), offsets.join(), `offsets of partition ${partition}`)
    const expected = offsets.map(n => value(partition, n).toString('base64'))
    same(digest(found.map(valueIn)), digest(expected), `values of partition ${partition}`)
  }
}

const valueIn = (row: ReadRow): string => row.value ?? ''

function digest(values: readonly string[]): string {
  const all = createHash('sha256')
  for (const one of values) all.update(one)
  return all.digest('hex')
}
