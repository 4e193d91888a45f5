// A head over a broker in memory, and clients that speak the wire tables by hand on streams in this process: they can be as
// rude as a test needs it, and see every method that comes back. Time stands until it is moved.

import { plain, tokenUser } from '../../auth/index.ts'
import type { FieldTable } from '../../broker/field-value.ts'
import { Broker, type BrokerOptions } from '../../broker/index.ts'
import { type Fields, type InOf, Reader, Writer } from '../../bytes/index.ts'
import { type Deferred, deferred } from '../../flow/index.ts'
import { openMemoryStore } from '../../log/index.ts'
import type { Stream } from '../../transport/index.ts'
import { ManualWorld, type Reporter, silent } from '../../world/index.ts'
import { serverProperties } from './capabilities.ts'
import { Connection } from './connection.ts'
import { FrameCutter, frameTypes, preferredHeader, writeContent, writeMethod } from './frame.ts'
import { Amqp } from './head.ts'
import type { Limits } from './limits.ts'
import {
  ChannelOpen,
  ConnectionOpen,
  ConnectionStartOk,
  ConnectionTuneOk,
  methodById,
  methodIdAt,
} from './wire/index.ts'
import type { Method } from './wire/method.ts'

const product = { product: 'Posthorn', version: '1', platform: 'test', clusterName: 'test' }
const FRAME_MAX = 131_072

/** A frame that came from the server, as text: `1 queue.declare-ok`; content frames are `1 header` and `1 body`. */
export interface Seen {
  readonly channel: number
  readonly name: string
  readonly args: Readonly<Record<string, unknown>>
}

export class AmqpScene {
  readonly world = new ManualWorld({ seed: 1 })
  readonly broker: Broker
  readonly head: Amqp

  private constructor(broker: Broker, head: Amqp, world: ManualWorld) {
    this.broker = broker
    this.head = head
    this.world = world
  }

  /** `onError` hears of what the head did not expect. */
  static async open(
    limits: Partial<Limits> = {},
    onError: Reporter['error'] = () => {},
    access: NonNullable<BrokerOptions['access']> = {},
  ): Promise<AmqpScene> {
    const world = new ManualWorld({ seed: 1 })
    const broker = await Broker.open({ store: openMemoryStore(), world, access })
    const report = { ...silent, error: onError }
    const head = await Amqp.open({ broker, world, report, listeners: [], product, limits })
    return new AmqpScene(broker, head, world)
  }

  async close(): Promise<void> {
    await this.head.close()
    await this.broker.close()
  }

  /** Bytes of unfinished frames and messages of all connections. */
  get heldBytes(): number {
    return this.head.hold(0)
  }

  /** A connection that has said nothing yet. */
  bare(): Client {
    const stream = new PushedStream()
    const connection = new Connection({
      serving: this.head,
      stream,
      listener: 'amqp',
      name: 'scene',
      properties: serverProperties(product),
      mechanisms: [plain],
      begin: () =>
        plain.start(
          {
            scram: (user, mechanism) => this.broker.access.users.scram(user, mechanism),
            checkPassword: async (user, password) => {
              const found = await this.broker.accounts.authenticate(user, password, { loopback: true })
              if (found.at !== 'known') return 'wrong'
              return found.grant ? tokenUser(found.user, found.grant) : 'right'
            },
          },
          { address: '127.0.0.1' },
          this.world,
        ),
    })
    return new Client(connection, stream)
  }

  /**
   * A connection that is open, with channel 1, where nothing is seen yet. `properties` and `response` are those of start-ok,
   * `heartbeat` is that of tune-ok, s.
   */
  client(properties: FieldTable = new Map(), response?: Buffer, heartbeat = 0): Promise<Client> {
    return this.#open(properties, FRAME_MAX, heartbeat, response)
  }

  /** The same, with frames of at most so many bytes. */
  narrow(frameMax: number): Promise<Client> {
    return this.#open(new Map(), frameMax, 0)
  }

  async #open(
    properties: FieldTable,
    frameMax: number,
    heartbeat: number,
    response?: Buffer,
  ): Promise<Client> {
    const client = this.bare()
    client.bytes(preferredHeader)
    client.method(0, ConnectionStartOk, { ...startOk(properties), ...(response && { response }) })
    await settled()
    client.method(0, ConnectionTuneOk, { channelMax: 2047, frameMax, heartbeat })
    client.method(0, ConnectionOpen, { virtualHost: '/' })
    client.method(1, ChannelOpen, {})
    await settled()
    client.seen.splice(0)
    return client
  }
}

/** What guest logs in with. */
export function startOk(clientProperties: FieldTable) {
  return {
    ...{ clientProperties, mechanism: 'PLAIN', locale: 'en_US' },
    response: Buffer.from('\0guest\0guest'),
  }
}

export class Client {
  readonly connection: Connection
  readonly stream: PushedStream
  /** What came from the server and was not taken yet. */
  readonly seen: Seen[] = []
  readonly served: Promise<void>
  readonly #cutter = new FrameCutter()
  #held: Buffer[] | undefined

  constructor(connection: Connection, stream: PushedStream) {
    this.connection = connection
    this.stream = stream
    stream.onWrite = chunk => this.#see(chunk)
    this.served = connection.serve()
  }

  bytes(...chunks: readonly Buffer[]): void {
    if (this.#held !== undefined) this.#held.push(...chunks)
    else for (const chunk of chunks) this.stream.push(chunk)
  }

  /** What is sent within comes as one chunk. */
  together(send: () => void): void {
    const held: Buffer[] = []
    this.#held = held
    send()
    this.#held = undefined
    this.bytes(Buffer.concat(held))
  }

  method<F extends Fields>(channel: number, method: Method<F>, args: InOf<F>): void {
    const to = new Writer()
    writeMethod(to, channel, method, args)
    this.bytes(Buffer.concat(to.finish()))
  }

  content<F extends Fields>(
    channel: number,
    method: Method<F>,
    args: InOf<F>,
    body: Buffer,
    properties: Buffer = noProperties,
  ): void {
    const to = new Writer()
    writeContent(to, channel, method, args, { properties, body }, FRAME_MAX)
    this.bytes(Buffer.concat(to.finish()))
  }

  /** Lets everything happen that needs no time, and takes the names of what came: `1 basic.ack`. */
  async names(): Promise<string[]> {
    return (await this.take()).map(({ channel, name }) => `${channel} ${name}`)
  }

  async take(): Promise<Seen[]> {
    await settled()
    return this.seen.splice(0)
  }

  #see(chunk: Buffer): void {
    if (chunk.equals(preferredHeader)) {
      this.seen.push({ channel: 0, name: 'protocol header', args: {} })
      return
    }
    this.#cutter.push(chunk)
    while (this.#cutter.next(FRAME_MAX)) {
      const { type, channel, buffer, start, end } = this.#cutter
      if (type !== frameTypes.method) {
        this.seen.push({ channel, name: frameNames[type] ?? `frame ${type}`, args: {} })
        continue
      }
      const method = methodById(methodIdAt(buffer, start, end))
      if (method === undefined) throw new Error('the server sent an unknown method')
      const args = method.decode(new Reader(buffer, start + 4, end)) as Record<string, unknown>
      this.seen.push({ channel, name: method.name, args })
    }
  }
}

const noProperties = Buffer.from([0, 0])
const frameNames: Readonly<Record<number, string>> = { 2: 'header', 3: 'body', 8: 'heartbeat' }

/** A stream whose other end is in the test's hands. */
export class PushedStream implements Stream {
  readonly peer = { address: '127.0.0.1', port: 1, encrypted: false }
  readonly #chunks: Buffer[] = []
  #wake: Deferred<void> = deferred()
  #ended = false
  onWrite: (chunk: Buffer) => void = () => {}
  /** While set, the peer reads slowly. */
  slow: Promise<void> | undefined

  get bytes(): AsyncIterable<Buffer> {
    return this.#read()
  }
  /** Chunks that were not read yet: the server waits. */
  get unread(): number {
    return this.#chunks.length
  }
  get isEnded(): boolean {
    return this.#ended
  }

  push(chunk: Buffer): void {
    this.#chunks.push(chunk)
    this.#wake.resolve()
  }

  write(chunks: readonly Buffer[]): Promise<void> | undefined {
    for (const chunk of chunks) this.onWrite(chunk)
    return this.slow
  }

  /** The client ends. */
  end(): void {
    this.#ended = true
    this.#wake.resolve()
  }

  async close(): Promise<void> {
    this.end()
  }

  abort(): void {
    this.end()
  }

  async *#read(): AsyncGenerator<Buffer> {
    for (;;) {
      const chunk = this.#chunks.shift()
      if (chunk !== undefined) yield chunk
      else if (this.#ended) return
      else {
        this.#wake = deferred()
        await this.#wake.promise
      }
    }
  }
}

/** Lets everything that needs no time happen. */
export async function settled(): Promise<void> {
  for (let turns = 0; turns < 20; turns++) await new Promise<void>(resolve => setImmediate(resolve))
}
