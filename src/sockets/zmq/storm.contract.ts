// A storm on a bound socket: peers that come and go at once, stop in mid-handshake or in mid-message, send garbage or frames
// that are too large, and good ones between. What is left afterwards must be what was there before. A unit test runs a few
// hundred; the interop suite ten thousand.

import { existsSync, readdirSync, readlinkSync } from 'node:fs'
import { connect } from 'node:net'
import { Pull, Push } from './classes.ts'
import { coreOf } from './socket.ts'
import { command, metadataBytes } from './wire/command.ts'
import { COMMAND, LONG } from './wire/frame-reader.ts'
import { FrameWriter } from './wire/frame-writer.ts'
import { greetingRest, greetingStart } from './wire/greeting.ts'

/** Peers at a time: below what a system lets a process have open. */
const AT_ONCE = 50
const MESSAGE_BYTES_MAX = 1 << 20

/** Everything that a PUSH says before its first message. */
function introduction(): Buffer {
  const writer = new FrameWriter()
  writer.frame(COMMAND, command('READY', metadataBytes([['Socket-Type', Buffer.from('PUSH')]])))
  return Buffer.concat([greetingStart, greetingRest('NULL', { isServer: false }), ...writer.take()])
}

/** A head that promises so many bytes. */
function headOf(bytes: number): Buffer {
  const head = Buffer.alloc(9)
  head[0] = LONG
  head.writeBigUInt64BE(BigInt(bytes), 1)
  return head
}

/** What rude peers say before they go. */
const rude: readonly Buffer[] = [
  Buffer.alloc(0),
  greetingStart,
  introduction().subarray(0, 70),
  Buffer.from('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'),
  Buffer.alloc(200, 0xff),
  Buffer.concat([introduction(), headOf(100_000), Buffer.alloc(5000)]),
  Buffer.concat([introduction(), headOf(2 ** 40)]),
  Buffer.concat([introduction(), headOf(MESSAGE_BYTES_MAX + 1), Buffer.alloc(1000)]),
  Buffer.concat([introduction(), Buffer.from([0xf8, 1, 0])]),
]

export interface Aftermath {
  /** Messages of good peers that arrived. */
  readonly messages: number
  readonly goodPeers: number
  /** Connections that the socket still has. */
  readonly peersLeft: number
  /** Handles of the process more than before. */
  readonly handlesMore: number
  /** Bytes of the heap more than after the first tenth; NaN without --expose-gc. */
  readonly heapMore: number
}

/** `count` peers come and go. */
export async function storm(count: number): Promise<Aftermath> {
  const handlesBefore = handles()
  const pull = new Pull({ maxMessageSize: MESSAGE_BYTES_MAX, linger: 0 })
  await pull.bind('tcp://127.0.0.1:*')
  const endpoint = pull.lastEndpoint ?? ''
  const port = Number(endpoint.split(':').at(-1))
  let messages = 0
  const reading = (async () => {
    for await (const _ of pull) messages++
  })()
  let goodPeers = 0
  const one = (n: number): Promise<void> => {
    const kind = n % (rude.length + 1)
    const words = rude[kind]
    if (words !== undefined) return rudePeer(port, words, n % 3)
    goodPeers++
    return goodPeer(endpoint)
  }
  let heapBefore = Number.NaN
  for (let n = 0; n < count; n += AT_ONCE) {
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, count - n) }, (_, at) => one(n + at)))
    if (Number.isNaN(heapBefore) && n * 10 >= count) heapBefore = await heap()
  }
  await until(() => messages === goodPeers && coreOf(pull).peers === 0)
  const peersLeft = coreOf(pull).peers
  const heapMore = (await heap()) - heapBefore
  pull.close()
  await reading
  await until(() => handles() <= handlesBefore)
  // Less than before: somebody else's were still closing.
  const handlesMore = Math.max(0, handles() - handlesBefore)
  return { messages, goodPeers, peersLeft, handlesMore, heapMore }
}

async function goodPeer(endpoint: string): Promise<void> {
  const push = new Push()
  push.connect(endpoint)
  await push.send('good')
  await push[Symbol.asyncDispose]()
}

/** Ends orderly, with a reset, or when the other has ended. */
function rudePeer(port: number, words: Buffer, ending: number): Promise<void> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => {}) // it may be thrown out
    socket.once('close', () => resolve())
    socket.resume()
    socket.write(words, () => {
      if (ending === 0) socket.end()
      else if (ending === 1) socket.resetAndDestroy()
      else setImmediate(() => socket.destroy())
    })
  })
}

/** Node lists those handles only that keep the process, and sockets of ours do not: where the system lists all, it is asked. */
function handles(): number {
  const listed = '/proc/self/fd'
  if (!existsSync(listed))
    return process.getActiveResourcesInfo().filter(name => /TCP|Pipe/.test(name)).length
  return readdirSync(listed).filter(fd => linkOf(`${listed}/${fd}`).startsWith('socket:')).length
}

/** Empty when it was closed meanwhile. */
function linkOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}

async function heap(): Promise<number> {
  if (global.gc === undefined) return Number.NaN
  for (let n = 0; n < 3; n++) {
    global.gc()
    await new Promise(setImmediate)
  }
  return process.memoryUsage().heapUsed + process.memoryUsage().external
}

/** Turns of the event loop until it is so, or enough is enough: then what is found says what is wrong. */
async function until(isSo: () => boolean): Promise<void> {
  for (let n = 0; n < 100_000 && !isSo(); n++) await new Promise(setImmediate)
}
