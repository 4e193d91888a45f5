// Where reading begins, as people write it: 'start', 'end', an offset, '-N' for the last N, a time, or how long ago.

import { type Duration, milliseconds } from '../../world/index.ts'
import { CommandError } from '../exit.ts'
import type { Client } from './client.ts'
import { type Isolation, type Offsets, offsetsAt, places } from './offsets.ts'

export type Start =
  | { readonly at: 'start' }
  | { readonly at: 'end' }
  | { readonly at: 'offset'; readonly offset: number }
  | { readonly at: 'last'; readonly count: number }
  | { readonly at: 'time'; readonly ms: number }

const FORMS =
  'write start, end, an offset, -N for the last N, a time (2026-01-31T12:00:00Z) or how long ago (15m)'

/** Reads the text; `now` is in ms since 1970. Throws CommandError (usage). */
export function parseStart(text: string, flag: string, now: number): Start {
  if (text === 'start' || text === 'beginning' || text === 'earliest') return { at: 'start' }
  if (text === 'end' || text === 'latest') return { at: 'end' }
  if (/^-\d+$/.test(text)) return { at: 'last', count: -Number(text) }
  if (/^\d+$/.test(text)) return { at: 'offset', offset: Number(text) }
  const ago = readAgo(text)
  if (ago !== undefined) return { at: 'time', ms: now - ago }
  const ms = Date.parse(text)
  if (/^\d{4}-\d\d/.test(text) && Number.isFinite(ms)) return { at: 'time', ms }
  throw new CommandError('usage', `${flag} cannot be '${text}': ${FORMS}`)
}

/** The offsets that it means, each within what its partition holds. Errors: BrokerFault. */
export async function startOffsets(
  client: Client,
  topic: string,
  partitions: readonly number[],
  start: Start,
  isolation: Isolation = 'committed',
): Promise<Offsets> {
  const at = (time: number): Promise<Offsets> => offsetsAt(client, topic, partitions, time, isolation)
  if (start.at === 'start') return at(places.start)
  if (start.at === 'end') return at(places.end)
  const [first, last] = await Promise.all([at(places.start), at(places.end)])
  const wanted = start.at === 'time' ? await at(start.ms) : undefined
  const within = (partition: number): readonly [number, number] => {
    const low = first.get(partition) ?? 0
    const high = last.get(partition) ?? low
    return [partition, Math.min(high, Math.max(low, offsetOf(start, high, wanted?.get(partition))))]
  }
  return new Map(partitions.map(within))
}

function offsetOf(start: Start, end: number, atTime: number | undefined): number {
  if (start.at === 'offset') return start.offset
  if (start.at === 'last') return end - start.count
  return atTime === undefined || atTime < 0 ? end : atTime
}

function readAgo(text: string): number | undefined {
  if (!/^\d+(\.\d+)?(ms|s|m|h|d)$/.test(text)) return undefined
  // A template type cannot be checked but by reading it.
  return milliseconds(text as Duration)
}
