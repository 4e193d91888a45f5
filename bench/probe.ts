// A Kafka client that does as little as possible: batches are sent as they are and read back undecoded, so that what is
// measured is the broker. Works against any Kafka broker.

import type { Connection } from '../src/cli/kafka/connection.ts'
import { dial } from '../src/cli/kafka/dial.ts'
import { CreateTopics, DeleteTopics, Fetch, Metadata, Produce } from '../src/heads/kafka/wire/index.ts'
import { RecordBatch } from '../src/log/index.ts'
import { systemWorld } from '../src/world/index.ts'

const TIMEOUT_MS = 60_000

export interface Fetched {
  readonly bytes: number
  /** The batches as they came. */
  readonly chunks: readonly Buffer[]
  readonly highWatermark: number
}

/** One connection, one topic of which partition 0 is used. */
export class Probe {
  readonly #connection: Connection
  readonly #topic: string
  #topicId = ''

  constructor(connection: Connection, topic: string) {
    this.#connection = connection
    this.#topic = topic
  }

  static async open(port: number, topic: string): Promise<Probe> {
    const { signal } = new AbortController()
    const settings = { world: systemWorld, signal, timeoutMs: TIMEOUT_MS }
    const probe = new Probe(await dial({ host: '127.0.0.1', port }, settings), topic)
    await probe.refresh()
    return probe
  }

  /** Makes the topic, and waits until it can be written to. */
  async create(partitions: number, settings: Readonly<Record<string, string>> = {}): Promise<void> {
    const configs = Object.entries(settings).map(([name, value]) => ({ name, value }))
    const topics = [
      { name: this.#topic, numPartitions: partitions, replicationFactor: 1, assignments: [], configs },
    ]
    const { topics: rows } = await this.#connection.request(CreateTopics, { topics, timeoutMs: TIMEOUT_MS })
    failOn(rows[0]?.errorCode, `creating ${this.#topic}`)
    for (;;) {
      await this.refresh()
      // Kafka names a leader somewhat before it serves as one.
      if (await this.#serves()) return
      await new Promise(resolve => setTimeout(resolve, 20))
    }
  }

  async remove(): Promise<void> {
    const request = { topics: [{ name: this.#topic }], topicNames: [this.#topic], timeoutMs: TIMEOUT_MS }
    const { responses } = await this.#connection.request(DeleteTopics, request, { versionMax: 5 })
    failOn(responses[0]?.errorCode, `deleting ${this.#topic}`)
  }

  /** Sends one batch; resolves when it is acknowledged. The batch is only read. */
  async produce(batch: Buffer, acks: 1 | -1 = -1): Promise<void> {
    const partitionData = [{ index: 0, records: [batch] }]
    const topicData = [{ name: this.#topic, topicId: this.#topicId, partitionData }]
    const { responses } = await this.#connection.request(Produce, { acks, timeoutMs: TIMEOUT_MS, topicData })
    failOn(responses[0]?.partitionResponses[0]?.errorCode, 'Produce')
  }

  /** Sends the batch `times` times, at most `window` of them unanswered. */
  async produceMany(batch: Buffer, times: number, window: number): Promise<void> {
    let left = times
    const lane = async (): Promise<void> => {
      while (left-- > 0) await this.produce(batch)
    }
    await Promise.all(Array.from({ length: window }, lane))
  }

  async fetch(from: number, bytesMax: number, waitMs = 0): Promise<Fetched> {
    const partitions = [{ partition: 0, fetchOffset: from, partitionMaxBytes: bytesMax }]
    const { responses } = await this.#connection.request(Fetch, {
      maxWaitMs: waitMs,
      minBytes: 1,
      maxBytes: bytesMax,
      topics: [{ topic: this.#topic, topicId: this.#topicId, partitions }],
    })
    const row = responses[0]?.partitions[0]
    failOn(row?.errorCode, 'Fetch')
    const chunks = row?.records === undefined || row.records === null ? [] : [row.records].flat()
    const bytes = chunks.reduce((sum, one) => sum + one.length, 0)
    return { bytes, chunks, highWatermark: row?.highWatermark ?? 0 }
  }

  close(): void {
    this.#connection.close()
  }

  /** Learns the topic's id. */
  async refresh(): Promise<void> {
    const { topics } = await this.#connection.request(Metadata, {
      topics: [{ name: this.#topic }],
      allowAutoTopicCreation: false,
    })
    this.#topicId = topics[0]?.topicId ?? this.#topicId
  }

  #serves(): Promise<boolean> {
    return this.fetch(0, 1).then(
      () => true,
      () => false,
    )
  }
}

/** The batches of what was fetched that are whole; a broker may cut the last one. */
export function* wholeBatches({ chunks }: Fetched): Generator<RecordBatch> {
  for (const chunk of chunks)
    for (let at = 0; at + 12 <= chunk.length; ) {
      const bytes = chunk.readInt32BE(at + 8) + 12
      if (at + bytes > chunk.length) return
      yield new RecordBatch(chunk.subarray(at, at + bytes))
      at += bytes
    }
}

function failOn(code: number | undefined, what: string): void {
  if (code !== 0) throw new Error(`${what} failed with error code ${code ?? 'none: no row'}`)
}
