// `posthorn cat` towards the broker: standard input, cut into records.

import type { Codec } from '../../../log/index.ts'
import type { NewRecord } from '../../../log/record/builder.ts'
import type { RecordHeader } from '../../../log/record/records.ts'
import type { World } from '../../../world/index.ts'
import { CommandError } from '../../exit.ts'
import type { Client } from '../../kafka/client.ts'
import { openProducer, type Producer, type ProducerOptions } from '../../kafka/producer.ts'
import type { Input } from '../../terminal.ts'
import { readValue } from '../../value.ts'
import { unescaped } from './escapes.ts'
import { records } from './splitter.ts'

export interface ProduceOptions {
  readonly topic: string
  readonly codec: Codec
  readonly partition: number | undefined
  /** What ends a record, and what ends its key, as typed. */
  readonly delimiter: string
  readonly keyDelimiter: string | undefined
  readonly headers: readonly string[]
  /** An empty key or value is null. */
  readonly nulls: boolean
  readonly properties: readonly string[]
}

/** Produces all of `stdin`, or up to the signal; gives the number of records, all stored. */
export async function produce(
  client: Client,
  stdin: Input,
  options: ProduceOptions,
  signal: AbortSignal,
): Promise<number> {
  const { topic, codec, partition } = options
  const toRecord = recordReader(options, client.world)
  const producer = await openProducer(client, {
    topic,
    codec,
    autoCreate: true,
    ...propertiesOf(options.properties),
  })
  let count = 0
  const send = (bytes: Buffer): ReturnType<Producer['send']> => {
    count++
    return producer.send(toRecord(bytes), partition)
  }
  for await (const bytes of records(stdin, unescaped(options.delimiter), signal)) await send(bytes)
  await producer.flush()
  return count
}

function recordReader(options: ProduceOptions, world: World): (bytes: Buffer) => NewRecord {
  const { keyDelimiter, nulls } = options
  const between = keyDelimiter === undefined ? undefined : unescaped(keyDelimiter)
  if (between?.length === 0) throw new CommandError('usage', '--key-delimiter must not be empty')
  const headers = options.headers.map(parseHeader)
  const orNull = (bytes: Buffer): Buffer | null => (nulls && bytes.length === 0 ? null : bytes)
  return bytes => {
    const timestamp = world.now()
    const at = between === undefined ? -1 : bytes.indexOf(between)
    if (between === undefined || at < 0) return { timestamp, key: null, value: orNull(bytes), headers }
    const value = bytes.subarray(at + between.length)
    return { timestamp, key: orNull(bytes.subarray(0, at)), value: orNull(value), headers }
  }
}

function parseHeader(text: string): RecordHeader {
  const at = text.indexOf('=')
  if (at < 1) throw new CommandError('usage', `--header cannot be '${text}': write name=value`)
  return { key: text.slice(0, at), value: Buffer.from(text.slice(at + 1)) }
}

type Properties = Partial<Pick<ProducerOptions<NewRecord>, 'acks' | 'lingerMs' | 'batchBytes' | 'idempotent'>>

/** Properties by the names of Kafka's own clients. */
const properties: Readonly<Record<string, (text: string, source: string) => Properties>> = {
  acks: (text, source) => ({ acks: acksOf(text, source) }),
  'linger.ms': (text, source) => ({ lingerMs: numberOf(text, source) }),
  'batch.size': (text, source) => ({ batchBytes: numberOf(text, source) }),
  'enable.idempotence': (text, source) => ({
    idempotent: readValue({ type: 'boolean', summary: '' }, text, source) === true,
  }),
}

/** Reads `name=value` texts. Throws CommandError (usage). */
export function propertiesOf(texts: readonly string[]): Properties {
  const chosen = texts.map(text => {
    const [name = '', value = ''] = text.split(/=(.*)/s)
    const read = properties[name]
    if (read !== undefined) return read(value, `-X ${name}`)
    throw new CommandError('usage', `-X has no '${name}': it has ${Object.keys(properties).join(', ')}`)
  })
  return Object.assign({}, ...chosen)
}

function acksOf(text: string, source: string): -1 | 0 | 1 {
  if (text === 'all' || text === '-1') return -1
  if (text === '0') return 0
  if (text === '1') return 1
  throw new CommandError('usage', `${source} cannot be '${text}': it is all, 1 or 0`)
}

function numberOf(text: string, source: string): number {
  return Number(readValue({ type: 'integer', min: 0, summary: '' }, text, source))
}
