// The same attack over real sockets on loopback: half frames, slow senders, clients that go away, and afterwards a client
// that does everything right.

import { connect, type Socket } from 'node:net'
import { start } from '../../src/server/index.ts'
import { Dice } from '../../src/sim/disk/index.ts'
import { corpus } from './corpus.ts'
import { mutated } from './mutate.ts'

const AT_ONCE = 20
/** ApiVersions v0 without a client id. */
const hello = Buffer.from('0000000a001200000000002affff', 'hex')
const ANSWER_MS_MAX = 20_000

/** Gives what it found. */
export async function socketAttack(seed: number, connections: number): Promise<string[]> {
  const dice = new Dice(seed)
  const seeds = corpus(seed, 1)
  const findings: string[] = []
  await using broker = await start({
    report: {
      debug() {},
      info() {},
      warn() {},
      error: (message, fields) => findings.push(`over sockets: ${message}: ${JSON.stringify(fields)}`),
    },
  })
  const [address = ''] = broker.kafka.brokers
  const port = Number(address.split(':').at(-1))
  for (let done = 0; done < connections; done += AT_ONCE)
    await Promise.all(Array.from({ length: AT_ONCE }, () => intrusion(port, dice, seeds)))
  if (!(await answersHello(port))) findings.push('over sockets: a healthy client was not answered')
  return findings
}

/** A client that sends some frames, the last perhaps in part, in pieces, and leaves in one of three ways. */
async function intrusion(port: number, dice: Dice, seeds: ReturnType<typeof corpus>): Promise<void> {
  const socket = await connected(port)
  const frames = Array.from({ length: dice.between(1, 8) }, () =>
    framed(mutated(dice.pick(seeds), dice, seeds).bytes, dice),
  )
  const stream = Buffer.concat(frames)
  const sent = dice.chance(0.5) ? stream : stream.subarray(0, dice.below(stream.length))
  const half = dice.below(sent.length)
  socket.resume()
  socket.write(sent.subarray(0, half))
  await new Promise(resolve => setImmediate(resolve))
  if (!socket.destroyed) socket.write(sent.subarray(half))
  await new Promise(resolve => setImmediate(resolve))
  dice.pick([() => socket.destroy(), () => socket.resetAndDestroy(), () => socket.end()])()
}

function framed(bytes: Buffer, dice: Dice): Buffer {
  const length = Buffer.alloc(4)
  length.writeInt32BE(dice.chance(0.1) ? dice.pick([-1, 0, 1, 0x7fff_ffff, bytes.length + 1]) : bytes.length)
  return Buffer.concat([length, bytes])
}

async function answersHello(port: number): Promise<boolean> {
  const socket = await connected(port)
  socket.write(hello)
  const answered = await new Promise<boolean>(resolve => {
    socket.once('data', chunk => resolve(chunk.readInt32BE(4) === 42))
    socket.once('close', () => resolve(false))
    socket.setTimeout(ANSWER_MS_MAX, () => resolve(false))
  })
  socket.destroy()
  return answered
}

function connected(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket))
    socket.once('error', reject)
    socket.on('error', () => {}) // the broker may end the connection at any time
  })
}
