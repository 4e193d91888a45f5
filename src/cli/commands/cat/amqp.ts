// `posthorn cat amqp://...`: standard input into a queue or an exchange, or either to standard output.
//
//   amqp://host/vhost/queue           the queue itself; written to through the default exchange
//   amqp://host/vhost/exchange/key    the exchange; read through a queue of our own, bound with the key, that goes with us

import type { FieldTable, FieldValue } from '../../../broker/field-value.ts'
import * as wire from '../../../heads/amqp091/wire/index.ts'
import { encodeProperties } from '../../../heads/amqp091/wire/properties.ts'
import { bind } from '../../amqp/binding.ts'
import type { Channel } from '../../amqp/channel.ts'
import { Consumption } from '../../amqp/consume.ts'
import { depthOf } from '../../amqp/depth.ts'
import { parseFields } from '../../amqp/fields.ts'
import { limits } from '../../amqp/limits.ts'
import { type AmqpContext, type Session, withAmqp } from '../../amqp/options.ts'
import { Publisher } from '../../amqp/publisher.ts'
import { type AmqpUrl, type Path, parseAmqpUrl } from '../../amqp/url.ts'
import { CommandError } from '../../exit.ts'
import type { ConsumedRecord } from '../../kafka/rows.ts'
import { isForPeople } from '../../output/format.ts'
import type { Output } from '../../output/output.ts'
import type { Input } from '../../terminal.ts'
import { recordOf } from './amqp-record.ts'
import { printRaw, printRows } from './consume.ts'
import { unescaped } from './escapes.ts'
import type { Formatter } from './format.ts'
import type { recordColumns } from './row.ts'
import { records } from './splitter.ts'

type Target = Exclude<Path, { to: 'nothing' }>

/** Where to. Throws CommandError (usage) unless the URL names a queue, or an exchange and a key. */
export function parseAmqpTarget(text: string): AmqpUrl & { readonly path: Target } {
  const { path, ...url } = parseAmqpUrl(text)
  if (path.to !== 'nothing') return { ...url, path }
  throw new CommandError(
    'usage',
    `'${text}' names no queue: write amqp://host:port/vhost/queue, or /vhost/exchange/key`,
    'posthorn cat amqp://127.0.0.1/%2F/orders',
  )
}

export interface WriteOptions {
  readonly target: Target
  readonly delimiter: string
  readonly headers: readonly string[]
  readonly stdin: Input
}

/** Publishes all of standard input, or up to the signal; gives the number of messages, all confirmed. */
export function write(context: AmqpContext, options: WriteOptions): Promise<number> {
  const { target, delimiter, stdin } = options
  const headers = parseFields(options.headers, '--header')
  const properties = encodeProperties({ deliveryMode: 2, ...(headers.size > 0 && { headers }) })
  const [exchange, routingKey] =
    target.to === 'queue' ? ['', target.queue] : [target.exchange, target.routingKey]
  return withAmqp(context, async session => {
    session.outliveSignal()
    const publisher = await Publisher.open(session.channel)
    let count = 0
    for await (const body of records(stdin, unescaped(delimiter), context.signal, limits.lineBytesMax)) {
      await publisher.send({ exchange, routingKey, properties, body })
      count++
    }
    await publisher.flush()
    return count
  })
}

export interface ReadOptions {
  readonly target: Target
  /** Undefined when it was not given: everything there is. */
  readonly from: string | undefined
  readonly count: number | undefined
  /** End with what is there now. */
  readonly untilEnd: boolean
  readonly format: Formatter
  readonly output: Output<typeof recordColumns>
}

/** Prints messages, and acknowledges each piece once it is printed. */
export async function read(context: AmqpContext, options: ReadOptions): Promise<void> {
  const { output, format } = options
  await withAmqp(context, async session => {
    session.outliveSignal()
    const pieces = consume(session, options, context.signal)
    await (isForPeople(output.format) ? printRaw(pieces, format, output) : printRows(pieces, output))
    await session.channel.close()
  })
  if (options.count === undefined && !options.untilEnd) context.signal.throwIfAborted()
}

async function* consume(
  { connection, channel }: Session,
  { target, from, count = Number.POSITIVE_INFINITY, untilEnd }: ReadOptions,
  signal: AbortSignal,
): AsyncGenerator<readonly ConsumedRecord[]> {
  const queue = target.to === 'queue' ? target.queue : await listen(channel, target)
  const depth = untilEnd ? await depthOf(connection, queue) : undefined
  let left = Math.min(count, depth?.ready ?? Number.POSITIVE_INFINITY)
  if (left === 0) return
  const prefetch = Math.min(left, limits.prefetch)
  const source = await Consumption.open(channel, { queue, prefetch, signal, arguments: startOf(from) })
  for await (const piece of source.pieces()) {
    const some = piece.slice(0, left)
    const last = some.at(-1)
    if (last === undefined) continue
    yield some.map(message => recordOf(message, queue))
    channel.ack(last.deliveryTag, true)
    left -= some.length
    if (left === 0) return
  }
}

/** A queue of this connection's own, with what the exchange sends by this key. */
async function listen(
  channel: Channel,
  { exchange, routingKey }: Target & { to: 'exchange' },
): Promise<string> {
  const args = { queue: '', exclusive: true, autoDelete: true }
  const { queue } = await channel.call(wire.QueueDeclare, args, wire.QueueDeclareOk)
  const destinationType = 'queue'
  await bind(channel, {
    source: exchange,
    destination: queue,
    destinationType,
    routingKey,
    arguments: new Map(),
  })
  return queue
}

/** Where a stream is read from: `x-stream-offset` (first, last, next, an offset, a time, or how long ago as 1h). */
function startOf(from: string | undefined): FieldTable {
  if (from === undefined) return new Map()
  const value: FieldValue =
    streamWords[from] ?? (/^\d+$/.test(from) ? Number(from) : /^\d{4}-\d\d/.test(from) ? timeOf(from) : from)
  return new Map([['x-stream-offset', value]])
}

const streamWords: Readonly<Record<string, string>> = { start: 'first', end: 'next' }

function timeOf(text: string): Date {
  const time = new Date(text)
  if (!Number.isNaN(time.getTime())) return time
  throw new CommandError('usage', `--from cannot be '${text}': that is no time`)
}
