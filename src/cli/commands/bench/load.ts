// The two halves of a measurement: producing as fast as the broker takes it or at a fixed rate, and reading it all back.

import { setImmediate as turn } from 'node:timers/promises'
import type { Codec } from '../../../log/index.ts'
import type { NewRecord } from '../../../log/record/builder.ts'
import { RecordCursor } from '../../../log/record/cursor.ts'
import type { World } from '../../../world/index.ts'
import type { Client } from '../../kafka/client.ts'
import { pieces } from '../../kafka/fetcher.ts'
import { limits } from '../../kafka/limits.ts'
import { offsetsAt, places } from '../../kafka/offsets.ts'
import { sleep } from '../../kafka/patience.ts'
import { openProducer } from '../../kafka/producer.ts'
import type { Histogram } from './histogram.ts'

export interface ProduceLoad {
  readonly topic: string
  readonly count: number
  readonly size: number
  readonly acks: -1 | 0 | 1
  readonly codec: Codec
  readonly lingerMs: number
  readonly batchBytes: number
  /** Records per second; undefined for as many as possible. */
  readonly rate: number | undefined
  readonly latencies: Histogram
  readonly onStored: (count: number) => void
}

interface TimedRecord extends NewRecord {
  /** When it was due, by World.monotonic: waiting to be sent counts (no coordinated omission). */
  readonly due: number
}

/** Records that are made before the event loop gets its turn. */
const BURST = 500
/** Batches per producer that wait: more would only be latency. */
const BATCHES_WAITING = 16
const POOL_BYTES = 1_048_576
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** Sends `count` records and resolves when they are stored. */
export async function produceLoad(client: Client, load: ProduceLoad): Promise<void> {
  const { topic, acks, codec, lingerMs, batchBytes, count, latencies, onStored } = load
  const { world, signal } = client
  const producer = await openProducer<TimedRecord>(client, {
    topic,
    acks,
    codec,
    lingerMs,
    batchBytes,
    bufferBytes: Math.min(limits.bufferBytesMax, batchBytes * BATCHES_WAITING),
    onStored(records) {
      const now = world.monotonic()
      for (const { due } of records) latencies.add(now - due)
      onStored(records.length)
    },
  })
  const values = valuePool(world, load.size)
  const began = world.monotonic()
  const dueAt = (n: number): number => (load.rate === undefined ? 0 : began + (n / load.rate) * 1000)
  for (let sent = 0; sent < count; ) {
    signal.throwIfAborted()
    const now = world.monotonic()
    const wait = dueAt(sent) - now
    if (wait > 0) {
      await sleep(world, wait, signal)
      continue
    }
    const timestamp = world.now()
    for (let n = 0; n < BURST && sent < count; n++) {
      const due = load.rate === undefined ? now : dueAt(sent)
      if (due > now) break
      const full = producer.send({ timestamp, value: values(sent), due })
      sent++
      if (full === undefined) continue
      await full
      break
    }
    await turn()
  }
  await producer.flush()
}

/** Slices of one random text, so that making values costs next to nothing and codecs have something to do. */
function valuePool(world: World, size: number): (n: number) => Buffer {
  const pool = Buffer.alloc(Math.max(POOL_BYTES, size * 2))
  for (let at = 0; at < pool.length; at++)
    pool[at] = LETTERS.charCodeAt(Math.floor(world.random() * LETTERS.length))
  const places = Array.from({ length: 1024 }, () => Math.floor(world.random() * (pool.length - size + 1)))
  const slices = places.map(at => pool.subarray(at, at + size))
  return n => slices[n & 1023] ?? pool
}

export interface ConsumeLoad {
  readonly topic: string
  readonly partitions: readonly number[]
  readonly from: ReadonlyMap<number, number>
  readonly onRead: (count: number, bytes: number) => void
}

/** Reads the partitions up to the end of now, looking at every record. */
export async function consumeLoad(client: Client, load: ConsumeLoad): Promise<void> {
  const { topic, partitions, onRead } = load
  const until = await offsetsAt(client, topic, partitions, places.end)
  const from = new Map([...load.from].filter(([partition]) => partitions.includes(partition)))
  for await (const piece of pieces(client, { topic, from, until, signal: client.signal })) {
    for (const batch of piece.batches) {
      const cursor = new RecordCursor(batch, limits.batchBytesMax)
      let bytes = 0
      let count = 0
      while (cursor.next()) {
        count++
        bytes += Math.max(0, cursor.keyBytes) + Math.max(0, cursor.valueBytes)
      }
      onRead(count, bytes)
    }
  }
  client.signal.throwIfAborted()
}
