// `posthorn cat` from the broker: records as bytes in a format, or as rows for programs.

import { partitionsOf, topicViews } from '../../kafka/admin.ts'
import type { Client } from '../../kafka/client.ts'
import { type Piece, pieces } from '../../kafka/fetcher.ts'
import { groupPieces } from '../../kafka/group/reader.ts'
import { type Isolation, offsetsAt, places } from '../../kafka/offsets.ts'
import { type ConsumedRecord, recordsIn } from '../../kafka/rows.ts'
import { parseStart, startOffsets } from '../../kafka/start.ts'
import type { Output } from '../../output/output.ts'
import type { Formatter } from './format.ts'
import { type CatRecord, type recordColumns, rowOf } from './row.ts'

export interface ConsumeOptions {
  readonly topic: string
  /** Where to begin, as typed. */
  readonly from: string
  readonly partitions: readonly number[]
  readonly group: string | undefined
  /** Stop after so many records. */
  readonly count: number | undefined
  /** Stop at the end as it is now. */
  readonly untilEnd: boolean
  readonly isolation: Isolation
  readonly signal: AbortSignal
}

type Ends = ReadonlyMap<number, number> | undefined
type SettledPiece = Piece & { settle?(next: number): void }

/** Bytes that are gathered before they are written. */
const CHUNK_BYTES = 65_536

/** Prints records as bytes. */
export async function printRaw(
  records: AsyncIterable<readonly CatRecord[]>,
  format: Formatter,
  output: Output,
) {
  for await (const some of records) {
    let chunk: Buffer[] = []
    let bytes = 0
    for (const record of some) {
      for (const part of format(record)) {
        chunk.push(part)
        bytes += part.length
      }
      if (bytes < CHUNK_BYTES) continue
      await output.bytes(Buffer.concat(chunk))
      chunk = []
      bytes = 0
    }
    if (bytes > 0) await output.bytes(Buffer.concat(chunk))
  }
}

/** Prints records as rows, each when it comes. */
export async function printRows(
  records: AsyncIterable<readonly CatRecord[]>,
  output: Output<typeof recordColumns>,
): Promise<void> {
  await output.rows(rowsOf(records), { live: true })
}

async function* rowsOf(records: AsyncIterable<readonly CatRecord[]>) {
  for await (const some of records) for (const record of some) yield rowOf(record)
}

/** The records piece by piece; asking for more says that those before have been dealt with. */
export async function* consume(
  client: Client,
  options: ConsumeOptions,
  warn: (line: string) => void,
): AsyncGenerator<readonly ConsumedRecord[]> {
  const { topic, count = Number.POSITIVE_INFINITY } = options
  let left = count
  if (left === 0) return
  const { source, until } = await open(client, options, warn)
  for await (const piece of source) {
    const records: ConsumedRecord[] = []
    for (const record of recordsIn(piece, topic, until?.get(piece.partition))) {
      records.push(record)
      if (records.length === left) break
    }
    left -= records.length
    const last = records.at(-1)
    if (last !== undefined) yield records
    piece.settle?.(left === 0 && last !== undefined ? last.offset + 1 : piece.next)
    if (left === 0) return
  }
}

async function open(
  client: Client,
  options: ConsumeOptions,
  warn: (line: string) => void,
): Promise<{ readonly source: AsyncIterable<SettledPiece>; readonly until: Ends }> {
  const { topic, isolation, signal, group, untilEnd } = options
  const start = parseStart(options.from, '--from', client.world.now())
  if (group !== undefined) {
    const source = groupPieces(client, { group, topic, start, isolation, untilEnd, signal })
    return { source, until: undefined }
  }
  const [view] = await topicViews(client, [topic])
  const { partitions: wanted } = options
  const partitions = wanted.length === 0 && view !== undefined ? partitionsOf(view) : wanted
  const from = await startOffsets(client, topic, partitions, start, isolation)
  const until = untilEnd ? await offsetsAt(client, topic, partitions, places.end, isolation) : undefined
  const onGap = (partition: number, asked: number, found: number): void =>
    warn(`records ${asked} to ${found - 1} of partition ${partition} have been deleted meanwhile`)
  const source = pieces(client, { topic, from, isolation, signal, onGap, ...(until && { until }) })
  return { source, until }
}
