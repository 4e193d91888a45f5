// Bodies of commands (RFC 37 "Commands"): a name with a length octet, then what the command says.

import { ProtocolError } from '../errors.ts'
import { zmqLimits } from '../limits.ts'

/** Properties of a READY or INITIATE, by name in lower case (names are case-insensitive). */
export type Metadata = ReadonlyMap<string, Buffer>

/** A command of that name. */
export function command(name: string, ...parts: readonly Buffer[]): Buffer {
  return Buffer.concat([Buffer.from([name.length]), Buffer.from(name, 'latin1'), ...parts])
}

/** Name and rest of a command's body. Errors: ProtocolError. */
export function parseCommand(body: Buffer): { readonly name: string; readonly rest: Buffer } {
  const length = body[0] ?? 0
  if (length === 0 || 1 + length > body.length)
    throw new ProtocolError('ERR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED', 'a command has no name')
  return { name: body.toString('latin1', 1, 1 + length), rest: body.subarray(1 + length) }
}

/** Properties as bytes. */
export function metadataBytes(properties: readonly (readonly [string, Buffer])[]): Buffer {
  const parts = properties.flatMap(([name, value]) => {
    const size = Buffer.alloc(4)
    size.writeUInt32BE(value.length)
    return [Buffer.from([name.length]), Buffer.from(name, 'latin1'), size, value]
  })
  return Buffer.concat(parts)
}

/** The properties in these bytes. Errors: ProtocolError. */
export function parseMetadata(bytes: Buffer): Metadata {
  const found = new Map<string, Buffer>()
  for (let at = 0; at < bytes.length; ) {
    const nameEnd = at + 1 + (bytes[at] as number)
    if (bytes[at] === 0 || nameEnd + 4 > bytes.length) throw malformed()
    const name = bytes.toString('latin1', at + 1, nameEnd).toLowerCase()
    const end = nameEnd + 4 + bytes.readUInt32BE(nameEnd)
    if (end > bytes.length || found.size >= zmqLimits.propertiesMax) throw malformed()
    found.set(name, bytes.subarray(nameEnd + 4, end))
    at = end
  }
  return found
}

function malformed(): ProtocolError {
  return new ProtocolError('ERR_ZMTP_INVALID_METADATA', 'the properties of a handshake are malformed')
}

/** ERROR with a reason. */
export function errorCommand(reason: string): Buffer {
  const text = Buffer.from(reason, 'latin1').subarray(0, 255)
  return command('ERROR', Buffer.from([text.length]), text)
}

/** The reason of an ERROR. Errors: ProtocolError. */
export function errorReason(rest: Buffer): string {
  const length = rest[0]
  if (length === undefined || 1 + length > rest.length)
    throw new ProtocolError('ERR_ZMTP_MALFORMED_COMMAND_ERROR', 'an ERROR command is malformed')
  return rest.toString('latin1', 1, 1 + length)
}

/** PING with a time to live in ms, which travels in tenths of a second. */
export function pingCommand(ttlMs: number, context: Buffer = Buffer.alloc(0)): Buffer {
  const ttl = Buffer.alloc(2)
  ttl.writeUInt16BE(Math.min(0xffff, Math.floor(ttlMs / 100)))
  return command('PING', ttl, context)
}

/** What a PING says. Errors: ProtocolError. */
export function parsePing(rest: Buffer): { readonly ttlMs: number; readonly context: Buffer } {
  if (rest.length < 2 || rest.length > 2 + zmqLimits.pingContextBytesMax)
    throw new ProtocolError('ERR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED', 'a PING command is malformed')
  return { ttlMs: rest.readUInt16BE(0) * 100, context: rest.subarray(2) }
}
