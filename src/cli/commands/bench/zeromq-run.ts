// Measurements of ZeroMQ sockets as libzmq's perf programs make them, and on the wire with those: local_thr (PULL, binds) and
// remote_thr (PUSH, connects), local_lat (REP, binds) and remote_lat (REQ, connects). Every send and receive is awaited, as
// programs do. Here both ends may also be in this process; then they share its event loop.

import { Context, curveKeyPair, Pull, Push, Reply, Request, type Socket } from '../../../sockets/zmq/index.ts'
import type { World } from '../../../world/index.ts'
import { CommandError } from '../../exit.ts'
import { Histogram } from './histogram.ts'

export type Side = 'local' | 'remote' | 'both'

export interface ZmqLoad {
  /** Bound by the local side, connected to by the remote one. */
  readonly endpoint: string
  readonly side: Side
  readonly size: number
  /** Messages, or round trips. */
  readonly count: number
  readonly isCurve: boolean
  readonly world: World
  readonly signal: AbortSignal
  readonly onProgress: (count: number) => void
}

export interface ZmqMeasured {
  /** ms. Throughput: from the first message to the last. */
  readonly elapsedMs: number
  /** Of round trips, where they were measured. */
  readonly roundTrips: Histogram
}

/** Messages between two reports of progress. */
const STEP = 1024

/** Errors: those of the sockets; CommandError (interrupted) after the signal. */
export async function throughput(load: ZmqLoad): Promise<ZmqMeasured> {
  await using ends = await openEnds(
    load,
    options => new Pull(options),
    options => new Push(options),
  )
  const { bound, connected } = ends
  const sending = connected && sendAll(connected, load)
  const received = bound && (await receiveAll(bound, load))
  const sent = await sending
  return { elapsedMs: received ?? sent ?? 0, roundTrips: new Histogram() }
}

async function sendAll(socket: Push, { size, count, world, side, onProgress }: ZmqLoad): Promise<number> {
  const message = Buffer.alloc(size)
  const began = world.monotonic()
  for (let n = 1; n <= count; n++) {
    await socket.send(message)
    if (side === 'remote' && n % STEP === 0) onProgress(STEP)
  }
  return world.monotonic() - began
}

async function receiveAll(socket: Pull, { size, count, world, onProgress }: ZmqLoad): Promise<number> {
  checkSize(await socket.receive(), size)
  const began = world.monotonic()
  for (let n = 2; n <= count; n++) {
    checkSize(await socket.receive(), size)
    if (n % STEP === 0) onProgress(STEP)
  }
  return world.monotonic() - began
}

/** Errors: as `throughput`. */
export async function latency(load: ZmqLoad): Promise<ZmqMeasured> {
  await using ends = await openEnds(
    load,
    options => new Reply(options),
    options => new Request(options),
  )
  const { bound, connected } = ends
  const { count, world } = load
  const roundTrips = new Histogram()
  const began = world.monotonic()
  const answering = bound && answerAll(bound, load)
  if (connected) {
    const message = Buffer.alloc(load.size)
    for (let n = 1; n <= count; n++) {
      const asked = world.monotonic()
      await connected.send(message)
      checkSize(await connected.receive(), load.size)
      roundTrips.add(world.monotonic() - asked)
      if (n % STEP === 0) load.onProgress(STEP)
    }
  }
  await answering
  return { elapsedMs: world.monotonic() - began, roundTrips }
}

async function answerAll(socket: Reply, { size, count, side, onProgress }: ZmqLoad): Promise<void> {
  for (let n = 1; n <= count; n++) {
    const message = await socket.receive()
    checkSize(message, size)
    await socket.send(message)
    if (side === 'local' && n % STEP === 0) onProgress(STEP)
  }
}

function checkSize([message]: readonly Buffer[], size: number): void {
  if (message?.length !== size)
    throw new CommandError('notFound', `a message of ${message?.length} bytes came in place of ${size}`)
}

interface Ends<B extends Socket, C extends Socket> extends AsyncDisposable {
  readonly bound: B | undefined
  readonly connected: C | undefined
}

type Options = { readonly context: Context }

async function openEnds<B extends Socket, C extends Socket>(
  { endpoint, side, isCurve, signal }: ZmqLoad,
  binds: (options: Options) => B,
  connects: (options: Options) => C,
): Promise<Ends<B, C>> {
  signal.throwIfAborted()
  const context = new Context()
  const bound = side === 'remote' ? undefined : binds({ context })
  const connected = side === 'local' ? undefined : connects({ context })
  const halt = (): void => {
    for (const socket of [bound, connected]) {
      if (socket === undefined || socket.closed) continue
      socket.linger = 0
      socket.close()
    }
  }
  signal.addEventListener('abort', halt, { once: true })
  try {
    if (isCurve) secure(bound, connected)
    await bound?.bind(endpoint)
    connected?.connect(bound?.lastEndpoint ?? endpoint)
  } catch (error) {
    halt()
    const { message } = error as Error
    throw new CommandError('usage', `cannot use ${endpoint}: ${message}`, undefined, error)
  }
  return {
    bound,
    connected,
    async [Symbol.asyncDispose]() {
      signal.removeEventListener('abort', halt)
      await Promise.all([bound, connected].map(socket => socket?.[Symbol.asyncDispose]()))
    },
  }
}

function secure(bound: Socket | undefined, connected: Socket | undefined): void {
  const [server, client] = [curveKeyPair(), curveKeyPair()]
  if (bound) Object.assign(bound, { curveServer: true, curveSecretKey: server.secretKey })
  if (connected)
    Object.assign(connected, {
      curveServerKey: server.publicKey,
      curvePublicKey: client.publicKey,
      curveSecretKey: client.secretKey,
    })
}
