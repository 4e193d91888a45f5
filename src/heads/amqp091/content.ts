// The content of one channel's messages, put together from its frames (specification section 2.3.5.2 and 4.2.6): after a method
// that has content, a header frame with the size and the properties, then body frames up to that size.
//
//   method ── begin ──────────────────> header ── header frame, size 0 ──> method, message handed out
//   header ── header frame ───────────> body   ── last body frame ───────> method, message handed out
//   any    ── a frame out of its turn ─> UNEXPECTED_FRAME                      (tests: content.test.ts, by these words)
//
// A body in one frame is not copied. One in several is collected in a buffer that grows with what has come, never with
// what was announced, so a size alone costs no memory.

import { WireError } from '../../bytes/index.ts'
import { AmqpError } from './errors.ts'
import { BASIC_CLASS, type Method } from './wire/index.ts'
import { Properties } from './wire/properties.ts'

/** A method with its content. The body may share the memory of the chunk it came in: copy it to keep it. */
export interface Message {
  readonly method: Method
  readonly args: object
  readonly properties: Properties
  readonly body: Buffer
}

type State =
  | { readonly at: 'method' }
  | { readonly at: 'header'; readonly method: Method; readonly args: object }
  | {
      readonly at: 'body'
      readonly method: Method
      readonly args: object
      readonly properties: Properties
      readonly bodyBytes: number
    }

const idle: State = { at: 'method' }
const noBytes = Buffer.alloc(0)
const PREFIX_BYTES = 12
/** A buffer is this many times as large as what it must hold, so that many small frames are not copied again and again. */
const GROWTH = 4
const FIRST_BYTES = 16_384

/** Puts messages together; one for each channel. */
export class ContentAssembler {
  readonly #messageBytesMax: number
  #state: State = idle
  #body: Buffer = noBytes
  #received = 0

  constructor(messageBytesMax: number) {
    this.#messageBytesMax = messageBytesMax
  }

  /** Whether a message is begun and not whole: then no method may come. */
  get isExpecting(): boolean {
    return this.#state.at !== 'method'
  }
  /** Bytes of the unfinished body. */
  get heldBytes(): number {
    return this.#received
  }

  /** A method that has content has come. */
  begin(method: Method, args: object): void {
    this.#state = { at: 'header', method, args }
  }

  /** The error for a method that comes while content is expected, which is then given up. */
  interrupted(by: string): AmqpError {
    const { at } = this.#state
    this.reset()
    return new AmqpError('UNEXPECTED_FRAME', `expected content ${at}, got ${by} instead`)
  }

  /**
   * A header frame; gives the message when it has no body. Errors: UNEXPECTED_FRAME, PRECONDITION_FAILED for a size above
   * the limit, SYNTAX_ERROR for properties that are broken.
   */
  header(payload: Buffer): Message | undefined {
    const state = this.#state
    if (state.at !== 'header') throw this.#outOfTurn('a content header')
    if (payload.length < PREFIX_BYTES)
      throw new AmqpError('FRAME_ERROR', `a content header of ${payload.length} bytes is too short`)
    const classId = payload.readUInt16BE(0)
    if (classId !== BASIC_CLASS)
      throw new AmqpError(
        'UNEXPECTED_FRAME',
        `expected content header for class ${BASIC_CLASS}, got one for class ${classId} instead`,
      )
    const bodyBytes = payload.readUInt32BE(4) * 0x1_0000_0000 + payload.readUInt32BE(8)
    const { method, args } = state
    if (bodyBytes > this.#messageBytesMax) throw this.#tooLarge(bodyBytes, method)
    const properties = readProperties(payload.subarray(PREFIX_BYTES), method)
    if (bodyBytes === 0) return this.#whole({ method, args, properties, body: noBytes })
    this.#state = { at: 'body', method, args, properties, bodyBytes }
    this.#received = 0
    return undefined
  }

  /** A body frame; gives the message when it is whole. Errors: UNEXPECTED_FRAME, FRAME_ERROR for more than was announced. */
  body(payload: Buffer): Message | undefined {
    const state = this.#state
    if (state.at !== 'body') throw this.#outOfTurn('a content body')
    const { method, args, properties, bodyBytes } = state
    const received = this.#received + payload.length
    if (received > bodyBytes)
      throw new AmqpError(
        'FRAME_ERROR',
        `a body of ${bodyBytes} bytes was announced, ${received} came`,
        method,
      )
    if (payload.length === bodyBytes) return this.#whole({ method, args, properties, body: payload })
    this.#collect(payload, received, bodyBytes)
    return received < bodyBytes
      ? undefined
      : this.#whole({ method, args, properties, body: this.#body.subarray(0, bodyBytes) })
  }

  /** Gives up what is begun. */
  reset(): void {
    this.#state = idle
    this.#body = noBytes
    this.#received = 0
  }

  #collect(payload: Buffer, received: number, bodyBytes: number): void {
    if (received > this.#body.length) {
      const larger = Buffer.allocUnsafe(Math.min(bodyBytes, Math.max(FIRST_BYTES, received * GROWTH)))
      this.#body.copy(larger, 0, 0, this.#received)
      this.#body = larger
    }
    payload.copy(this.#body, this.#received)
    this.#received = received
  }

  #whole(message: Message): Message {
    this.reset()
    return message
  }

  #outOfTurn(what: string): AmqpError {
    const { at } = this.#state
    return new AmqpError(
      'UNEXPECTED_FRAME',
      `expected ${at === 'method' ? '' : 'content '}${at}, got ${what} instead`,
    )
  }

  #tooLarge(bodyBytes: number, method: Method): AmqpError {
    this.reset()
    return new AmqpError(
      'PRECONDITION_FAILED',
      `message size ${bodyBytes} is larger than configured max size ${this.#messageBytesMax}`,
      method,
    )
  }
}

function readProperties(raw: Buffer, method: Method): Properties {
  try {
    return Properties.read(raw)
  } catch (error) {
    if (!(error instanceof WireError)) throw error
    throw new AmqpError('SYNTAX_ERROR', error.message, method, error)
  }
}
