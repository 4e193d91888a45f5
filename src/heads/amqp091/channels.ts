// The channels of one connection: which are open, and what becomes of a frame on each.
//
//   (none)     ── channel.open ──────────> open         "opens a channel and answers"
//   open       ── channel.close ─────────> closing(by peer) ── closeOk ─────────> (none)   "a client closes a channel"
//   open       ── close(error) ──────────> closing(by us) ── channel.close-ok ──> (none)   "the server closes a channel"
//   closing(by us) ── anything but close and close-ok ──> dropped                "drops what was under way"
//   closing(by us) ── channel.close ─────> answered, still closing               "both close at once"
//   (none)     ── another method ────────> CHANNEL_ERROR, connection ends        "a method on a channel that is not open"
//   open       ── channel.open ──────────> CHANNEL_ERROR, connection ends        "a second channel.open"
//                                                                                (tests: session.test.ts, by these words)

import { Reader, WireError } from '../../bytes/index.ts'
import { ContentAssembler, type Message } from './content.ts'
import { AmqpError, type MethodIds } from './errors.ts'
import { type FrameCutter, frameTypes } from './frame.ts'
import {
  ChannelClose,
  ChannelCloseOk,
  ChannelOpen,
  type Method,
  methodById,
  methodIdAt,
} from './wire/index.ts'

/** Why a channel or a connection is closed: what stood in the client's close, or what stands in ours. */
export interface Closing {
  readonly by: 'client' | 'server'
  readonly code: number
  readonly text: string
  readonly classId: number
  readonly methodId: number
}

/** What the channels tell; all channel numbers are from 1 on. */
export interface ChannelEvents {
  /** A channel is asked for. An AmqpError that is thrown ends the connection instead. */
  channelOpening(channel: number): void
  /** A new channel; channel.open-ok is written. */
  channelOpened(channel: number): void
  /**
   * A method without content on an open channel. `args` may share the memory of the frame. An AmqpError that is thrown
   * closes the channel or the connection, as its reply says.
   */
  method(channel: number, method: Method, args: object): void
  /** A method with its content: basic.publish. Properties and body may share the memory of the chunk: copy to keep. */
  content(channel: number, message: Message): void
  /** A channel ends: nothing more comes on it. When it is the client that closes, `channelCloseOk` must follow. */
  channelClosing(channel: number, closing: Closing): void
  /** The channel's number is free again. */
  channelClosed(channel: number): void
}

/** What channels need of their connection. */
export interface ChannelPort {
  channelMax(): number
  readonly messageBytesMax: number
  openOk(channel: number): void
  close(channel: number, closing: Closing): void
  closeOk(channel: number): void
}

interface Channel {
  readonly number: number
  readonly content: ContentAssembler
  state: ChannelState
}

type ChannelState = { readonly at: 'open' } | { readonly at: 'closing'; readonly by: 'client' | 'server' }

const open: ChannelState = { at: 'open' }

export class Channels {
  readonly #port: ChannelPort
  readonly #events: ChannelEvents
  readonly #channels = new Map<number, Channel>()
  #heldBytes = 0

  constructor(port: ChannelPort, events: ChannelEvents) {
    this.#port = port
    this.#events = events
  }

  /** Bytes of messages that are not whole. */
  get heldBytes(): number {
    return this.#heldBytes
  }
  /** Channels in use, closing ones included. */
  get size(): number {
    return this.#channels.size
  }

  isOpen(channel: number): boolean {
    return this.#channels.get(channel)?.state.at === 'open'
  }

  /** The cutter's current frame. Errors: AmqpError. */
  frame(cutter: FrameCutter): void {
    const channel = this.#channels.get(cutter.channel)
    if (channel === undefined) this.#onUnopened(cutter)
    else if (channel.state.at === 'closing') this.#onClosing(channel, channel.state.by, cutter)
    else if (cutter.type === frameTypes.method) this.#onMethod(channel, cutter)
    else this.#onContent(channel, cutter)
  }

  /** Closes a channel that is open, for this error. */
  close(number: number, error: AmqpError): void {
    const channel = this.#channels.get(number)
    if (channel?.state.at !== 'open') return
    channel.state = { at: 'closing', by: 'server' }
    this.#dropContent(channel)
    const closing = closingFor(error)
    this.#port.close(number, closing)
    this.#events.channelClosing(number, closing)
  }

  /** Answers a client's channel.close, once what belongs to the channel is settled. */
  closeOk(number: number): void {
    const state = this.#channels.get(number)?.state
    if (state?.at !== 'closing' || state.by !== 'client') return
    this.#channels.delete(number)
    this.#port.closeOk(number)
    this.#events.channelClosed(number)
  }

  #onUnopened(cutter: FrameCutter): void {
    const { channel: number } = cutter
    const method = cutter.type === frameTypes.method ? methodOfFrame(cutter) : undefined
    if (method !== ChannelOpen) throw new AmqpError('CHANNEL_ERROR', "expected 'channel.open'", method)
    if (number > this.#port.channelMax())
      throw new AmqpError(
        'NOT_ALLOWED',
        `channel ${number} is above the negotiated channel_max (${this.#port.channelMax()})`,
        ChannelOpen,
      )
    argsOf(ChannelOpen, cutter)
    this.#events.channelOpening(number)
    const content = new ContentAssembler(this.#port.messageBytesMax)
    this.#channels.set(number, { number, content, state: open })
    this.#port.openOk(number)
    this.#events.channelOpened(number)
  }

  /** After our close all that was under way is dropped; the client's own close is answered all the same. */
  #onClosing(channel: Channel, by: 'client' | 'server', cutter: FrameCutter): void {
    if (by === 'client' || cutter.type !== frameTypes.method) return
    if (cutter.end - cutter.start < METHOD_ID_BYTES) return
    const id = methodIdAt(cutter.buffer, cutter.start, cutter.end)
    if (id === ChannelClose.id) this.#port.closeOk(channel.number)
    if (id !== ChannelCloseOk.id) return
    this.#channels.delete(channel.number)
    this.#events.channelClosed(channel.number)
  }

  #onMethod(channel: Channel, cutter: FrameCutter): void {
    const method = methodOfFrame(cutter)
    if (channel.content.isExpecting) {
      this.#heldBytes -= channel.content.heldBytes
      throw channel.content.interrupted(`method ${method.name}`)
    }
    if (method === ChannelOpen) throw new AmqpError('CHANNEL_ERROR', "second 'channel.open' seen", method)
    if (method.from === 'server' || method === ChannelCloseOk || method.classId === CONNECTION_CLASS)
      throw new AmqpError('COMMAND_INVALID', 'unimplemented method', method)
    const args = argsOf(method, cutter)
    if (method.content) channel.content.begin(method, args)
    else if (method === ChannelClose) this.#closedByClient(channel, args as CloseArgs)
    else this.#events.method(channel.number, method, args)
  }

  #closedByClient(channel: Channel, args: CloseArgs): void {
    channel.state = { at: 'closing', by: 'client' }
    this.#events.channelClosing(channel.number, closingFrom(args))
  }

  #onContent(channel: Channel, cutter: FrameCutter): void {
    const { content } = channel
    const before = content.heldBytes
    const message = this.#assembled(content, cutter)
    this.#heldBytes += content.heldBytes - before
    if (message !== undefined) this.#events.content(channel.number, message)
  }

  #assembled(content: ContentAssembler, cutter: FrameCutter): Message | undefined {
    if (cutter.type === frameTypes.header) return content.header(cutter.payload())
    if (cutter.type === frameTypes.body) return content.body(cutter.payload())
    throw unknownFrame(cutter.type)
  }

  #dropContent({ content }: Channel): void {
    this.#heldBytes -= content.heldBytes
    content.reset()
  }
}

const CONNECTION_CLASS = 10

/** The arguments of both closes. */
export interface CloseArgs {
  readonly replyCode: number
  readonly replyText: string
  readonly classId: number
  readonly methodId: number
}

/** What a client's close says. */
export function closingFrom({ replyCode, replyText, classId, methodId }: CloseArgs): Closing {
  return { by: 'client', code: replyCode, text: replyText, classId, methodId }
}

/** What our close says. */
export function closingFor({ code, text, classId, methodId }: AmqpError): Closing {
  return { by: 'server', code, text, classId, methodId }
}

/** The method of the cutter's current frame. Errors: COMMAND_INVALID for one that the protocol has not. */
export function methodOfFrame({ buffer, start, end }: FrameCutter): Method {
  if (end - start < METHOD_ID_BYTES)
    throw new AmqpError('FRAME_ERROR', `a method frame of ${end - start} bytes names no method`)
  const id = methodIdAt(buffer, start, end)
  const method = methodById(id)
  if (method !== undefined) return method
  const ids: MethodIds = { classId: id >>> 16, methodId: id & 0xffff }
  throw new AmqpError('COMMAND_INVALID', `unknown method ${ids.classId}.${ids.methodId}`, ids)
}

const METHOD_ID_BYTES = 4

/** The arguments of the cutter's current frame. Errors: SYNTAX_ERROR. */
export function argsOf(method: Method, { buffer, start, end }: FrameCutter): object {
  try {
    return method.decode(new Reader(buffer, start + METHOD_ID_BYTES, end))
  } catch (error) {
    if (!(error instanceof WireError)) throw error
    throw new AmqpError('SYNTAX_ERROR', `${method.name}: ${error.message}`, method, error)
  }
}

export function unknownFrame(type: number): AmqpError {
  return new AmqpError('FRAME_ERROR', `unknown frame type ${type}`)
}
