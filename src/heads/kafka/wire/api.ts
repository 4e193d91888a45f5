// One API of the protocol: its key, the versions that are served, its request and response tables.

import type { Fields, InOf, OutOf } from '../../../bytes/index.ts'
import { type Codec, type Field, type Form, Reader, WireError, type Writer } from '../../../bytes/index.ts'
import { struct } from './kinds.ts'

/** An API as it stands in the table of keys. `versions` is what ApiVersions advertises. */
export interface Api<Request extends Fields = Fields, Response extends Fields = Fields> {
  readonly key: number
  readonly name: string
  readonly versions: { readonly min: number; readonly max: number }
  /** First version in the flexible encoding; Infinity when there is none. */
  readonly flexibleSince: number
  readonly request: Message<Request>
  readonly response: Message<Response>
}

export interface Message<F extends Fields> {
  /** The whole message, which must end where the buffer does. Errors: WireError naming the field. */
  decode(from: Reader, version: number): OutOf<F>
  encode(to: Writer, value: InOf<F>, version: number): void
  readonly fields: F
}

/** What a handler gets: every field, those that the version lacks at their default. */
export type RequestOf<A> = A extends Api<infer F, Fields> ? OutOf<F> : never
/** What a handler answers with: fields with a default may be left out. */
export type ResponseOf<A> = A extends Api<Fields, infer F> ? InOf<F> : never
/** What a client sends. */
export type RequestInput<A> = A extends Api<infer F, Fields> ? InOf<F> : never
/** What a client gets. */
export type ResponseOutput<A> = A extends Api<Fields, infer F> ? OutOf<F> : never

/** Declares an API. `versions` is a range such as '0-4'; `flexible` a first version such as '4+', or 'none'. */
export function api<Request extends Fields, Response extends Fields>(
  head: { readonly key: number; readonly name: string; readonly versions: string; readonly flexible: string },
  request: Request,
  response: Response,
): Api<Request, Response> {
  const [min = 0, max = min] = head.versions.split('-').map(Number)
  const flexibleSince =
    head.flexible === 'none' ? Number.POSITIVE_INFINITY : Number.parseInt(head.flexible, 10)
  return {
    key: head.key,
    name: head.name,
    versions: { min, max },
    flexibleSince,
    request: message(request, flexibleSince),
    response: message(response, flexibleSince),
  }
}

/** Declares a message outside the table of keys: headers and what is kept in records. */
export function message<F extends Fields>(fields: F, flexibleSince: number): Message<F> {
  const whole: Field<OutOf<F>, InOf<F>> = struct(fields)
  const form = (version: number, way: Form['way']): Form => ({
    version,
    flexible: version >= flexibleSince,
    way,
  })
  const make = (version: number, way: Form['way']) =>
    whole.codec(form(version, way)) as Codec<OutOf<F>, InOf<F>>
  const made: Codec<OutOf<F>, InOf<F>>[] = []
  const compiled = (version: number) => {
    made[version] ??= make(version, 'compiled')
    return made[version]
  }
  return {
    fields,
    decode(from, version) {
      const begin = from.at
      try {
        return compiled(version).read(from)
      } catch (error) {
        if (!(error instanceof WireError)) throw error
        // The straight-line code does not know the field's name; walking the table again finds it.
        make(version, 'walked').read(new Reader(from.buffer, begin, from.end))
        throw error
      }
    },
    encode: (to, value, version) => compiled(version).write(to, value),
  }
}
