// The write-ahead log's bytes. It is a sequence of *groups*: what one flush made durable. A group is valid when its
// checksum holds and its sequence number and the checksum of the group before are the expected ones, so that what a
// recycled file held before is never taken for new.
//
//   group: 0 magic u32 | 4 payload bytes u32 | 8 crc u32 (of all that follows) | 12 epoch u32 | 16 sequence i64
//          24 flags u32 | 28 crc of the group before u32 | 32 payload | zeros up to a multiple of 8
//   entry: kind u8, log id u32, then by kind
//          run     segment i64, position u32, base i64, next i64, digest before u32, digest after u32, max timestamp i64,
//                  bytes u32, and for an inline run the bytes; a run by reference has them in the segment already
//          create  bytes u32, name;   delete  nothing;   trim  before i64
//          rewrite segment i64, generation u32, bytes u32, max timestamp i64
//
// A run is consecutive batches of one log in one segment. Its digests chain the batches of the log: each covers the
// header of its batch (and so, through Kafka's checksum in it, the records) and the digest before.

import { crc32c } from '../../bytes/crc32c.ts'
import { readInt64, writeInt64 } from '../../bytes/int64.ts'
import type { Offset } from '../log.ts'
import { BATCH_HEADER_BYTES } from '../record/batch.ts'

export const GROUP_MAGIC = 0x50484731
export const GROUP_HEADER_BYTES = 32
const ALIGNMENT = 8
/**
 * Set on groups that were acknowledged without a flush: such a group may be lost while a later one is there. The flags'
 * other bits then count the groups before it that were not flushed either when it was written; older ones were.
 */
export const FLAG_UNFLUSHED = 1

const kinds = { inline: 1, reference: 2, create: 3, delete: 4, trim: 5, rewrite: 6 } as const

export interface RunEntry {
  readonly kind: 'inline' | 'reference'
  readonly log: number
  readonly segment: Offset
  readonly position: number
  readonly base: Offset
  readonly next: Offset
  readonly digestBefore: number
  readonly digestAfter: number
  readonly maxTimestamp: number
  /** Length of the batches together. */
  readonly length: number
  /** The batches; none for a reference. */
  readonly buffers: readonly Buffer[]
}

export type Entry =
  | RunEntry
  | { readonly kind: 'create'; readonly log: number; readonly name: string }
  | { readonly kind: 'delete'; readonly log: number }
  | { readonly kind: 'trim'; readonly log: number; readonly before: Offset }
  | {
      readonly kind: 'rewrite'
      readonly log: number
      readonly segment: Offset
      readonly generation: number
      readonly length: number
      readonly maxTimestamp: number
    }

export interface Group {
  readonly epoch: number
  readonly sequence: number
  readonly flags: number
  readonly crc: number
  readonly previousCrc: number
  readonly payload: Buffer
  /** Bytes in the file, padding included. */
  readonly bytes: number
}

export interface GroupHead {
  readonly epoch: number
  readonly sequence: number
  readonly flags: number
  readonly previousCrc: number
}

const RUN_BYTES = 5 + 8 + 4 + 8 + 8 + 4 + 4 + 8 + 4

/** Digest of a log after this batch. */
export function digestAfter(digest: number, batch: Buffer): number {
  return crc32c(batch, 0, BATCH_HEADER_BYTES, digest)
}

/** Flags of a group that is acknowledged without a flush, when the last flush covered all before `flushedTo`. */
export function unflushedFlags(sequence: number, flushedTo: number): number {
  return (Math.min(sequence - flushedTo, 0x7fff_ffff) * 2 + FLAG_UNFLUSHED) >>> 0
}

/** What the group proves: all groups before this number were durable when it was written. */
export function flushedBefore({
  sequence,
  flags,
}: {
  readonly sequence: number
  readonly flags: number
}): number {
  return (flags & FLAG_UNFLUSHED) === 0 ? sequence : sequence - (flags >>> 1)
}

/** Bytes that a group of these entries takes in the file. */
export function groupBytes(entries: readonly Entry[]): number {
  let bytes = GROUP_HEADER_BYTES
  for (const entry of entries) bytes += entryBytes(entry)
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT
}

/** Writes a group to the front of `into`, which has room for `groupBytes(entries)`; gives its checksum. */
export function encodeGroup(into: Buffer, head: GroupHead, entries: readonly Entry[]): number {
  let at = GROUP_HEADER_BYTES
  for (const entry of entries) at = writeEntry(into, at, entry)
  const end = Math.ceil(at / ALIGNMENT) * ALIGNMENT
  into.fill(0, at, end)
  into.writeUInt32BE(GROUP_MAGIC, 0)
  into.writeUInt32BE(at - GROUP_HEADER_BYTES, 4)
  into.writeUInt32BE(head.epoch, 12)
  writeInt64(into, 16, head.sequence)
  into.writeUInt32BE(head.flags, 24)
  into.writeUInt32BE(head.previousCrc, 28)
  const crc = crc32c(into, 12, at)
  into.writeUInt32BE(crc, 8)
  return crc
}

/** The group at `at`, or undefined when the bytes there are none that can be believed. */
export function decodeGroup(file: Buffer, at: number): Group | undefined {
  if (at + GROUP_HEADER_BYTES > file.length || file.readUInt32BE(at) !== GROUP_MAGIC) return undefined
  const length = file.readUInt32BE(at + 4)
  const end = at + GROUP_HEADER_BYTES + length
  if (end > file.length) return undefined
  const crc = file.readUInt32BE(at + 8)
  if (crc32c(file, at + 12, end) !== crc) return undefined
  return {
    epoch: file.readUInt32BE(at + 12),
    sequence: readInt64(file, at + 16),
    flags: file.readUInt32BE(at + 24),
    crc,
    previousCrc: file.readUInt32BE(at + 28),
    payload: file.subarray(at + GROUP_HEADER_BYTES, end),
    bytes: Math.ceil((GROUP_HEADER_BYTES + length) / ALIGNMENT) * ALIGNMENT,
  }
}

/** The number of the group that begins with this header; undefined when none does. */
export function sequenceIn(header: Buffer): number | undefined {
  const isOne = header.length === GROUP_HEADER_BYTES && header.readUInt32BE(0) === GROUP_MAGIC
  return isOne ? readInt64(header, 16) : undefined
}

/** The first believable group at or after `from` whose sequence is at least `sequence`, with its place. */
export function findGroup(
  file: Buffer,
  from: number,
  sequence: number,
): { readonly at: number; readonly group: Group } | undefined {
  for (let at = from; at + GROUP_HEADER_BYTES <= file.length; at += ALIGNMENT) {
    if (file.readUInt32BE(at) !== GROUP_MAGIC || readInt64(file, at + 16) < sequence) continue
    const group = decodeGroup(file, at)
    if (group !== undefined) return { at, group }
  }
  return undefined
}

/** The entries of a group; their buffers share its memory. The payload's checksum held, so its form is trusted. */
export function decodeEntries(payload: Buffer): Entry[] {
  const entries: Entry[] = []
  for (let at = 0; at < payload.length; ) {
    const [entry, next] = readEntry(payload, at)
    entries.push(entry)
    at = next
  }
  return entries
}

function entryBytes(entry: Entry): number {
  switch (entry.kind) {
    case 'inline':
      return RUN_BYTES + entry.length
    case 'reference':
      return RUN_BYTES
    case 'create':
      return 5 + 4 + Buffer.byteLength(entry.name)
    case 'delete':
      return 5
    case 'trim':
      return 5 + 8
    case 'rewrite':
      return 5 + 8 + 4 + 4 + 8
  }
}

function writeEntry(into: Buffer, start: number, entry: Entry): number {
  into.writeUInt8(kinds[entry.kind], start)
  into.writeUInt32BE(entry.log, start + 1)
  const at = start + 5
  switch (entry.kind) {
    case 'inline':
    case 'reference':
      return writeRun(into, at, entry)
    case 'create': {
      const length = into.write(entry.name, at + 4, 'utf8')
      into.writeUInt32BE(length, at)
      return at + 4 + length
    }
    case 'delete':
      return at
    case 'trim':
      writeInt64(into, at, entry.before)
      return at + 8
    case 'rewrite':
      writeInt64(into, at, entry.segment)
      into.writeUInt32BE(entry.generation, at + 8)
      into.writeUInt32BE(entry.length, at + 12)
      writeInt64(into, at + 16, entry.maxTimestamp)
      return at + 24
  }
}

function writeRun(into: Buffer, at: number, run: RunEntry): number {
  writeInt64(into, at, run.segment)
  into.writeUInt32BE(run.position, at + 8)
  writeInt64(into, at + 12, run.base)
  writeInt64(into, at + 20, run.next)
  into.writeUInt32BE(run.digestBefore, at + 28)
  into.writeUInt32BE(run.digestAfter, at + 32)
  writeInt64(into, at + 36, run.maxTimestamp)
  into.writeUInt32BE(run.length, at + 44)
  let end = at + 48
  if (run.kind === 'inline') for (const buffer of run.buffers) end += buffer.copy(into, end)
  return end
}

function readEntry(from: Buffer, start: number): [Entry, number] {
  const kind = from.readUInt8(start)
  const log = from.readUInt32BE(start + 1)
  const at = start + 5
  switch (kind) {
    case kinds.inline:
    case kinds.reference:
      return readRun(from, at, log, kind === kinds.inline ? 'inline' : 'reference')
    case kinds.create: {
      const end = at + 4 + from.readUInt32BE(at)
      return [{ kind: 'create', log, name: from.toString('utf8', at + 4, end) }, end]
    }
    case kinds.delete:
      return [{ kind: 'delete', log }, at]
    case kinds.trim:
      return [{ kind: 'trim', log, before: readInt64(from, at) }, at + 8]
    case kinds.rewrite: {
      const [segment, generation] = [readInt64(from, at), from.readUInt32BE(at + 8)]
      const [length, maxTimestamp] = [from.readUInt32BE(at + 12), readInt64(from, at + 16)]
      return [{ kind: 'rewrite', log, segment, generation, length, maxTimestamp }, at + 24]
    }
    default:
      throw new RangeError(`an entry of the write-ahead log has the unknown kind ${kind}`)
  }
}

function readRun(from: Buffer, at: number, log: number, kind: RunEntry['kind']): [RunEntry, number] {
  const length = from.readUInt32BE(at + 44)
  const end = at + 48 + (kind === 'inline' ? length : 0)
  const run: RunEntry = {
    kind,
    log,
    segment: readInt64(from, at),
    position: from.readUInt32BE(at + 8),
    base: readInt64(from, at + 12),
    next: readInt64(from, at + 20),
    digestBefore: from.readUInt32BE(at + 28),
    digestAfter: from.readUInt32BE(at + 32),
    maxTimestamp: readInt64(from, at + 36),
    length,
    buffers: kind === 'inline' ? [from.subarray(at + 48, end)] : [],
  }
  return [run, end]
}
