// Lives of a client and a server of ONC RPC on a bad network, and what was declared of them: how often a procedure runs
// (docs/rpc.md). Every call has an argument of its own; the server counts what it carries out, and is killed between a call
// and its answer now and then, which makes it forget the answers that it keeps.

import type { OncConnection } from '../../../src/rpc/index.ts'
import { noAuth, OncError, program, xdr } from '../../../src/rpc/index.ts'
import { DatagramConnection } from '../../../src/rpc/onc/datagram-connection.ts'
import { DatagramService } from '../../../src/rpc/onc/datagram-server.ts'
import { Dispatcher } from '../../../src/rpc/onc/dispatcher.ts'
import { ReconnectingConnection } from '../../../src/rpc/onc/reconnecting-connection.ts'
import { ReplyCache } from '../../../src/rpc/onc/reply-cache.ts'
import { ServedConnection } from '../../../src/rpc/onc/served-connection.ts'
import { Services, service } from '../../../src/rpc/onc/service.ts'
import { StreamConnection } from '../../../src/rpc/onc/stream-connection.ts'
import { Dice } from '../../../src/sim/disk/index.ts'
import { type DatagramSocket, SocketError, type Stream } from '../../../src/transport/index.ts'
import { ManualWorld } from '../../../src/world/index.ts'
import { SimNet } from './net.ts'

const THRICE = program({
  name: 'THRICE_V1',
  program: 0x2000_0042,
  version: 1,
  procedures: { THRICE: { number: 1, argument: xdr.int, result: xdr.int } },
})

/** A way to call, and what is declared of it. */
export interface Mode {
  readonly way: 'udp' | 'stream' | 'reconnecting'
  /** Whether the server keeps its answers. */
  readonly keeps: boolean
  /** How often one life of the server carries a call out, at most. */
  readonly declared: 'at most once' | 'any number of times'
}

export interface Outcome {
  readonly calls: number
  readonly succeeded: number
  readonly failed: number
  /** Calls that ran more often than once, over all lives of the server. */
  readonly repeated: number
  readonly kills: number
  readonly cuts: number
  readonly lost: number
  readonly doubled: number
}

/** Something was not as declared; the seed repeats it. */
export class Violation extends Error {
  override readonly name = 'Violation'
}

const FAULTS_MS = 2500
const STEP_MS = 25
const HEALED_STEP_MS = 250
const PATIENCE_MS = 3_600_000
const server = { host: '10.0.0.1', port: 700 }
const client = { host: '10.0.0.2', port: 900 }
const peerOf = ({ host, port }: typeof server) => ({ address: host, port, encrypted: false })

interface Call {
  readonly id: number
  readonly patient: boolean
  state: 'waiting' | 'succeeded' | 'failed'
}

/** One life of the server: from its start to its death. */
class Life {
  /** How often each call was carried out. */
  readonly runs = new Map<number, number>()
  readonly #dispatcher: Dispatcher
  readonly #net: SimNet
  readonly #connections = new Set<Stream>()
  #socket: DatagramSocket | undefined
  #isOver = false

  constructor(net: SimNet, keeps: boolean, by: 'by-port' | 'by-address') {
    this.#net = net
    const thrice = service(THRICE, { THRICE: id => this.#carryOut(id) })
    this.#dispatcher = new Dispatcher({
      services: new Services([thrice]),
      refuse: undefined,
      onFault: undefined,
      isTlsRequired: false,
      cache: keeps ? new ReplyCache({ entriesMax: 1000, bytesMax: 1_000_000 }, by) : undefined,
    })
  }

  get isOver(): boolean {
    return this.#isOver
  }

  listen(): void {
    this.#socket = this.#net.socket(server)
    void new DatagramService(this.#socket, this.#dispatcher).run()
  }

  accept(stream: Stream): void {
    this.#connections.add(stream)
    const connection = new ServedConnection(stream, this.#dispatcher, {
      world: this.#net.world,
      closeMs: 100,
    })
    void connection.run().finally(() => this.#connections.delete(stream))
  }

  kill(): void {
    this.#isOver = true
    this.#socket?.abort()
    for (const stream of this.#connections) stream.abort(new SocketError('ECONNRESET', 'killed'))
  }

  /** What it does is done at once; the answer takes its time, and may never be given. */
  #carryOut(id: number): Promise<number> {
    this.runs.set(id, (this.runs.get(id) ?? 0) + 1)
    const { world, dice } = this.#net
    return new Promise(resolve => world.after(dice.between(1, 200), () => resolve(3 * id)))
  }
}

/** One run. Errors: Violation. */
export async function run(seed: number, mode: Mode): Promise<Outcome> {
  const dice = new Dice(seed)
  const world = new ManualWorld({ seed })
  const net = new SimNet(world, dice, { loss: 0.2, doubling: 0.2, delayMs: 300 })
  const lives: Life[] = []
  const start = (): void => {
    const life = new Life(net, mode.keeps, mode.way === 'udp' ? 'by-port' : 'by-address')
    lives.push(life)
    if (mode.way === 'udp') life.listen()
  }
  start()
  const dial = async (): Promise<Stream> => {
    const life = lives.at(-1)
    if (life === undefined || life.isOver) throw new SocketError('ECONNREFUSED', 'the server is down')
    const [ours, theirs] = net.connection(peerOf(client), peerOf(server))
    life.accept(theirs)
    return ours
  }
  const connection = await open(mode, net, dial)
  const calls: Call[] = []
  let kills = 0
  let cuts = 0
  let downUntil = 0
  for (let now = 0; now < FAULTS_MS; now += STEP_MS) {
    if (dice.chance(0.15)) call(connection, calls, dice)
    const life = lives.at(-1)
    if (life?.isOver && now >= downUntil) start()
    else if (life && !life.isOver && dice.chance(0.008)) {
      life.kill()
      kills++
      downUntil = now + dice.between(50, 600)
    }
    if (mode.way !== 'udp' && dice.chance(0.02)) cuts += net.cut()
    await step(world, STEP_MS)
  }
  net.weather = { loss: 0, doubling: 0, delayMs: 20 }
  if (lives.at(-1)?.isOver) start()
  for (let waited = 0; calls.some(one => one.state === 'waiting'); waited += HEALED_STEP_MS) {
    if (waited > PATIENCE_MS) throw new Violation(`seed ${seed}: a call never ends`)
    await step(world, HEALED_STEP_MS)
  }
  const closed = connection.close()
  for (let steps = 0; steps < 40; steps++) await step(world, HEALED_STEP_MS)
  await closed
  if (world.pendingTimers > 0) throw new Violation(`seed ${seed}: ${world.pendingTimers} timers are left`)
  const repeated = judge(seed, mode, calls, lives, kills)
  const succeeded = calls.filter(one => one.state === 'succeeded').length
  const { lost, doubled } = net
  return {
    calls: calls.length,
    succeeded,
    failed: calls.length - succeeded,
    repeated,
    kills,
    cuts,
    lost,
    doubled,
  }
}

async function open(mode: Mode, net: SimNet, dial: () => Promise<Stream>): Promise<OncConnection> {
  const options = { world: net.world, credential: noAuth, timeoutMs: Number.POSITIVE_INFINITY, closeMs: 500 }
  if (mode.way === 'udp') return new DatagramConnection(net.socket(client, server), 'the server', options)
  if (mode.way === 'stream') return new StreamConnection(await dial(), 'the server', options)
  return new ReconnectingConnection(await dial(), 'the server', options, dial)
}

function call(connection: OncConnection, calls: Call[], dice: Dice): void {
  const one: Call = { id: calls.length + 1, patient: dice.chance(0.7), state: 'waiting' }
  calls.push(one)
  const options = one.patient ? {} : { timeoutMs: dice.between(100, 3000) }
  void connection
    .client(THRICE)
    .THRICE(one.id, options)
    .then(
      result => {
        one.state = result === 3 * one.id ? 'succeeded' : 'waiting' // a wrong answer is found as a call that never ends
      },
      (error: unknown) => {
        const code = error instanceof OncError ? error.code : ''
        if (code === 'RPC_TIMEOUT' || code === 'RPC_CONNECTION_LOST') one.state = 'failed'
      },
    )
}

/** Holds what happened against what was declared; gives the number of calls that ran more than once. */
function judge(
  seed: number,
  mode: Mode,
  calls: readonly Call[],
  lives: readonly Life[],
  kills: number,
): number {
  let repeated = 0
  for (const { id, patient, state } of calls) {
    const runs = lives.map(life => life.runs.get(id) ?? 0)
    const all = runs.reduce((sum, one) => sum + one, 0)
    if (all > 1) repeated++
    const title = `seed ${seed}: call ${id} ${state} and ran ${runs.join(' + ')} times`
    if (state === 'succeeded' && all < 1) throw new Violation(`${title}: it must have run`)
    if (mode.declared === 'at most once' && Math.max(...runs) > 1)
      throw new Violation(`${title}: declared is once`)
    if (mode.way === 'stream' && all > 1) throw new Violation(`${title}: nothing is sent again by itself`)
    if (mode.declared === 'at most once' && kills === 0 && all > 1)
      throw new Violation(`${title}: declared is once`)
    if (mode.way !== 'stream' && patient && state !== 'succeeded')
      throw new Violation(`${title}: it waits for ever, and the network has healed`)
  }
  return repeated
}

async function step(world: ManualWorld, ms: number): Promise<void> {
  world.advance(ms)
  await new Promise(setImmediate)
}
