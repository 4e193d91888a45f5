// What one wrote, all others read: every client writes a topic of its own with each codec; every client, itself
// included, reads them all, and the contents are compared byte for byte and in order.

import type { Client, ReadRow, Row } from '../client.ts'
import { kafka } from '../clients/kafkajs.ts'
import { contents, freeRows, textRows } from '../contents.ts'
import { same } from '../report.ts'
import type { Stage } from '../stage.ts'

export async function crossReading(stage: Stage): Promise<void> {
  const written = new Map<string, Row[]>()
  const admin = kafka(stage.plain).admin()
  await admin.connect()
  for (const client of stage.clients) {
    const topic = topicOf(client)
    await admin.createTopics({ topics: [{ topic, numPartitions: 1 }] })
    written.set(topic, await writeAll(stage, client, topic))
  }
  await admin.disconnect()
  for (const client of stage.clients) await readAll(stage, client, written)
}

const topicOf = (client: Client): string => `written-by-${client.name}`

/** Gives what was written, in order. */
async function writeAll({ report, plain }: Stage, client: Client, topic: string): Promise<Row[]> {
  const written: Row[] = []
  for (const codec of client.codecs) {
    const rows = (client.free ? freeRows : textRows)(`${client.name} ${codec}`)
    await report.run(`${client.name} writes with codec ${codec}`, async () => {
      await client.produce(plain, topic, codec, rows)
      written.push(...rows)
    })
  }
  return written
}

async function readAll(
  { report, plain }: Stage,
  client: Client,
  written: ReadonlyMap<string, readonly Row[]>,
): Promise<void> {
  const count = [...written.values()].reduce((sum, rows) => sum + rows.length, 0)
  const read = await report.run(`${client.name} reads every topic`, () =>
    client.consume(plain, [...written.keys()], count),
  )
  if (read === undefined) return
  const byTopic = new Map<string, ReadRow[]>([...written.keys()].map(topic => [topic, []]))
  for (const row of read) byTopic.get(row.topic)?.push(row)
  for (const [topic, rows] of written)
    await report.run(`${client.name} reads what was ${topic}`, () => {
      const found = byTopic.get(topic) ?? []
      same(found.length, rows.length, 'records')
      const [left, right] = [contents(found), contents(rows)]
      for (const [at, expected] of right.entries()) same(left[at], expected, `record ${at}`)
    })
}
