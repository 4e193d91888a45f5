// AMQP frames that no mutation would find: few bytes that ask for much, crowds, and things left half done.

import { Writer } from '../../../src/bytes/index.ts'
import { frameTypes, writeMethod } from '../../../src/heads/amqp091/frame.ts'
import { ChannelOpen, QueueDeclare } from '../../../src/heads/amqp091/wire/index.ts'
import type { AmqpVisit } from './arena.ts'
import { promise, rawFrame } from './corpus.ts'

const MILLION = 1_000_000
const CHANNELS = 2047

/** Each is a visit of its own. */
export function hostileVisits(): AmqpVisit[] {
  const deep = Buffer.concat([...Array.from({ length: 20_000 }, () => Buffer.from('A\0\0\0\x05', 'latin1'))])
  return [
    visit('a body of 2^63 bytes is promised', [promise(2 ** 62)]),
    visit('a body of 16 MiB is promised, and nothing follows', [promise(16 * 1024 * 1024)]),
    visit('a frame of 4 GiB', [Buffer.from([1, 0, 1, 0xff, 0xff, 0xff, 0xff])]),
    visit('a frame that never ends', [Buffer.from([1, 0, 1, 0, 0, 0xff, 0xff]), Buffer.alloc(60_000)]),
    visit('a wrong frame end', [rawFrame(frameTypes.method, 1, Buffer.alloc(8), 0)]),
    visit('unknown frame types', [rawFrame(4, 0, Buffer.alloc(0)), rawFrame(99, 1, Buffer.alloc(10))]),
    visit('a table in a table, 20,000 deep', [declaration(deep)]),
    visit('a table of many entries', [
      declaration(Buffer.alloc(120_000, Buffer.from('\x01at\x01', 'latin1'))),
    ]),
    visit('a list of a million nothings', [declaration(listOf(100_000))]),
    visit('2047 channels, twice', [opened(CHANNELS), opened(CHANNELS)]),
    visit('a channel above the limit', [rawFrame(frameTypes.method, 65_535, Buffer.from([0, 20, 0, 10, 0]))]),
    visit('content on every channel, none of it whole', [opened(200), ...promises(200)]),
    visit('a heartbeat on a channel', [rawFrame(frameTypes.heartbeat, 1, Buffer.alloc(0))]),
    visit('a heartbeat with a payload', [rawFrame(frameTypes.heartbeat, 0, Buffer.alloc(100))]),
    visit('a million empty body frames', [
      promise(10),
      Buffer.alloc(8 * 10_000, rawFrame(3, 1, Buffer.alloc(0))),
    ]),
    { ...visit('a slow reader of a flood', [Buffer.alloc(40 * 2000, getsOf())]), slow: true },
    { ...visit('only half of the protocol header', [Buffer.from('AMQP')]), bare: true, waitMs: 20_000 },
    {
      ...visit('a header, and then silence', [Buffer.from('AMQP\0\0\x09\x01', 'latin1')]),
      bare: true,
      waitMs: 20_000,
    },
    { ...visit('another protocol', [Buffer.from('GET / HTTP/1.1\r\n\r\n')]), bare: true, waitMs: 20_000 },
    { ...visit('a flood before the header', [Buffer.alloc(MILLION)]), bare: true, waitMs: 20_000 },
  ]
}

function visit(story: string, chunks: readonly Buffer[]): AmqpVisit {
  return { story, chunks, bare: false, slow: false, waitMs: 0 }
}

/** queue.declare with these bytes as its table. */
function declaration(entries: Buffer): Buffer {
  const to = new Writer()
  writeMethod(to, 1, QueueDeclare, {
    ...{ queue: 'q', passive: false, durable: false, exclusive: false, autoDelete: false, noWait: false },
    arguments: new Map(),
  })
  const whole = Buffer.concat(to.finish())
  const size = Buffer.alloc(4)
  size.writeUInt32BE(entries.length)
  return rawFrame(frameTypes.method, 1, Buffer.concat([whole.subarray(7, whole.length - 5), size, entries]))
}

function listOf(count: number): Buffer {
  const head = Buffer.from('\x01aA\0\0\0\0', 'latin1')
  head.writeUInt32BE(count, 3)
  return Buffer.concat([head, Buffer.alloc(count, 'V')])
}

/** Opens the channels from 2 on: 1 is open. */
function opened(count: number): Buffer {
  const to = new Writer()
  for (let channel = 2; channel <= count; channel++) writeMethod(to, channel, ChannelOpen, {})
  return Buffer.concat(to.finish())
}

function promises(count: number): Buffer[] {
  return Array.from({ length: count - 1 }, (_, n) => promise(1_000_000, n + 2))
}

/** basic.get of a queue that is not there, in 40 bytes. */
function getsOf(): Buffer {
  return rawFrame(frameTypes.method, 1, Buffer.from([0, 60, 0, 70, 0, 0, 1, 0x71, 0]))
}
