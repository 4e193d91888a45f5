// One channel: calls that are answered in their order, messages that come, confirms, and the end when the server refuses.

import type { Fields, InOf, OutOf } from '../../bytes/index.ts'
import { Reader, WireError } from '../../bytes/index.ts'
import { deferred } from '../../flow/index.ts'
import { ContentAssembler, type Message } from '../../heads/amqp091/content.ts'
import { type FrameCutter, frameTypes, writeContent } from '../../heads/amqp091/frame.ts'
import type { Method } from '../../heads/amqp091/wire/index.ts'
import * as wire from '../../heads/amqp091/wire/index.ts'
import type { Properties } from '../../heads/amqp091/wire/properties.ts'
import { CommandError } from '../exit.ts'
import { ConnectionFault } from '../kafka/faults.ts'
import type { Connection } from './connection.ts'
import { AmqpFault } from './faults.ts'
import { limits } from './limits.ts'

/** A message that came; what is kept of it beyond the call must be copied. */
export interface Delivered {
  readonly deliveryTag: number
  readonly redelivered: boolean
  readonly exchange: string
  readonly routingKey: string
  readonly properties: Properties
  readonly body: Buffer
}

/** Takes messages and confirms of a channel. */
export interface Receiver {
  deliver?(message: Delivered): void
  /** A message that no queue took came back; its confirm follows. */
  returned?(message: Message): void
  confirmed?(deliveryTag: number, multiple: boolean, isStored: boolean): void
  /** The queue is gone, or the server ended the consumer for another reason. */
  cancelled?(): void
  ended?(reason: Error): void
  /** All that came in one piece has been handed over. */
  turn?(): void
}

/**
 * Takes deliveries undecoded: `deliver` has the arguments of basic.deliver in `buffer[start, end)`, behind the ids. For
 * measurements only.
 */
export interface RawReceiver {
  deliver(buffer: Buffer, start: number, end: number): void
  header(buffer: Buffer, start: number, end: number): void
  body(buffer: Buffer, start: number, end: number): void
}

interface Awaited {
  readonly methods: readonly Method[]
  accept(method: Method, args: object, message?: Message): void
  fail(reason: unknown): void
}

const ID_BYTES = 4
const MULTIPLE = 1

export class Channel {
  readonly number: number
  receiver: Receiver = {}
  raw: RawReceiver | undefined
  readonly #connection: Connection
  readonly #content = new ContentAssembler(limits.messageBytesMax)
  readonly #awaited: Awaited[] = []
  #ended: Error | undefined

  constructor(number: number, connection: Connection) {
    this.number = number
    this.#connection = connection
  }

  get connection(): Connection {
    return this.#connection
  }
  get ended(): Error | undefined {
    return this.#ended
  }

  /** Calls a method and gives its answer's arguments. Errors: AmqpFault, ConnectionFault. */
  async call<Q extends Fields, S extends Fields>(
    method: Method<Q>,
    args: InOf<Q>,
    answer: Method<S>,
  ): Promise<OutOf<S>> {
    this.send(method, args)
    const { args: found } = await this.#expect([answer])
    return found as OutOf<S>
  }

  /** Sends a method that has no answer. */
  send<Q extends Fields>(method: Method<Q>, args: InOf<Q>): void {
    if (this.#ended !== undefined) throw this.#ended
    this.#connection.method(this.number, method, args)
  }

  /** Sends a message. `properties` are encoded ones; the body is kept until it is sent. Errors: CommandError, AmqpFault. */
  publish(args: InOf<(typeof wire.BasicPublish)['fields']>, properties: Buffer, body: Buffer): void {
    if (this.#ended !== undefined) throw this.#ended
    const { frameMax } = this.#connection
    const content = { properties, body }
    try {
      writeContent(this.#connection.writer(), this.number, wire.BasicPublish, args, content, frameMax)
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      throw new CommandError('notFound', `a message cannot be sent: ${message}`, undefined, error)
    }
  }

  /** POLL: takes a message, or gives undefined when there is none, with how many are left. */
  async get(
    queue: string,
    noAck = false,
  ): Promise<(Delivered & { readonly messageCount: number }) | undefined> {
    this.send(wire.BasicGet, { queue, noAck })
    const { method, args, message } = await this.#expect([wire.BasicGetOk, wire.BasicGetEmpty])
    if (method !== wire.BasicGetOk || message === undefined) return undefined
    const { properties, body } = message
    return { ...(args as wire.ArgsOf<typeof wire.BasicGetOk>), properties, body }
  }

  ack(deliveryTag: number, multiple = false): void {
    this.send(wire.BasicAck, { deliveryTag, multiple })
  }

  nack(deliveryTag: number, { multiple = false, requeue }: { multiple?: boolean; requeue: boolean }): void {
    this.send(wire.BasicNack, { deliveryTag, multiple, requeue })
  }

  /** Closes in order; what was not acknowledged goes back. Idempotent. */
  async close(): Promise<void> {
    if (this.#ended !== undefined) return
    const args = { replyCode: 200, replyText: 'goodbye', classId: 0, methodId: 0 }
    await this.call(wire.ChannelClose, args, wire.ChannelCloseOk)
    this.end(new ConnectionFault('the channel was closed'))
    this.#connection.forget(this)
  }

  /** Called by the connection: nothing more will come. */
  end(reason: Error): void {
    if (this.#ended !== undefined) return
    this.#ended = reason
    for (const one of this.#awaited.splice(0)) one.fail(reason)
    this.receiver.ended?.(reason)
  }

  /** Called by the connection when all that came in one piece has been taken. */
  turn(): void {
    this.receiver.turn?.()
  }

  /** Called by the connection with each frame. */
  take(frame: FrameCutter): void {
    const { raw } = this
    if (frame.type === frameTypes.method) this.#method(frame.buffer, frame.start, frame.end)
    else if (raw !== undefined && !this.#content.isExpecting) {
      if (frame.type === frameTypes.header) raw.header(frame.buffer, frame.start, frame.end)
      else raw.body(frame.buffer, frame.start, frame.end)
    } else {
      const payload = frame.payload()
      const message =
        frame.type === frameTypes.header ? this.#content.header(payload) : this.#content.body(payload)
      if (message !== undefined) this.#arrived(message)
    }
  }

  #method(buffer: Buffer, start: number, end: number): void {
    const id = wire.methodIdAt(buffer, start, end)
    // What comes for each message is told apart by number, without decoding.
    if (id === wire.BasicDeliver.id && this.raw !== undefined) this.raw.deliver(buffer, start + ID_BYTES, end)
    else if (id === wire.BasicAck.id || id === wire.BasicNack.id) this.#confirmed(buffer, start, id)
    else this.#decoded(buffer, start, end, id)
  }

  #decoded(buffer: Buffer, start: number, end: number, id: number): void {
    const method = wire.methodById(id)
    if (method === undefined) throw new WireError('WIRE_OUT_OF_RANGE', start, `there is no method ${id}`)
    const args = method.decode(new Reader(buffer, start + ID_BYTES, end))
    if (method.content) this.#content.begin(method, args)
    else this.#answered(method, args)
  }

  #confirmed(buffer: Buffer, start: number, id: number): void {
    const at = start + ID_BYTES
    const tag = buffer.readUInt32BE(at) * 0x1_0000_0000 + buffer.readUInt32BE(at + 4)
    const multiple = ((buffer[at + 8] ?? 0) & MULTIPLE) !== 0
    this.receiver.confirmed?.(tag, multiple, id === wire.BasicAck.id)
  }

  #answered(method: Method, args: object, message?: Message): void {
    if (method === wire.ChannelClose) {
      const { replyCode, replyText } = args as wire.ArgsOf<typeof wire.ChannelClose>
      this.#connection.method(this.number, wire.ChannelCloseOk, {})
      this.end(new AmqpFault(replyCode, replyText))
      this.#connection.forget(this)
    } else if (method === wire.BasicCancel) this.receiver.cancelled?.()
    else if (method === wire.ChannelFlow)
      this.send(wire.ChannelFlowOk, args as wire.ArgsOf<typeof wire.ChannelFlow>)
    else {
      const next = this.#awaited.shift()
      if (next?.methods.includes(method) !== true)
        throw new WireError('WIRE_OUT_OF_RANGE', 0, `${method.name} answers nothing that was asked`)
      next.accept(method, args, message)
    }
  }

  #arrived(message: Message): void {
    const { method, properties, body } = message
    if (method === wire.BasicDeliver) {
      const { deliveryTag, redelivered, exchange, routingKey } = message.args as wire.ArgsOf<
        typeof wire.BasicDeliver
      >
      this.receiver.deliver?.({ deliveryTag, redelivered, exchange, routingKey, properties, body })
    } else if (method === wire.BasicReturn) this.receiver.returned?.(message)
    else this.#answered(method, message.args, message)
  }

  async #expect(methods: readonly Method[]) {
    if (this.#ended !== undefined) throw this.#ended
    const answer = deferred<{ method: Method; args: object; message?: Message | undefined }>()
    this.#awaited.push({
      methods,
      accept: (method, args, message) => answer.resolve({ method, args, message }),
      fail: answer.reject,
    })
    const { world, timeoutMs } = this.#connection
    const late = world.after(timeoutMs, () =>
      this.#connection.abort(this.#connection.tooLate(methods[0]?.name ?? 'an answer')),
    )
    try {
      return await answer.promise
    } finally {
      late.cancel()
    }
  }
}
