// The AMQP head without sockets under attack: connections whose bytes are pushed, time that is moved by hand. Whatever a
// peer does, nothing unexpected is reported, its connection ends when it leaves, and a healthy client is served after it.

import { AmqpScene, settled } from '../../../src/heads/amqp091/scene.contract.ts'
import {
  BasicGet,
  BasicPublish,
  ChannelOpen,
  ConfirmSelect,
  QueueDeclare,
} from '../../../src/heads/amqp091/wire/index.ts'

export interface AmqpVisit {
  readonly story: string
  /** Bytes after the handshake, as they arrive. */
  readonly chunks: readonly Buffer[]
  /** Without a handshake of ours: the bytes are all there is. */
  readonly bare: boolean
  /** Reads nothing that comes back. */
  readonly slow: boolean
  /** How far time is moved before the client leaves, in ms. */
  readonly waitMs: number
}

/** Turns of the event loop in which a connection must be over once its client has left. */
const END_TURNS = 500
/** Longer than any time that the head waits for a peer. */
const END_MS = 60_000

export class AmqpArena {
  readonly findings: string[] = []
  readonly #scene: AmqpScene
  #story = ''

  private constructor(scene: AmqpScene) {
    this.#scene = scene
  }

  static async open(): Promise<AmqpArena> {
    const scene = await AmqpScene.open({}, (message, fields) =>
      arena.findings.push(`${message}: ${JSON.stringify(fields)}; ${arena.#story}`),
    )
    const arena: AmqpArena = new AmqpArena(scene)
    return arena
  }

  close(): Promise<void> {
    return this.#scene.close()
  }

  /** Serves a visit to its end; gives how many frames came back. */
  async visit({ story, chunks, bare, slow, waitMs }: AmqpVisit): Promise<number> {
    this.#story = story
    const client = bare ? this.#scene.bare() : await this.#scene.client()
    if (slow) client.stream.slow = new Promise(() => {})
    client.bytes(...chunks)
    await settled()
    if (waitMs > 0) this.#scene.world.advance(waitMs)
    await settled()
    let over = false
    void client.served.then(() => {
      over = true
    })
    client.stream.end()
    for (let turns = 0; turns < END_TURNS && !over; turns++) {
      await new Promise<void>(resolve => setImmediate(resolve))
      if (turns === END_TURNS / 2) this.#scene.world.advance(END_MS)
    }
    if (!over && !slow) this.findings.push(`a connection does not end; ${story}`)
    if (!over) client.connection.abort('the fuzzer gives up')
    return client.seen.length
  }

  /** A client that does everything right gets what it asks for. */
  async healthy(): Promise<void> {
    this.#story = 'healthy'
    const client = await this.#scene.client()
    const queue = `healthy-${this.findings.length}-${performance.now()}`
    client.method(2, ChannelOpen, {})
    client.method(2, ConfirmSelect, { noWait: false })
    client.method(2, QueueDeclare, {
      ...{ queue, passive: false, durable: true, exclusive: true, autoDelete: false, noWait: false },
      arguments: new Map(),
    })
    const to = { exchange: '', routingKey: queue, mandatory: false, immediate: false }
    client.content(2, BasicPublish, to, Buffer.from('healthy'))
    client.method(2, BasicGet, { queue, noAck: true })
    const names = await client.names()
    for (const wanted of [
      'channel.open-ok',
      'confirm.select-ok',
      'queue.declare-ok',
      'basic.ack',
      'basic.get-ok',
    ])
      if (!names.includes(`2 ${wanted}`))
        this.findings.push(`a healthy client did not get ${wanted}, but ${names.join(', ')}`)
    client.stream.end()
    await client.served
    if (this.#scene.heldBytes !== 0) this.findings.push(`${this.#scene.heldBytes} bytes are still held`)
  }
}
