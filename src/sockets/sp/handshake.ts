// The handshake of SP on a stream: both send their header at once, and each looks whether the other is one it may speak with.

import type { Stream } from '../../transport/index.ts'
import { SpError } from './errors.ts'
import { type ProtocolName, protocols } from './protocols.ts'
import { HEADER_BYTES, headerOf, readHeader } from './wire.ts'

/**
 * Sends our header and reads the peer's. Gives the bytes that came behind the header. Errors: SpError EPROTO (no SP, the
 * wrong protocol, an end), what broke the stream.
 */
export async function shakeHands(stream: Stream, protocol: ProtocolName): Promise<Buffer> {
  stream.write([headerOf(protocols[protocol].id)])
  let seen: Buffer = Buffer.alloc(0)
  for await (const chunk of stream.bytes) {
    seen = seen.length === 0 ? chunk : Buffer.concat([seen, chunk])
    if (seen.length >= HEADER_BYTES) break
  }
  if (seen.length < HEADER_BYTES) throw new SpError('EPROTO', 'the peer ended before it said what it speaks')
  checkPeer(protocol, readHeader(seen.subarray(0, HEADER_BYTES)))
  return seen.subarray(HEADER_BYTES)
}

function checkPeer(protocol: ProtocolName, id: number): void {
  const { peer } = protocols[protocol]
  if (id === protocols[peer].id) return
  const found = Object.entries(protocols).find(([, one]) => one.id === id)?.[0] ?? `0x${id.toString(16)}`
  throw new SpError('EPROTO', `${protocol} speaks with ${peer}, the peer speaks ${found}`)
}
