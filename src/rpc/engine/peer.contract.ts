// A peer made of bytes, for tests: it says what it is told to say, right or wrong, and keeps what it hears.

import { Reader, Writer } from '../../bytes/index.ts'
import type { DuplexStream } from '../../transport/index.ts'
import { ValueReader, ValueWriter } from '../value/index.ts'
import { readFault } from './faults.ts'
import { frames } from './frames.ts'
import { CLIENT_ID_BYTES, type Hello, writeHello } from './hello.ts'
import { callLimits } from './limits.ts'
import { Splitter } from './splitter.ts'

/** A number is a varint, a text has its length before it, a Buffer goes as it is. */
export type Part = number | string | Buffer

/** A frame that came, without its kind. */
export interface Heard {
  readonly kind: number
  readonly body: Buffer
}

export class RawPeer {
  readonly stream: DuplexStream
  readonly heard: Heard[] = []
  /** Whether the other side has ended, and with what. */
  ended: string | undefined

  /** `reads` false: it never reads. */
  constructor(stream: DuplexStream, { reads = true }: { readonly reads?: boolean } = {}) {
    this.stream = stream
    if (reads) void this.#read()
  }

  hello(given: Partial<Hello> = {}): this {
    const to = new Writer()
    writeHello(to, {
      clientId: Buffer.alloc(CLIENT_ID_BYTES, 7),
      leaseMs: callLimits.leaseMs,
      frameBytesMax: callLimits.frameBytesMax,
      credential: '',
      ...given,
    })
    return this.send(frames.hello, Buffer.concat(to.finish()))
  }

  send(kind: number, ...parts: readonly Part[]): this {
    void this.stream.write([frame(kind, ...parts)])
    return this
  }

  /** A call of the root, or of what the number says, with values as arguments. */
  call(id: number, name: string, { args = [], flags = 0, target = 0, head = [] }: RawCall = {}): this {
    return this.send(frames.call, id, flags, target, 0, name, ...head, args.length, values(...args))
  }

  /** Frames of one kind that came. */
  of(kind: number): readonly Buffer[] {
    return this.heard.filter(one => one.kind === kind).map(({ body }) => body)
  }

  /** What came as the answer to a call: its value, or what was thrown. */
  answer(id: number): unknown {
    for (const { kind, body } of this.heard) {
      if (kind !== frames.result && kind !== frames.fault) continue
      const from = new Reader(body)
      if (from.uvarint() !== id) continue
      const read = new ValueReader(from, { valueOf: reference => reference })
      return kind === frames.result ? read.read() : readFault(from, read)
    }
    return undefined
  }

  async #read(): Promise<void> {
    const splitter = new Splitter(callLimits.frameBytesMax, (buffer, start, end) => {
      this.heard.push({ kind: buffer.readUInt8(start), body: Buffer.from(buffer.subarray(start + 1, end)) })
    })
    try {
      for await (const chunk of this.stream.bytes) splitter.push(chunk)
      this.ended = 'ended'
    } catch (error) {
      this.ended = String(error)
    }
  }
}

export interface RawCall {
  readonly args?: readonly unknown[]
  readonly flags?: number
  readonly target?: number
  /** What its flags promise: deadline, metadata, key and the lowest one that waits. */
  readonly head?: readonly Part[]
}

/** A frame with its length. */
export function frame(kind: number, ...parts: readonly Part[]): Buffer {
  const to = new Writer()
  to.word(0)
  to.uint8(kind)
  for (const part of parts) {
    if (typeof part === 'number') to.uvarint(part)
    else if (typeof part === 'string') {
      to.uvarint(Buffer.byteLength(part))
      to.text(part, Buffer.byteLength(part))
    } else to.raw(part)
  }
  to.patchUint32(0, to.bytes - 4)
  return Buffer.concat(to.finish())
}

/** Values one after another; a `GivenReference` goes as the reference that it names. */
export function values(...all: readonly unknown[]): Buffer {
  const to = new Writer()
  const references = { referenceOf: (thing: object) => (thing instanceof GivenReference ? thing : undefined) }
  const writer = new ValueWriter(to, references, { limits: { depthMax: 5000 } })
  for (const value of all) writer.write(value)
  return Buffer.concat(to.finish())
}

/** Stands for a reference in `values`. */
export class GivenReference {
  readonly kind: number
  readonly id: number

  constructor(kind: number, id: number) {
    this.kind = kind
    this.id = id
  }
}

/** As many turns of the event loop as a message between two ends of a process can need. */
export async function turns(count = 20): Promise<void> {
  for (let n = 0; n < count; n++) await new Promise(resolve => setImmediate(resolve))
}
