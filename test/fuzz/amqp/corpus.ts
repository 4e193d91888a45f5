// What the AMQP fuzzer starts from: a valid frame of every method that a client may send, with arguments from the tables, and
// whole publishes. The seed fixes all of it.

import fc from 'fast-check'
import { Writer } from '../../../src/bytes/index.ts'
import { frameTypes, writeContent, writeMethod } from '../../../src/heads/amqp091/frame.ts'
import { fieldTable } from '../../../src/heads/amqp091/wire/arbitrary.contract.ts'
import { BasicPublish, methods } from '../../../src/heads/amqp091/wire/index.ts'
import type { Method } from '../../../src/heads/amqp091/wire/method.ts'
import { encodeProperties } from '../../../src/heads/amqp091/wire/properties.ts'

export interface AmqpSeed {
  readonly name: string
  readonly bytes: Buffer
}

export const FRAME_MAX = 131_072
/** Names that are there, so that requests mean something. */
const names = ['', 'q', 'r', 'amq.direct', 'amq.topic', 'amq.rabbitmq.reply-to', 'stream', 'direct', '1h']

/** `each` frames of every method on channel 1. */
export function amqpCorpus(seed: number, each: number): AmqpSeed[] {
  const tables = fc.sample(fieldTable, { seed, numRuns: 20 })
  return methods
    .filter(one => one.from !== 'server')
    .flatMap((method, at) =>
      fc
        .sample(argumentsOf(method, tables), { seed: seed + at, numRuns: each })
        .map(args => ({ name: method.name, bytes: frameOf(method, args as object) })),
    )
}

function frameOf(method: Method, args: object): Buffer {
  const to = new Writer()
  const channel = method.classId === 10 ? 0 : 1
  if (!method.content) writeMethod(to, channel, method, args)
  else {
    const properties = encodeProperties({ deliveryMode: 2, headers: new Map([['h', 'v']]) })
    writeContent(to, channel, method, args, { properties, body: Buffer.from('body') }, FRAME_MAX)
  }
  return Buffer.concat(to.finish())
}

/** By the defaults and names of the fields; a value of the wrong kind would not be encoded at all. */
function argumentsOf(method: Method, tables: readonly unknown[]): fc.Arbitrary<unknown> {
  const flag = fc.boolean()
  const number = fc.constantFrom(0, 1, 2, 3, 255)
  const name = fc.constantFrom(...names)
  return fc.record(
    Object.fromEntries(
      Object.keys(method.fields)
        .filter(field => field !== 'reserved1')
        .map(field => {
          if (flags.has(field)) return [field, flag]
          if (numbers.has(field)) return [field, number]
          if (field === 'deliveryTag') return [field, number]
          if (tablesNamed.has(field)) return [field, fc.constantFrom(new Map(), ...tables)]
          if (byteFields.has(field)) return [field, name.map(text => Buffer.from(text))]
          return [field, name]
        }),
    ),
  )
}

const flags = new Set([
  ...['passive', 'durable', 'exclusive', 'autoDelete', 'internal', 'noWait', 'ifUnused', 'ifEmpty'],
  ...['noLocal', 'noAck', 'global', 'mandatory', 'immediate', 'multiple', 'requeue', 'active', 'reserved2'],
])
const numbers = new Set([
  ...['prefetchSize', 'prefetchCount', 'channelMax', 'frameMax', 'heartbeat'],
  ...['replyCode', 'classId', 'methodId'],
])
const tablesNamed = new Set(['arguments', 'clientProperties'])
const byteFields = new Set(['response', 'newSecret'])

/** A frame by hand: any type, any size. */
export function rawFrame(type: number, channel: number, payload: Buffer, end = 0xce): Buffer {
  const head = Buffer.alloc(7)
  head.writeUInt8(type, 0)
  head.writeUInt16BE(channel, 1)
  head.writeUInt32BE(payload.length, 3)
  return Buffer.concat([head, payload, Buffer.from([end])])
}

/** A publish whose header promises `bodyBytes`, with nothing behind it. */
export function promise(bodyBytes: number, channel = 1): Buffer {
  const to = new Writer()
  const args = { exchange: '', routingKey: 'q', mandatory: false, immediate: false }
  writeMethod(to, channel, BasicPublish, args)
  const payload = Buffer.alloc(14)
  payload.writeUInt16BE(60, 0)
  payload.writeUInt32BE(Math.floor(bodyBytes / 2 ** 32), 4)
  payload.writeUInt32BE(bodyBytes % 2 ** 32, 8)
  return Buffer.concat([...to.finish(), rawFrame(frameTypes.header, channel, payload)])
}
