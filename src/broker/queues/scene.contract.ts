// A broker with queues for tests: time that is moved by hand, a store in memory that a restart goes on with, and a few
// words to say what is put and what comes.

import { type MemoryStore, openMemoryStore } from '../../log/index.ts'
import { ManualWorld } from '../../world/index.ts'
import { Broker } from '../broker.ts'
import { type FieldTable, type FieldValue, noFields } from '../field-value.ts'
import type { Consumer, ConsumerOptions } from './consumer.ts'
import type { NewQueue } from './declaration.ts'
import type { Settleable } from './delivery.ts'
import type { Message, Publication } from './message.ts'
import { Queue } from './queue.ts'
import type { Queues } from './queues.ts'
import { routeHeaders } from './routing.ts'
import { Stream } from './stream.ts'

export const table = (values: Readonly<Record<string, FieldValue>>): FieldTable =>
  new Map(Object.entries(values))

/** A consumer that writes down what it gets. */
export interface Listener {
  readonly consumer: Consumer
  readonly got: string[]
  readonly deliveries: { readonly message: Message; readonly delivery: Settleable | undefined }[]
  readonly cancelled: string[]
}

export class Scene {
  readonly world = new ManualWorld()
  readonly faults: unknown[] = []
  #store: MemoryStore
  #broker: Broker | undefined

  private constructor(store: MemoryStore) {
    this.#store = store
  }

  static async open(): Promise<Scene> {
    const scene = new Scene(openMemoryStore())
    await scene.#start()
    return scene
  }

  get broker(): Broker {
    if (this.#broker === undefined) throw new TypeError('the scene is closed')
    return this.#broker
  }
  get queues(): Queues {
    return this.broker.queues
  }

  /** As if the process had ended and begun again. */
  async restart(): Promise<void> {
    await this.broker.close()
    await this.#store.close()
    this.#store = openMemoryStore({ from: this.#store })
    await this.#start()
  }

  async close(): Promise<void> {
    await this.broker.close()
    await this.#store.close()
  }

  async queue(
    name: string,
    args: Readonly<Record<string, FieldValue>> = {},
    more: Partial<NewQueue> = {},
  ): Promise<Queue> {
    const entity = await this.queues.declare({ vhost: '/', name, arguments: table(args), ...more })
    if (!(entity instanceof Queue)) throw new TypeError(`${name} is a stream`)
    return entity
  }

  async stream(name: string, args: Readonly<Record<string, FieldValue>> = {}): Promise<Stream> {
    const entity = await this.queues.declare({
      vhost: '/',
      name,
      arguments: table({ 'x-queue-type': 'stream', ...args }),
    })
    if (!(entity instanceof Stream)) throw new TypeError(`${name} is a queue`)
    return entity
  }

  /** Puts texts through the default exchange and waits until they are stored; gives the errors. */
  async put(
    queue: string,
    ...texts: (string | (Partial<Publication> & { readonly text: string }))[]
  ): Promise<string[]> {
    return this.publish('', queue, ...texts)
  }

  async publish(
    exchange: string,
    routingKey: string,
    ...texts: (string | (Partial<Publication> & { readonly text: string; readonly headers?: FieldTable }))[]
  ): Promise<string[]> {
    const results = texts.map(one => {
      const { text, headers = noFields, ...more } = typeof one === 'string' ? { text: one } : { ...one }
      return new Promise<string>(resolve => {
        this.broker.publisher.publish(
          '/',
          {
            exchange,
            routingKey,
            headers: headers as FieldTable,
            publication: { ...publicationOf(text, exchange, routingKey, this.world.now()), ...more },
          },
          {
            done: error =>
              resolve(error === undefined ? 'stored' : String((error as { code?: string }).code ?? error)),
          },
        )
      })
    })
    const done = await Promise.all(results)
    await settled()
    return done
  }

  listen(queue: Queue, options: Partial<ConsumerOptions> = {}): Listener {
    const got: string[] = []
    const deliveries: Listener['deliveries'] = []
    const cancelled: string[] = []
    const consumer = queue.subscribe({
      tag: 'c',
      deliver: (message, delivery) => {
        got.push(textOf(message))
        deliveries.push({ message, delivery })
      },
      cancelled: reason => cancelled.push(reason.code),
      ...options,
    })
    return { consumer, got, deliveries, cancelled }
  }

  /** Moves time, and lets what it sets off happen. */
  async pass(duration: Parameters<ManualWorld['advance']>[0]): Promise<void> {
    this.world.advance(duration)
    await settled()
  }

  /** Everything that can be had of a queue, without settling it. */
  async browse(queue: Queue | Stream): Promise<string[]> {
    const texts: string[] = []
    for await (const message of queue.browse()) texts.push(textOf(message))
    return texts
  }

  /** Takes everything from a queue. */
  async drain(queue: Queue): Promise<string[]> {
    const texts: string[] = []
    for (;;) {
      const found = await queue.poll({ presettled: true })
      if (found === undefined) return texts
      texts.push(textOf(found.message))
    }
  }

  async #start(): Promise<void> {
    this.#broker = await Broker.open({
      store: this.#store,
      world: this.world,
      onQueueFault: (_, error) => this.faults.push(error),
    })
  }
}

export const textOf = ({ value }: { readonly value: Buffer | null }): string => value?.toString() ?? 'null'

/** Lets everything that needs no time happen. */
export async function settled(): Promise<void> {
  for (let turns = 0; turns < 20; turns++) await new Promise<void>(resolve => setImmediate(resolve))
}

function publicationOf(text: string, exchange: string, routingKey: string, now: number): Publication {
  const headers = [
    { key: routeHeaders.exchange, value: Buffer.from(exchange) },
    { key: routeHeaders.routingKey, value: Buffer.from(routingKey) },
  ]
  return { record: { timestamp: now, value: Buffer.from(text), headers } }
}
