// One connection to an AMQP 0-9-1 server, as a client: handshake, channels, heartbeats, the end. Wire tables and frame code
// are the head's; the direction is the other one. Works against any server of the protocol.
//
// What is written in one turn goes out in one piece, and what is read is taken frame by frame without an object for each:
// `posthorn bench amqp` measures servers with it, and must not be what it measures.

import type { Fields, InOf, OutOf } from '../../bytes/index.ts'
import { Reader, WireError, Writer } from '../../bytes/index.ts'
import { type Deferred, deferred } from '../../flow/index.ts'
import { AmqpError } from '../../heads/amqp091/errors.ts'
import {
  FrameCutter,
  frameTypes,
  preferredHeader,
  writeHeartbeat,
  writeMethod,
} from '../../heads/amqp091/frame.ts'
import { Heartbeat } from '../../heads/amqp091/heartbeat.ts'
import type { Method } from '../../heads/amqp091/wire/index.ts'
import * as wire from '../../heads/amqp091/wire/index.ts'
import type { Stream } from '../../transport/index.ts'
import type { Timer, World } from '../../world/index.ts'
import { CommandError } from '../exit.ts'
import { ConnectionFault } from '../kafka/faults.ts'
import { Channel } from './channel.ts'
import { AmqpFault } from './faults.ts'
import { limits } from './limits.ts'

export interface ConnectionSettings {
  /** `host:port`, for messages. */
  readonly name: string
  readonly world: World
  /** Ms until an answer must be there. */
  readonly timeoutMs: number
  readonly user: string
  readonly password: string
  readonly vhost: string
  /** Seconds between heartbeats that we ask for at most. */
  readonly heartbeat: number
}

/** What we tell the server of ourselves (RabbitMQ shows it). */
const clientProperties = new Map<string, string | ReadonlyMap<string, boolean>>([
  ['product', 'posthorn'],
  ['platform', 'Node.js'],
  [
    'capabilities',
    new Map([
      ['publisher_confirms', true],
      ['basic.nack', true],
      ['consumer_cancel_notify', true],
      ['connection.blocked', true],
      ['authentication_failure_close', true],
    ]),
  ],
])

/** What channel 0 waits for. */
interface Awaited {
  readonly method: Method
  readonly answer: Deferred<object>
}

export class Connection {
  readonly name: string
  readonly world: World
  readonly timeoutMs: number
  readonly #stream: Stream
  readonly #channels = new Map<number, Channel>()
  #writer: Writer | undefined
  #drained: Promise<void> | undefined
  #awaited: Awaited | undefined
  #frameMax: number = limits.frameBytesMax
  #channelMax: number = limits.channelsMax
  #heartbeat: Heartbeat | undefined
  #pulse: Timer | undefined
  #blocked: string | undefined
  #ended: Error | undefined

  private constructor(stream: Stream, { name, world, timeoutMs }: ConnectionSettings) {
    this.#stream = stream
    this.name = name
    this.world = world
    this.timeoutMs = timeoutMs
    void this.#read()
  }

  /** Shakes hands. Errors: AmqpFault, ConnectionFault, CommandError. */
  static async open(stream: Stream, settings: ConnectionSettings): Promise<Connection> {
    const connection = new Connection(stream, settings)
    try {
      await connection.#shakeHands(settings)
      return connection
    } catch (error) {
      connection.abort()
      throw error
    }
  }

  /** Bytes of a frame that both sides keep to. */
  get frameMax(): number {
    return this.#frameMax
  }
  /** Set while the peer reads slowly: resolves when more may be written. */
  get drained(): Promise<void> | undefined {
    return this.#drained
  }
  /** Why the server takes no messages at the moment. */
  get blocked(): string | undefined {
    return this.#blocked
  }
  get ended(): Error | undefined {
    return this.#ended
  }

  /** Opens a channel. Errors: AmqpFault, CommandError (tryAgain) when there are as many as may be. */
  async channel(): Promise<Channel> {
    if (this.#ended !== undefined) throw this.#ended
    let number = 1
    while (this.#channels.has(number)) number++
    if (number > this.#channelMax)
      throw new CommandError('tryAgain', `${this.name} allows ${this.#channelMax} channels, all are in use`)
    const channel = new Channel(number, this)
    this.#channels.set(number, channel)
    await channel.call(wire.ChannelOpen, {}, wire.ChannelOpenOk)
    return channel
  }

  /** Writes a method frame, with what else this turn has to say. */
  method<F extends Fields>(channel: number, method: Method<F>, args: InOf<F>): void {
    writeMethod(this.writer(), channel, method, args)
  }

  /** What goes out at the end of this turn. */
  writer(): Writer {
    if (this.#writer !== undefined) return this.#writer
    this.#writer = new Writer(1024)
    queueMicrotask(() => this.#flush())
    return this.#writer
  }

  /** Writes whole frames, kept until they are sent, behind what this turn has to say already. */
  frames(chunks: readonly Buffer[]): void {
    this.#flush()
    this.#send(chunks)
  }

  /** The channel is gone. */
  forget(channel: Channel): void {
    if (this.#channels.get(channel.number) === channel) this.#channels.delete(channel.number)
  }

  /** Says goodbye and waits for the answer, though not long. Idempotent. */
  async close(): Promise<void> {
    if (this.#ended !== undefined) return
    const args = { replyCode: 200, replyText: 'goodbye', classId: 0, methodId: 0 }
    this.method(0, wire.ConnectionClose, args)
    const late = this.world.after(limits.closeMs, () => this.abort())
    try {
      await this.#expect(wire.ConnectionCloseOk)
    } catch {
      // it ended in another way, which is what was wanted
    } finally {
      late.cancel()
      this.abort()
    }
  }

  /** Ends now; whatever waits fails with the reason. Idempotent. */
  abort(reason: Error = new ConnectionFault(`the connection to ${this.name} was closed`)): void {
    if (this.#ended !== undefined) return
    this.#ended = reason
    this.#pulse?.cancel()
    this.#stream.abort()
    this.#awaited?.answer.reject(reason)
    this.#awaited = undefined
    for (const channel of this.#channels.values()) channel.end(reason)
    this.#channels.clear()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #shakeHands({ user, password, vhost, heartbeat }: ConnectionSettings): Promise<void> {
    this.#send([preferredHeader])
    const start = await this.#expect(wire.ConnectionStart)
    const mechanisms = start.mechanisms.toString()
    if (!mechanisms.split(' ').includes('PLAIN'))
      throw new CommandError('noPermission', `${this.name} offers no login by password: ${mechanisms}`)
    this.method(0, wire.ConnectionStartOk, {
      clientProperties,
      mechanism: 'PLAIN',
      response: Buffer.from(`\0${user}\0${password}`),
      locale: 'en_US',
    })
    const offer = await this.#expectAfterLogin(user)
    const agreed = {
      channelMax: smaller(offer.channelMax, limits.channelsMax),
      frameMax: smaller(offer.frameMax, limits.frameBytesMax),
      heartbeat: Math.min(offer.heartbeat, heartbeat),
    }
    this.method(0, wire.ConnectionTuneOk, agreed)
    this.#frameMax = agreed.frameMax
    this.#channelMax = agreed.channelMax
    this.method(0, wire.ConnectionOpen, { virtualHost: vhost })
    await this.#expect(wire.ConnectionOpenOk)
    this.#heartbeat = new Heartbeat(agreed.heartbeat, this.world.monotonic())
    this.#armPulse()
  }

  /** A server that does not know `authentication_failure_close` ends the connection without a word. */
  async #expectAfterLogin(user: string) {
    try {
      return await this.#expect(wire.ConnectionTune)
    } catch (error) {
      if (!(error instanceof ConnectionFault)) throw error
      throw new CommandError('noPermission', `${this.name} closed the connection at the login of ${user}`)
    }
  }

  async #expect<F extends Fields>(method: Method<F>): Promise<OutOf<F>> {
    if (this.#ended !== undefined) throw this.#ended
    const answer = deferred<object>()
    this.#awaited = { method, answer }
    const late = this.world.after(this.timeoutMs, () => this.abort(this.tooLate(method.name)))
    try {
      return (await answer.promise) as OutOf<F>
    } finally {
      late.cancel()
    }
  }

  /** The error for an answer that did not come in time. */
  tooLate(what: string): Error {
    return new ConnectionFault(`${this.name} did not send ${what} within ${this.timeoutMs} ms`)
  }

  #flush(): void {
    const writer = this.#writer
    this.#writer = undefined
    if (writer !== undefined) this.#send(writer.finish())
  }

  #send(chunks: readonly Buffer[]): void {
    if (this.#ended !== undefined) return
    this.#heartbeat?.sent(this.world.monotonic())
    const wait = this.#stream.write(chunks)
    if (wait === undefined || this.#drained !== undefined) return
    this.#drained = wait.then(() => {
      this.#drained = undefined
    })
  }

  async #read(): Promise<void> {
    const cutter = new FrameCutter()
    try {
      for await (const chunk of this.#stream.bytes) {
        cutter.push(chunk)
        this.#heartbeat?.received(this.world.monotonic())
        while (this.#ended === undefined && cutter.next(this.#frameMax)) this.#take(cutter)
        for (const channel of this.#channels.values()) channel.turn()
      }
      this.abort(new ConnectionFault(`${this.name} closed the connection`))
    } catch (error) {
      this.abort(this.#broken(error))
    }
  }

  #take(cutter: FrameCutter): void {
    if (cutter.channel !== 0) this.#channels.get(cutter.channel)?.take(cutter)
    else if (cutter.type === frameTypes.method) this.#control(cutter)
  }

  #control({ buffer, start, end }: FrameCutter): void {
    const id = wire.methodIdAt(buffer, start, end)
    const method = wire.methodById(id)
    if (method === undefined) throw new WireError('WIRE_OUT_OF_RANGE', start, `there is no method ${id}`)
    const args = method.decode(new Reader(buffer, start + 4, end))
    if (method === this.#awaited?.method) {
      const { answer } = this.#awaited
      this.#awaited = undefined
      answer.resolve(args)
    } else if (method === wire.ConnectionClose) {
      const { replyCode, replyText } = args as wire.ArgsOf<typeof wire.ConnectionClose>
      this.method(0, wire.ConnectionCloseOk, {})
      this.#flush()
      this.#gone(new AmqpFault(replyCode, replyText))
    } else if (method === wire.ConnectionBlocked)
      this.#blocked = (args as wire.ArgsOf<typeof wire.ConnectionBlocked>).reason
    else if (method === wire.ConnectionUnblocked) this.#blocked = undefined
  }

  /** The server has closed: our close-ok is still to go out. */
  #gone(reason: Error): void {
    const stream = this.#stream
    void stream.close().catch(() => {})
    this.#ended = reason
    this.#pulse?.cancel()
    this.#awaited?.answer.reject(reason)
    this.#awaited = undefined
    for (const channel of this.#channels.values()) channel.end(reason)
    this.#channels.clear()
    this.world.after(limits.closeMs, () => stream.abort())
  }

  #armPulse(): void {
    const wakeAt = this.#heartbeat?.wakeAt
    if (wakeAt === undefined || this.#ended !== undefined) return
    this.#pulse = this.world.after(wakeAt - this.world.monotonic(), () => {
      const pulse = this.#heartbeat?.at(this.world.monotonic())
      if (pulse === 'dead') this.abort(new ConnectionFault(`${this.name} has been silent for too long`))
      else if (pulse === 'beat') writeHeartbeat(this.writer())
      this.#armPulseSoon()
    })
  }

  /** After the heartbeat is out, which moves the time of the next. */
  #armPulseSoon(): void {
    queueMicrotask(() => this.#armPulse())
  }

  #broken(error: unknown): Error {
    const message = error instanceof Error ? error.message : String(error)
    if (error instanceof CommandError) return error
    if (!(error instanceof WireError || error instanceof AmqpError))
      return new ConnectionFault(`the connection to ${this.name} broke: ${message}`, error)
    return new CommandError(
      'unreachable',
      `what ${this.name} answers is not AMQP 0-9-1: ${message}`,
      'is this the port of an AMQP listener, and is TLS right?',
      error,
    )
  }
}

/** The smaller of two limits, of which the server's 0 means none. */
function smaller(offered: number, wanted: number): number {
  return offered === 0 ? wanted : Math.min(offered, wanted)
}
