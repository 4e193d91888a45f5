// A consumer that reads what was written long ago: answers of megabytes, which are read from the files while they are sent.

import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readlinkSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import kafkajs, { logLevel } from 'kafkajs'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { Writer } from '../bytes/index.ts'
import { Fetch } from '../heads/kafka/wire/index.ts'
import { FileLog } from '../log/file/file-log.ts'
import { type RunningBroker, start } from './index.ts'

const topic = 'old'
const PARTITIONS = 3
const SENDS = 36
const KIB = 1024

let directory: string
let broker: RunningBroker
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'posthorn-catching-up-'))
  broker = await start({ storage: { directory } })
})
afterEach(async () => {
  vi.restoreAllMocks()
  await broker.close()
  await rm(directory, { recursive: true, force: true })
})

const client = () => new kafkajs.Kafka({ brokers: [...broker.kafka.brokers], logLevel: logLevel.NOTHING })

/** The value of one message; no two are the same. */
const recordValue = (partition: number, n: number): Buffer => Buffer.alloc(32 * KIB, `${partition}/${n} `)

/** A topic of some tens of MB. */
async function fill(): Promise<void> {
  const admin = client().admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic, numPartitions: PARTITIONS }] })
  await admin.disconnect()
  const producer = client().producer()
  await producer.connect()
  for (let send = 0; send < SENDS; send++) {
    const partition = send % PARTITIONS
    const first = Math.floor(send / PARTITIONS) * 24
    const messages = Array.from({ length: 24 }, (_, n) => ({
      partition,
      value: recordValue(partition, first + n),
    }))
    await producer.send({ topic, messages })
  }
  await producer.disconnect()
}

/** How many fetches of a partition were answered without reading it first. */
function extentsGiven(): () => number {
  const extent = vi.spyOn(FileLog.prototype, 'extent')
  return () => extent.mock.results.filter(({ value }) => value !== undefined).length
}

function fetchRequest(): Buffer {
  const to = new Writer()
  to.int32(0)
  to.int16(Fetch.key)
  to.int16(11)
  to.int32(1)
  to.int16(-1)
  const partitions = Array.from({ length: PARTITIONS }, (_, partition) => ({
    ...{ partition, fetchOffset: 0, partitionMaxBytes: 8 * KIB * KIB },
  }))
  Fetch.request.encode(
    to,
    {
      ...{ replicaId: -1, maxWaitMs: 100, minBytes: 1, maxBytes: 64 * KIB * KIB, isolationLevel: 0 },
      ...{ sessionId: 0, sessionEpoch: -1, forgottenTopicsData: [], rackId: '' },
      topics: [{ topic, partitions }],
    },
    11,
  )
  const frame = Buffer.concat(to.finish())
  frame.writeInt32BE(frame.length - 4, 0)
  return frame
}

/** Files that this process has open though they were removed. */
function removedFiles(): string[] {
  return readdirSync('/proc/self/fd').flatMap(one => {
    try {
      const path = readlinkSync(`/proc/self/fd/${one}`)
      return path.startsWith(directory) && path.endsWith('(deleted)') ? path : []
    } catch {
      return [] // that of the listing itself
    }
  })
}

it('gets every record, in order', async () => {
  await fill()
  const given = extentsGiven()
  const consumer = client().consumer({ groupId: 'late', maxBytesPerPartition: 1024 * KIB })
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  const seen = Array.from({ length: PARTITIONS }, () => createHash('sha1'))
  let left = SENDS * 24
  await new Promise<void>((resolve, reject) => {
    consumer
      .run({
        eachMessage: async ({ partition, message: { value } }) => {
          seen[partition]?.update(value ?? '')
          if (--left === 0) resolve()
        },
      })
      .catch(reject)
  })
  await consumer.disconnect()
  const expected = Array.from({ length: PARTITIONS }, (_, partition) => {
    const all = createHash('sha1')
    for (let n = 0; n < (SENDS / PARTITIONS) * 24; n++) all.update(recordValue(partition, n))
    return all.digest('hex')
  })
  expect(seen.map(one => one.digest('hex'))).toEqual(expected)
  expect(given()).toBeGreaterThan(PARTITIONS)
})

it.skipIf(!existsSync('/proc/self/fd'))(
  'that goes away in the midst of an answer leaves no file open',
  async () => {
    await fill()
    const given = extentsGiven()
    const port = Number(broker.kafka.brokers[0]?.split(':').at(-1))
    const socket = connect({ host: '127.0.0.1', port })
    await new Promise<void>(resolve => {
      socket.once('data', () => resolve())
      socket.write(fetchRequest())
    })
    socket.pause()
    const admin = client().admin()
    await admin.connect()
    await admin.deleteTopics({ topics: [topic] })
    await admin.disconnect()
    expect(given()).toBe(PARTITIONS)
    await vi.waitFor(() => expect(removedFiles().length).toBeGreaterThan(0), 10_000)
    socket.destroy()
    await vi.waitFor(() => expect(removedFiles()).toEqual([]), 10_000)
  },
)
