// One method of the protocol: its ids, who sends it, whether content follows, and its arguments as a table. The codec is
// compiled at the method's first use.

import {
  type Codec,
  type Fields,
  type Form,
  type InOf,
  type Kind,
  type OutOf,
  Reader,
  structKind,
  WireError,
  type Writer,
} from '../../../bytes/index.ts'

/** A method as the specification lists it. */
export interface Method<F extends Fields = Fields> {
  readonly classId: number
  readonly methodId: number
  /** Both ids in one number, as the first four bytes of a method frame. */
  readonly id: number
  /** As the specification writes it, such as `basic.publish`. */
  readonly name: string
  /** Who may send it. */
  readonly from: From
  /** Whether a content header and body frames follow. */
  readonly content: boolean
  readonly fields: F
  /** The arguments, `from` being behind the ids and ending with the frame. Errors: WireError naming the field. */
  decode(from: Reader): OutOf<F>
  /** Writes the ids and the arguments. Errors: WireError for a text that is too long. */
  encode(to: Writer, args: InOf<F>): void
}

export type From = 'client' | 'server' | 'both'

/** What a reader gives: every argument. */
export type ArgsOf<M> = M extends Method<infer F> ? OutOf<F> : never
/** What a writer takes: arguments with a default may be left out. */
export type ArgsInput<M> = M extends Method<infer F> ? InOf<F> : never

const ID_BYTES = 4

/** Declares a method. */
export function method<F extends Fields>(
  head: {
    readonly class: number
    readonly id: number
    readonly name: string
    readonly from: From
    readonly content?: boolean
  },
  fields: F,
): Method<F> {
  const id = head.class * 0x1_0000 + head.id
  const kind: Kind<OutOf<F>, InOf<F>> = structKind(fields, {})
  let made: Codec<OutOf<F>, InOf<F>> | undefined
  const codec = () => {
    made ??= kind.codec(form('compiled'))
    return made
  }
  return {
    classId: head.class,
    methodId: head.id,
    id,
    name: head.name,
    from: head.from,
    content: head.content ?? false,
    fields,
    decode(from) {
      const begin = from.at
      try {
        const args = codec().read(from)
        if (from.remaining > 0) throw trailing(head.name, from)
        return args
      } catch (error) {
        if (!(error instanceof WireError) || error.code === 'WIRE_TRAILING_BYTES') throw error
        // The straight-line code does not know the field's name; walking the table again finds it.
        kind.codec(form('walked')).read(new Reader(from.buffer, begin, from.end))
        throw error
      }
    },
    encode(to, args) {
      to.uint32(id)
      codec().write(to, args)
    },
  }
}

/** The method's ids at the beginning of a method frame. Errors: WireError when the frame is too short. */
export function methodIdAt(buffer: Buffer, start: number, end: number): number {
  if (end - start < ID_BYTES)
    throw new WireError('WIRE_TRUNCATED', start, `a method frame of ${end - start} bytes has no method`)
  return buffer.readUInt32BE(start)
}

function form(way: Form['way']): Form {
  return { version: 0, flexible: false, way }
}

function trailing(name: string, { at, remaining }: Reader): WireError {
  return new WireError('WIRE_TRAILING_BYTES', at, `${remaining} bytes follow ${name}`)
}
