// The first words of each side, which need not wait for those of the other.

import type { Reader, Writer } from '../../bytes/index.ts'
import { CallError } from './errors.ts'
import { MAGIC, VERSION } from './frames.ts'
import { writeText } from './metadata.ts'

export const CLIENT_ID_BYTES = 16
const CREDENTIAL_BYTES_MAX = 64 * 1024
/** Less cannot be kept: a peer that is asked for signs of life all the time, and frames with no room for an error. */
const LEASE_MS_MIN = 100
const FRAME_BYTES_MIN = 1024

export interface Hello {
  /** By what the answers of this client's calls are kept; the same in all of its connections. */
  readonly clientId: Buffer
  /** Ms of silence after which this side takes the other for dead. */
  readonly leaseMs: number
  /** Bytes of one frame that this side takes. */
  readonly frameBytesMax: number
  /** Who calls, as the server likes to be told; empty for nothing. */
  readonly credential: string
}

export function writeHello(to: Writer, { clientId, leaseMs, frameBytesMax, credential }: Hello): void {
  to.word(MAGIC)
  to.uvarint(VERSION)
  to.raw(clientId)
  to.uvarint(leaseMs)
  to.uvarint(frameBytesMax)
  writeText(to, credential)
}

/** Errors: CallError CALL_PROTOCOL, WireError. */
export function readHello(from: Reader): Hello {
  if (from.uint32() !== MAGIC) throw new CallError('CALL_PROTOCOL', 'it speaks something else')
  const version = from.uvarint()
  if (version !== VERSION)
    throw new CallError('CALL_PROTOCOL', `version ${version}, this side speaks ${VERSION}`)
  const clientId = Buffer.from(from.take(CLIENT_ID_BYTES))
  const leaseMs = from.uvarint()
  const frameBytesMax = from.uvarint()
  if (leaseMs < LEASE_MS_MIN || frameBytesMax < FRAME_BYTES_MIN)
    throw new CallError(
      'CALL_PROTOCOL',
      `a lease of ${leaseMs} ms and frames of ${frameBytesMax} bytes, at least ${LEASE_MS_MIN} and ${FRAME_BYTES_MIN}`,
    )
  const bytes = from.uvarint()
  if (bytes > CREDENTIAL_BYTES_MAX) throw new CallError('CALL_PROTOCOL', `a credential of ${bytes} bytes`)
  return { clientId, leaseMs, frameBytesMax, credential: from.text(bytes) }
}
