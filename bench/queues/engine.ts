// A broker with queues in this process, on the file store of the build under test, without any protocol: messages go
// straight to the publisher, and come to consumers by credit.

import type { Broker as BrokerType } from '../../src/broker/broker.ts'
import type { FieldTable } from '../../src/broker/field-value.ts'
import type { Settleable } from '../../src/broker/queues/delivery.ts'
import type { Queue } from '../../src/broker/queues/queue.ts'
import type { Routable } from '../../src/broker/queues/routing.ts'
import type { FileStore } from '../../src/log/index.ts'
import type { systemWorld as SystemWorld } from '../../src/world/index.ts'
import { openEngine } from '../log/engine.ts'
import { built } from '../places.ts'

const BODY_BYTES = 16
/** Messages that are out without being stored, as a confirm window of many publishers. */
const WINDOW = 10_000
const PREFETCH = 1000
/** Settled at once. */
const SETTLE = 100

const noFields: FieldTable = new Map()

export class Engine {
  readonly broker: BrokerType
  readonly #store: FileStore
  readonly #now: () => number

  private constructor(broker: BrokerType, store: FileStore, now: () => number) {
    this.broker = broker
    this.#store = store
    this.#now = now
  }

  static async open(directory: string): Promise<Engine> {
    const store = await openEngine(directory)
    const { Broker }: { readonly Broker: typeof BrokerType } = await import(built('broker/broker.js'))
    const { systemWorld }: { readonly systemWorld: typeof SystemWorld } = await import(
      built('world/index.js')
    )
    const onQueueFault = (queue: { readonly name: string } | undefined, error: unknown): void => {
      throw new Error(`queue ${queue?.name ?? 'none'}: ${String(error)}`)
    }
    const broker = await Broker.open({ store, world: systemWorld, onQueueFault })
    return new Engine(broker, store, () => systemWorld.now())
  }

  async close(): Promise<void> {
    await this.broker.close()
    await this.#store.close()
  }

  /** Makes a durable queue, or finds it. */
  async queue(name: string): Promise<Queue> {
    const entity = await this.broker.queues.declare({ vhost: '/', name })
    // A class of the build is not one of the sources: told apart by what only queues have.
    if (!('put' in entity)) throw new TypeError(`${name} is a stream`)
    return entity as Queue
  }

  /** Puts messages; resolves when all are durable. */
  async put(queue: string, count: number): Promise<void> {
    const { publisher } = this.broker
    let failure: unknown
    let stored = 0
    let room: (() => void) | undefined
    const receipt = {
      done(error?: unknown): void {
        failure ??= error
        stored++
        room?.()
      },
    }
    for (let sent = 0; sent < count; ) {
      const burst = Math.min(WINDOW - (sent - stored), count - sent)
      const timestamp = this.#now()
      for (let n = 0; n < burst; n++) publisher.publish('/', messageTo(queue, timestamp), receipt)
      sent += burst
      await new Promise<void>(resolve => {
        room = () => {
          if (sent - stored <= WINDOW / 2 || stored === sent) resolve()
        }
        room()
      })
      if (failure !== undefined) throw failure
    }
    while (stored < count) await new Promise(resolve => setImmediate(resolve))
    if (failure !== undefined) throw failure
  }

  /** Takes so many messages by a consumer with credit, and settles them. */
  async take(queue: Queue, count: number): Promise<void> {
    const credit = {
      limit: PREFETCH,
      used: 0,
      kind: 'window' as const,
      get isOpen() {
        return this.used < this.limit
      },
    }
    await new Promise<void>((resolve, reject) => {
      let taken = 0
      let held: Settleable[] = []
      const settle = (): void => {
        const some = held
        held = []
        for (const delivery of some) delivery.settle('accepted')
      }
      const consumer = queue.subscribe({
        tag: 'bench',
        credits: [credit],
        deliver(_message, delivery) {
          if (delivery !== undefined) held.push(delivery)
          taken++
          if (taken === count) {
            consumer.pause()
            queueMicrotask(() => {
              settle()
              consumer.cancel()
              resolve()
            })
          } else if (held.length === SETTLE) queueMicrotask(settle)
        },
        cancelled: reject,
      })
    })
  }
}

function messageTo(routingKey: string, timestamp: number): Routable {
  const record = { timestamp, value: Buffer.alloc(BODY_BYTES, 'posthorn') }
  return { exchange: '', routingKey, headers: noFields, publication: { record, persistent: true } }
}
