// The head of an HTTP/1.1 message, as far as an opening handshake needs it (RFC 9112 sections 2 to 5): a start line and
// fields, bounded, without a body. Written here rather than taken from node:http, because then a WebSocket lies on the one
// Stream interface (TCP, TLS, a pair in a test), handshake and frames are read by the same loop without taking a socket out
// of a server's hands, and what a stranger may send is bounded by our own few names.

import type { WsLimits } from './limits.ts'

export interface Head {
  /** The request or status line. */
  readonly start: string
  /** Values by lower-case name; several fields of a name are joined by a comma (RFC 9110 section 5.3). */
  readonly fields: ReadonlyMap<string, string>
  /** What came behind the head. */
  readonly rest: Buffer
}

/** Why there is no head, in words for the error. */
export interface NoHead {
  readonly flaw: string
  /** What a server answers. */
  readonly status: 400 | 431
}

const END = Buffer.from('\r\n\r\n')

/** Reads up to the end of the head and leaves the loop there. Errors: what broke the stream. */
export async function readHead(
  bytes: AsyncIterable<Buffer>,
  limits: Pick<WsLimits, 'headBytesMax' | 'headersMax'>,
): Promise<Head | NoHead> {
  let got: Buffer = Buffer.alloc(0)
  for await (const chunk of bytes) {
    const from = Math.max(0, got.length - (END.length - 1))
    got = got.length === 0 ? chunk : Buffer.concat([got, chunk])
    const end = got.indexOf(END, from)
    if (end > limits.headBytesMax || (end < 0 && got.length > limits.headBytesMax))
      return { flaw: `the head has more than ${limits.headBytesMax} bytes`, status: 431 }
    if (end >= 0) return parseHead(got.toString('latin1', 0, end), got.subarray(end + END.length), limits)
  }
  return { flaw: 'the connection ended before the head did', status: 400 }
}

/** A token of RFC 9110 section 5.6.2, a colon, and a value without control characters but tabs. */
const field = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*([\t\x20-\x7e\x80-\xff]*)$/

function parseHead(text: string, rest: Buffer, { headersMax }: Pick<WsLimits, 'headersMax'>): Head | NoHead {
  const [start = '', ...lines] = text.split('\r\n')
  if (lines.length > headersMax) return { flaw: `the head has more than ${headersMax} fields`, status: 431 }
  const fields = new Map<string, string>()
  for (const line of lines) {
    const [, name = '', value = ''] = field.exec(line) ?? []
    if (name === '') return { flaw: 'a line of the head is no field', status: 400 }
    const before = fields.get(name.toLowerCase())
    fields.set(name.toLowerCase(), before === undefined ? value.trimEnd() : `${before}, ${value.trimEnd()}`)
  }
  return { start, fields, rest }
}

/** The elements of a comma-separated value. */
export function listOf(value: string | undefined): string[] {
  return (value ?? '')
    .split(',')
    .map(one => one.trim())
    .filter(one => one !== '')
}

/** Whether the comma-separated value has the token, in any case. */
export function hasToken(value: string | undefined, token: string): boolean {
  return listOf(value).some(one => one.toLowerCase() === token)
}
