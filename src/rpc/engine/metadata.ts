// What travels with a call beside its arguments: texts by key, few and short.

import type { Reader, Writer } from '../../bytes/index.ts'
import { CallError } from './errors.ts'
import { callLimits } from './limits.ts'

export type Metadata = Readonly<Record<string, string>>

/** Errors: CallError CALL_TOO_LARGE. */
export function writeMetadata(to: Writer, metadata: Metadata): void {
  const entries = Object.entries(metadata)
  if (entries.length > callLimits.metadataEntriesMax)
    throw new CallError(
      'CALL_TOO_LARGE',
      `${entries.length} entries of metadata, at most ${callLimits.metadataEntriesMax}`,
    )
  to.uvarint(entries.length)
  const before = to.bytes
  for (const [key, value] of entries) {
    writeText(to, key)
    writeText(to, value)
  }
  if (to.bytes - before > callLimits.metadataBytesMax)
    throw new CallError(
      'CALL_TOO_LARGE',
      `${to.bytes - before} bytes of metadata, at most ${callLimits.metadataBytesMax}`,
    )
}

/** Errors: CallError CALL_PROTOCOL, WireError. */
export function readMetadata(from: Reader): Metadata {
  const count = from.uvarint()
  if (count > callLimits.metadataEntriesMax)
    throw new CallError('CALL_PROTOCOL', `${count} entries of metadata`)
  const before = from.at
  const entries: (readonly [string, string])[] = []
  for (let n = 0; n < count; n++) entries.push([readText(from), readText(from)])
  if (from.at - before > callLimits.metadataBytesMax)
    throw new CallError('CALL_PROTOCOL', `${from.at - before} bytes of metadata`)
  return Object.fromEntries(entries)
}

export function writeText(to: Writer, text: string): void {
  const bytes = Buffer.byteLength(text)
  to.uvarint(bytes)
  to.text(text, bytes)
}

export function readText(from: Reader): string {
  return from.text(from.uvarint())
}
