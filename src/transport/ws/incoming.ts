// Cuts the bytes of a connection into messages and control frames (RFC 6455 sections 5 and 6.2). A machine without I/O:
// bytes are pushed in, events are pulled out, and what breaks the protocol is thrown as a WsError with the status that
// the peer is told. Every length is checked against its limit before a byte of the payload is kept.
//
// Payloads are slices of the chunks that were pushed, unmasked in place; only what spans chunks is copied, once.

import { isUtf8 } from 'node:buffer'
import { isCloseStatus } from './close.ts'
import { WsError } from './errors.ts'
import { applyMask, opcodes } from './frame.ts'
import { CONTROL_BYTES_MAX, type WsLimits } from './limits.ts'

export type WsEvent =
  | { readonly at: 'message'; readonly text: boolean; readonly payload: Buffer }
  | { readonly at: 'ping' | 'pong'; readonly payload: Buffer }
  /** `status` is 1005 when the frame had none (section 7.1.5). */
  | { readonly at: 'close'; readonly status: number; readonly reason: string }

interface Head {
  readonly isFinal: boolean
  readonly opcode: number
  readonly length: number
  readonly key: Buffer | undefined
}

/** A message of which the last fragment has not come. */
interface Partial {
  readonly text: boolean
  readonly parts: Buffer[]
  bytes: number
}

type Limits = Pick<WsLimits, 'frameBytesMax' | 'messageBytesMax' | 'fragmentsMax'>

/** The longest header: two bytes, a length of eight, a key of four. */
const HEAD_BYTES_MAX = 14

export class IncomingFrames {
  readonly #limits: Limits
  readonly #masked: boolean
  readonly #scratch = Buffer.alloc(HEAD_BYTES_MAX)
  #chunks: Buffer[] = []
  #first = 0
  #held = 0
  #head: Head | undefined
  #partial: Partial | undefined

  /** `masked`: whether frames of the peer must be masked (a client's) or must not be (a server's; section 5.1). */
  constructor(limits: Limits, { masked }: { readonly masked: boolean }) {
    this.#limits = limits
    this.#masked = masked
  }

  /** Takes a chunk over; it is kept and changed. */
  push(chunk: Buffer): void {
    if (chunk.length === 0) return
    this.#chunks.push(chunk)
    this.#held += chunk.length
  }

  /** The next event, or undefined when more bytes are needed. Errors: WsError. */
  next(): WsEvent | undefined {
    for (;;) {
      this.#head ??= this.#readHead()
      const head = this.#head
      if (head === undefined || this.#held < head.length) return undefined
      this.#head = undefined
      const payload = this.#take(head.length)
      if (head.key !== undefined) applyMask(payload, head.key)
      const event = head.opcode >= opcodes.close ? control(head.opcode, payload) : this.#data(head, payload)
      if (event !== undefined) return event
    }
  }

  #readHead(): Head | undefined {
    const start = this.#peek(2)
    if (start === undefined) return undefined
    const [one = 0, two = 0] = start
    this.#check(one, two)
    const short = two & 0x7f
    const lengthBytes = short === 126 ? 2 : short === 127 ? 8 : 0
    const keyBytes = this.#masked ? 4 : 0
    const bytes = this.#peek(2 + lengthBytes + keyBytes)
    if (bytes === undefined) return undefined
    const opcode = one & 0x0f
    const length = lengthBytes === 0 ? short : longLength(bytes, lengthBytes)
    this.#checkLength(opcode, length)
    const key = this.#masked ? Buffer.from(bytes.subarray(2 + lengthBytes)) : undefined
    this.#skip(bytes.length)
    return { isFinal: (one & 0x80) !== 0, opcode, length, key }
  }

  /** Section 5.2: no extension is agreed on, so no reserved bit; only known opcodes; masked as the side must. */
  #check(one: number, two: number): void {
    const opcode = one & 0x0f
    if ((one & 0x70) !== 0) throw invalid('a reserved bit is set, and no extension was agreed on')
    if (opcode > opcodes.pong || (opcode > opcodes.binary && opcode < opcodes.close))
      throw invalid(`there is no opcode ${opcode}`)
    if (((two & 0x80) !== 0) !== this.#masked)
      throw invalid(this.#masked ? 'a client must mask its frames' : 'a server must not mask its frames')
    if (opcode >= opcodes.close) {
      if ((one & 0x80) === 0) throw invalid('a control frame must not be fragmented')
      if ((two & 0x7f) > CONTROL_BYTES_MAX)
        throw invalid(`a control frame may have ${CONTROL_BYTES_MAX} bytes`)
    } else if ((opcode === opcodes.continuation) !== (this.#partial !== undefined))
      throw invalid(
        this.#partial === undefined
          ? 'a continuation without a beginning'
          : 'a new message before the last was finished',
      )
  }

  #checkLength(opcode: number, length: number): void {
    const { frameBytesMax, messageBytesMax, fragmentsMax } = this.#limits
    if (length > frameBytesMax)
      throw new WsError('WS_TOO_LARGE', `a frame of ${length} bytes, allowed are ${frameBytesMax}`)
    if (opcode >= opcodes.close) return
    const bytes = length + (this.#partial?.bytes ?? 0)
    if (bytes > messageBytesMax)
      throw new WsError('WS_TOO_LARGE', `a message of ${bytes} bytes or more, allowed are ${messageBytesMax}`)
    if ((this.#partial?.parts.length ?? 0) >= fragmentsMax)
      throw new WsError('WS_TOO_MANY_FRAGMENTS', `more than ${fragmentsMax} fragments of a message`)
  }

  #data({ opcode, isFinal }: Head, payload: Buffer): WsEvent | undefined {
    const partial = this.#partial
    if (partial === undefined) {
      const text = opcode === opcodes.text
      if (isFinal) return message(text, payload)
      this.#partial = { text, parts: [payload], bytes: payload.length }
      return undefined
    }
    partial.parts.push(payload)
    partial.bytes += payload.length
    if (!isFinal) return undefined
    this.#partial = undefined
    return message(partial.text, Buffer.concat(partial.parts, partial.bytes))
  }

  /** The next `count` bytes in one piece, left in place; undefined when they have not come. At most HEAD_BYTES_MAX. */
  #peek(count: number): Buffer | undefined {
    if (this.#held < count) return undefined
    return this.#slice(count) ?? this.#copyTo(this.#scratch.subarray(0, count))
  }

  /** The next `count` bytes, taken out: a slice where they are in one chunk, else a copy. */
  #take(count: number): Buffer {
    const bytes = this.#slice(count) ?? this.#copyTo(Buffer.allocUnsafe(count))
    this.#skip(count)
    return bytes
  }

  #slice(count: number): Buffer | undefined {
    const chunk = this.#chunks[0]
    return chunk !== undefined && chunk.length - this.#first >= count
      ? chunk.subarray(this.#first, this.#first + count)
      : undefined
  }

  /** Fills `target` from the chunks. */
  #copyTo(target: Buffer): Buffer {
    let from = this.#first
    let at = 0
    for (const chunk of this.#chunks) {
      if (at === target.length) break
      at += chunk.copy(target, at, from)
      from = 0
    }
    return target
  }

  #skip(count: number): void {
    this.#held -= count
    this.#first += count
    let passed = 0
    for (const chunk of this.#chunks) {
      if (this.#first < chunk.length) break
      this.#first -= chunk.length
      passed++
    }
    if (passed > 0) this.#chunks.splice(0, passed)
  }
}

function longLength(bytes: Buffer, lengthBytes: number): number {
  const length = lengthBytes === 2 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2))
  if (length < 126 || (lengthBytes === 8 && length <= 0xffff))
    throw invalid(`a length of ${length} in ${lengthBytes} bytes is not the shortest form`)
  return length
}

function message(text: boolean, payload: Buffer): WsEvent {
  if (text && !isUtf8(payload)) throw new WsError('WS_TEXT_INVALID', 'a text message is not UTF-8')
  return { at: 'message', text, payload }
}

function control(opcode: number, payload: Buffer): WsEvent {
  if (opcode === opcodes.ping) return { at: 'ping', payload }
  if (opcode === opcodes.pong) return { at: 'pong', payload }
  return closing(payload)
}

/** Section 5.5.1: nothing, or a status and UTF-8. */
function closing(payload: Buffer): WsEvent {
  if (payload.length === 0) return { at: 'close', status: 1005, reason: '' }
  if (payload.length === 1) throw invalid('a Close frame with half a status')
  const status = payload.readUInt16BE(0)
  if (!isCloseStatus(status)) throw invalid(`a Close frame must not have status ${status}`)
  const reason = payload.subarray(2)
  if (!isUtf8(reason)) throw new WsError('WS_TEXT_INVALID', 'the reason of a Close frame is not UTF-8')
  return { at: 'close', status, reason: reason.toString() }
}

function invalid(why: string): WsError {
  return new WsError('WS_FRAME_INVALID', why)
}
