// The opening handshake of RFC 6455 section 4, both sides, as pure functions from heads to decisions. No extension is
// offered and none accepted: permessage-deflate costs memory for each connection, and what travels here is mostly binary.

import { createHash } from 'node:crypto'
import { WsError } from './errors.ts'
import { type Head, hasToken, listOf } from './head.ts'

/** Section 1.3. */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
const VERSION = '13'
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z/]+$/

/** The value that proves that the server has read the key (section 4.2.2). */
export function acceptOf(key: string): string {
  return createHash('sha1')
    .update(key + GUID)
    .digest('base64')
}

/** What a client asked for. */
export interface WsRequest {
  /** Path and query, as sent. */
  readonly target: string
  /** What came with it, by lower-case name. */
  readonly headers: ReadonlyMap<string, string>
  /** The page that a browser's script belongs to; undefined for other programs. */
  readonly origin: string | undefined
}

/** What a server serves. */
export interface WsServing {
  /** The only path, without a query; undefined for any. */
  readonly path?: string
  /** Sub-protocols, best first. With any, a client must offer one of them. */
  readonly protocols?: readonly string[]
  /** Whether scripts of that page may connect; without it, all may (RFC 6455 section 10.2). */
  readonly allowOrigin?: (origin: string | undefined) => boolean
}

export type WsDecision =
  | {
      readonly at: 'accepted'
      readonly request: WsRequest
      readonly protocol: string
      readonly response: string
    }
  | WsRefusal

export interface WsRefusal {
  readonly at: 'refused'
  readonly flaw: string
  /** HTTP status. */
  readonly status: number
  readonly response: string
}

/** What to answer to a request (section 4.2). */
export function decide({ start, fields }: Head, serving: WsServing): WsDecision {
  const [method, target = '', version, ...more] = start.split(' ')
  if (method !== 'GET' || version !== 'HTTP/1.1' || more.length > 0 || !target.startsWith('/'))
    return refuse(400, 'not a GET request of HTTP/1.1')
  if (!fields.has('host')) return refuse(400, 'no Host')
  if (!hasToken(fields.get('upgrade'), 'websocket') || !hasToken(fields.get('connection'), 'upgrade'))
    return refuse(426, 'not a request for an upgrade to websocket')
  if (fields.get('sec-websocket-version') !== VERSION)
    return refuse(426, `not version ${VERSION} of the protocol`)
  const key = fields.get('sec-websocket-key') ?? ''
  if (!/^[A-Za-z0-9+/]{22}==$/.test(key)) return refuse(400, 'Sec-WebSocket-Key is not 16 bytes in base64')
  if (serving.path !== undefined && target.split('?', 1)[0] !== serving.path)
    return refuse(404, `nothing is served at ${target}`)
  const origin = fields.get('origin')
  if (serving.allowOrigin?.(origin) === false) return refuse(403, `scripts of ${origin} may not connect`)
  const protocol = choose(serving.protocols ?? [], listOf(fields.get('sec-websocket-protocol')))
  if (protocol === undefined) return refuse(400, 'none of the offered sub-protocols is served')
  return {
    at: 'accepted',
    request: { target, headers: fields, origin },
    protocol,
    response: switching(key, protocol),
  }
}

function choose(served: readonly string[], offered: readonly string[]): string | undefined {
  return served.length === 0 ? '' : served.find(one => offered.includes(one))
}

function switching(key: string, protocol: string): string {
  const agreed = protocol === '' ? '' : `Sec-WebSocket-Protocol: ${protocol}\r\n`
  return `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${acceptOf(key)}\r\n${agreed}\r\n`
}

const phrases: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  426: 'Upgrade Required',
  431: 'Request Header Fields Too Large',
}

/** A refusal, as the server answers it. */
export function refuse(status: number, flaw: string): WsRefusal {
  const upgrade = status === 426 ? `Upgrade: websocket\r\nSec-WebSocket-Version: ${VERSION}\r\n` : ''
  const response = `HTTP/1.1 ${status} ${phrases[status] ?? 'Refused'}\r\nConnection: close\r\nContent-Length: 0\r\n${upgrade}\r\n`
  return { at: 'refused', flaw, status, response }
}

/** What a client asks with. */
export interface WsAsking {
  /** Host and port, as in a URL. */
  readonly authority: string
  /** Path and query. */
  readonly target: string
  /** Base64 of 16 unpredictable bytes. */
  readonly key: string
  readonly protocols: readonly string[]
  readonly headers: Readonly<Record<string, string>>
}

/** The request (section 4.1). Errors: RangeError for what no head can carry. */
export function requestOf({ authority, target, key, protocols, headers }: WsAsking): string {
  for (const protocol of protocols)
    if (!token.test(protocol)) throw new RangeError(`'${protocol}' is not the name of a sub-protocol`)
  if (!/^\/[\x21-\x7e]*$/.test(target)) throw new RangeError(`'${target}' is not a path`)
  const lines = [
    `GET ${target} HTTP/1.1`,
    `Host: ${authority}`,
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Key: ${key}`,
    `Sec-WebSocket-Version: ${VERSION}`,
    ...(protocols.length === 0 ? [] : [`Sec-WebSocket-Protocol: ${protocols.join(', ')}`]),
    ...Object.entries(headers).map(([name, value]) => fieldOf(name, value)),
  ]
  return `${lines.join('\r\n')}\r\n\r\n`
}

function fieldOf(name: string, value: string): string {
  if (!token.test(name) || !/^[\t\x20-\x7e\x80-\xff]*$/.test(value))
    throw new RangeError(`'${name}: ${value}' can't be a header field`)
  return `${name}: ${value}`
}

/** The sub-protocol that the response agrees on (section 4.1). Errors: WsError. */
export function agreedIn({ start, fields }: Head, { key, protocols }: WsAsking): string {
  const [, status = ''] = /^HTTP\/1\.1 (\d{3})(?: |$)/.exec(start) ?? []
  if (status === '') throw invalid('the answer is not HTTP/1.1')
  if (status !== '101')
    throw new WsError('WS_REFUSED', `the server refused with ${start.slice(9)}`, Number(status))
  if (!hasToken(fields.get('upgrade'), 'websocket') || !hasToken(fields.get('connection'), 'upgrade'))
    throw invalid('the answer does not upgrade to websocket')
  if (fields.get('sec-websocket-accept') !== acceptOf(key))
    throw invalid('Sec-WebSocket-Accept does not belong to our key')
  if (fields.has('sec-websocket-extensions'))
    throw invalid('the server uses an extension that was not offered')
  const agreed = fields.get('sec-websocket-protocol') ?? ''
  if (agreed !== '' && !protocols.includes(agreed))
    throw invalid(`the server chose the sub-protocol '${agreed}', which was not offered`)
  if (agreed === '' && protocols.length > 0)
    throw invalid(`the server speaks none of ${protocols.join(', ')}`)
  return agreed
}

function invalid(why: string): WsError {
  return new WsError('WS_HANDSHAKE_INVALID', why)
}
