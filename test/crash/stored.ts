// What a topic holds: of each record its offset and the head of its value, which says who wrote it and which it is.

import type { Client } from '../../src/cli/kafka/client.ts'
import { pieces } from '../../src/cli/kafka/fetcher.ts'
import { type Isolation, offsetsAt, places } from '../../src/cli/kafka/offsets.ts'
import { recordsIn } from '../../src/cli/kafka/rows.ts'

export interface Stored {
  readonly offset: number
  readonly head: string
}

/** Separates the head of a value from what only makes it long. */
const BAR = 0x7c
export const PARTITIONS = 4
const all = Array.from({ length: PARTITIONS }, (_, partition) => partition)

/** A value: its head, and `padding` bytes more. */
export function valueWith(head: string, padding: number): Buffer {
  return Buffer.from(`${head}|${'.'.repeat(padding)}`)
}

/** Every record of the topic by partition, up to its end (of the isolation) as it is now. */
export async function storedIn(client: Client, topic: string, isolation: Isolation): Promise<Stored[][]> {
  const found: Stored[][] = all.map(() => [])
  const until = await offsetsAt(client, topic, all, places.end, isolation)
  const from = new Map(all.map(partition => [partition, 0]))
  const signal = AbortSignal.timeout(client.timeoutMs)
  for await (const piece of pieces(client, { topic, from, until, isolation, signal, waitMs: 50 }))
    for (const { partition, offset, value } of recordsIn(piece, topic)) {
      const bytes = value ?? Buffer.alloc(0)
      found[partition]?.push({ offset, head: bytes.toString('latin1', 0, bytes.indexOf(BAR)) })
    }
  if (signal.aborted) throw new Error(`${topic} could not be read to its end`)
  return found
}

/** The ends of all partitions. */
export function endsOf(client: Client, topic: string, isolation: Isolation) {
  return offsetsAt(client, topic, all, places.end, isolation)
}
