// A measurement of an AMQP broker: producers and consumers at once, counted between two moments, or until a number of
// messages has gone through.

import type { World } from '../../../world/index.ts'
import type { Connection } from '../../amqp/connection.ts'
import { CommandError } from '../../exit.ts'
import { sleep } from '../../kafka/patience.ts'
import { Consumer } from './amqp-consumer.ts'
import { MessageBlock, TIME_BYTES } from './amqp-messages.ts'
import { Producer } from './amqp-producer.ts'
import { Histogram } from './histogram.ts'

export interface Load {
  readonly connect: () => Promise<Connection>
  readonly world: World
  readonly signal: AbortSignal
  readonly queues: readonly string[]
  readonly producers: number
  readonly consumers: number
  readonly size: number
  readonly persistent: boolean
  readonly window: number
  readonly prefetch: number
  readonly ackEvery: number
  readonly noAck: boolean
  readonly rate: number | undefined
  /** Messages in all; by time when it is undefined. */
  readonly count: number | undefined
  readonly durationMs: number
  readonly warmupMs: number
  /** Ms without any message after which it is given up. */
  readonly quietMs: number
  readonly onProgress: (messages: number) => void
}

export interface Measured {
  readonly published: number
  readonly consumed: number
  readonly refused: number
  readonly elapsed: number
  /** Processors that this process took. */
  readonly cpu: number
  readonly latencies: Histogram
  readonly confirmLatencies: Histogram
}

/** How often it is looked whether all is done, in ms. */
const LOOK_MS = 5

/** What is counted; begun anew after the warm-up. */
class Counters {
  published = 0
  consumed = 0
  latencies = new Histogram()
  confirmLatencies = new Histogram()
  readonly began: number
  readonly #cpu = process.cpuUsage()

  constructor(began: number) {
    this.began = began
  }

  cpuSince(elapsedMs: number): number {
    const { user, system } = process.cpuUsage(this.#cpu)
    return (user + system) / 1000 / Math.max(elapsedMs, 0.001)
  }
}

/** Errors: whatever ended a connection; CommandError (tryAgain) when nothing comes any more. */
export async function measure(load: Load): Promise<Measured> {
  const { world, signal } = load
  const connections: Connection[] = []
  let counters = new Counters(world.monotonic())
  const counting = (): Counters => counters
  try {
    const consumers = await openConsumers(load, connections, counting)
    const producers = await openProducers(load, connections, counting)
    // What a queue holds already comes as soon as a consumer is there.
    counters = new Counters(world.monotonic())
    for (const consumer of consumers) await consumer.open()
    const failed = Promise.all(producers.map(producer => producer.run()))
    failed.catch(() => {}) // found below
    const done =
      load.count === undefined
        ? byTime(load, () => {
            counters = new Counters(world.monotonic())
          })
        : byCount(load, producers, counting)
    await Promise.race([done, failed.then(() => done)])
    const elapsed = world.monotonic() - counters.began
    const { published, consumed, latencies, confirmLatencies } = counters
    const cpu = counters.cpuSince(elapsed)
    for (const producer of producers) producer.stop()
    signal.throwIfAborted()
    for (const { ended } of connections) if (ended !== undefined) throw ended
    const refused = producers.reduce((sum, producer) => sum + producer.refused, 0)
    return { published, consumed, refused, elapsed, cpu, latencies, confirmLatencies }
  } finally {
    // In order: what a consumer had not acknowledged is back before the queue is looked at again.
    await Promise.all(connections.map(connection => connection.close()))
  }
}

async function openConsumers(
  load: Load,
  connections: Connection[],
  counting: () => Counters,
): Promise<Consumer[]> {
  const { queues, consumers, world, prefetch, noAck, ackEvery, size, onProgress } = load
  const opened: Consumer[] = []
  for (let at = 0; at < consumers; at++) {
    const connection = await load.connect()
    connections.push(connection)
    const own =
      consumers > queues.length
        ? queues.filter((_, n) => n === at % queues.length)
        : queues.filter((_, n) => n % consumers === at)
    const channel = await connection.channel()
    const onReceived = (count: number): void => {
      counting().consumed += count
      onProgress(count)
    }
    const timed = size >= TIME_BYTES
    const latencies = (): Histogram => counting().latencies
    opened.push(
      new Consumer({ channel, queues: own, world, prefetch, noAck, ackEvery, timed, latencies, onReceived }),
    )
  }
  return opened
}

async function openProducers(
  load: Load,
  connections: Connection[],
  counting: () => Counters,
): Promise<Producer[]> {
  const { queues, producers, consumers, world, size, persistent, window, rate, count, onProgress } = load
  const opened: Producer[] = []
  for (let at = 0; at < producers; at++) {
    const connection = await load.connect()
    connections.push(connection)
    const channel = await connection.channel()
    const { frameMax } = connection
    const block = new MessageBlock({ channel: channel.number, queues, size, persistent, frameMax, world })
    const producer = new Producer({
      channel,
      block,
      world,
      window,
      count: count === undefined ? Number.POSITIVE_INFINITY : shareOf(count, producers, at),
      rate: rate === undefined ? undefined : rate / producers,
      latencies: () => counting().confirmLatencies,
      onSent(sent) {
        counting().published += sent
        if (consumers === 0) onProgress(sent)
      },
    })
    await producer.open()
    opened.push(producer)
  }
  return opened
}

async function byTime({ world, signal, warmupMs, durationMs }: Load, begin: () => void): Promise<void> {
  if (warmupMs > 0) {
    await sleep(world, warmupMs, signal)
    begin()
  }
  await sleep(world, durationMs, signal)
}

async function byCount(load: Load, producers: readonly Producer[], counting: () => Counters): Promise<void> {
  const { world, signal, consumers, count = 0, quietMs } = load
  let [seen, heard] = [0, world.monotonic()]
  for (;;) {
    const { published, consumed } = counting()
    if (consumers > 0 ? consumed >= count : producers.every(one => one.isDone)) break
    if (published + consumed !== seen) [seen, heard] = [published + consumed, world.monotonic()]
    else if (world.monotonic() - heard > quietMs)
      throw new CommandError(
        'tryAgain',
        `${consumed} of ${count} messages came, and no more for ${quietMs} ms`,
      )
    await sleep(world, LOOK_MS, signal)
  }
  if (consumers === 0) await Promise.all(producers.map(one => one.barrier()))
}

/** The part of `count` that falls to number `at` of `all`. */
function shareOf(count: number, all: number, at: number): number {
  return Math.floor(count / all) + (at < count % all ? 1 : 0)
}
