// One end of a measurement in a process of its own, every send and receive awaited as a program does:
//
//   node peer.mjs <library> <role> <address> <size> <count>
//
// Says `ready` once it is bound; `pull` and `inproc` end with {"rate"}, messages a second, and `req` with {"p50","p99"}, µs of
// round trips. The first quarter is not counted: compilers and TCP windows are warm then, as in a program that runs for
// long. Sockets have the library's default options, with CURVE where the environment has keys.

import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { percentile } from '../statistics.ts'

/** What `zeromq` of npm and Posthorn have in common. */
interface ZmqSocket {
  bind(address: string): Promise<void>
  connect(address: string): void
  close(): void
  send(message: Buffer): Promise<void>
  receive(): Promise<Buffer[]>
}

interface Zmq {
  readonly Push: new () => ZmqSocket
  readonly Pull: new () => ZmqSocket
  readonly Request: new () => ZmqSocket
  readonly Reply: new () => ZmqSocket
  curveKeyPair(): { readonly publicKey: string; readonly secretKey: string }
}

type Sp = typeof import('../../src/sockets/sp/index.ts')

const [library = '', role = '', address = '', ...numbers] = process.argv.slice(2)
const [size = 0, count = 0] = numbers.map(Number)
const { CURVE_PUBLIC, CURVE_SECRET, POSTHORN_BENCH_DIST = '' } = process.env
/** Sent again and again: what it costs to make messages is not the libraries' affair. */
const message = Buffer.alloc(size)
const warm = Math.floor(count / 4)

/** A module of the build under test. */
const built = (path: string): string => pathToFileURL(join(POSTHORN_BENCH_DIST, path)).href

const say = (line: string): void => void process.stdout.write(`${line}\n`)

/**
 * Takes all messages and says how fast the later three quarters came. What is received is waited for as it is: a promise of
 * our own around it would cost as much as a library's.
 */
async function receiveAll<R>(
  receive: () => Promise<R>,
  bytes: (received: R) => Buffer | undefined,
): Promise<void> {
  for (let n = 0; n < warm; n++) check(bytes(await receive()))
  const began = performance.now()
  for (let n = warm; n < count; n++) check(bytes(await receive()))
  say(JSON.stringify({ rate: ((count - warm) * 1000) / (performance.now() - began) }))
}

async function ask(trip: () => Promise<Buffer | undefined>): Promise<void> {
  const times: number[] = []
  for (let n = 0; n < count; n++) {
    const began = performance.now()
    check(await trip())
    if (n >= warm) times.push(performance.now() - began)
  }
  const microseconds = (share: number): number => percentile(times, share) * 1000
  say(JSON.stringify({ p50: microseconds(0.5), p99: microseconds(0.99) }))
}

function check(message: Buffer | undefined): void {
  if (message?.length !== size) throw new Error(`${message?.length} bytes in place of ${size}`)
}

const first = (parts: readonly Buffer[]): Buffer | undefined => parts[0]

async function zmq(lib: Zmq): Promise<void> {
  switch (role) {
    case 'pull': {
      const pull = served(lib, new lib.Pull())
      await pull.bind(address)
      say('ready')
      await receiveAll(() => pull.receive(), first)
      return pull.close()
    }
    case 'push': {
      const push = asked(lib, new lib.Push())
      push.connect(address)
      for (let n = 0; n < count; n++) await push.send(message)
      return push.close()
    }
    case 'rep': {
      const rep = served(lib, new lib.Reply())
      await rep.bind(address)
      say('ready')
      for (let n = 0; n < count; n++) await rep.send((await rep.receive())[0] as Buffer)
      return rep.close()
    }
    case 'req': {
      const req = asked(lib, new lib.Request())
      req.connect(address)
      await ask(async () => {
        await req.send(message)
        return (await req.receive())[0]
      })
      return req.close()
    }
    case 'inproc': {
      const [push, pull] = [new lib.Push(), new lib.Pull()]
      await pull.bind(address)
      push.connect(address)
      const received = receiveAll(() => pull.receive(), first)
      for (let n = 0; n < count; n++) await push.send(message)
      await received
      pull.close()
      return push.close()
    }
  }
}

function served<S extends ZmqSocket>(_lib: Zmq, socket: S): S {
  return CURVE_SECRET === undefined
    ? socket
    : Object.assign(socket, { curveServer: true, curveSecretKey: CURVE_SECRET })
}

function asked<S extends ZmqSocket>(lib: Zmq, socket: S): S {
  if (CURVE_PUBLIC === undefined) return socket
  const { publicKey, secretKey } = lib.curveKeyPair()
  return Object.assign(socket, {
    curveServerKey: CURVE_PUBLIC,
    curvePublicKey: publicKey,
    curveSecretKey: secretKey,
  })
}

async function sp({ Pull, Push, Rep, Req }: Sp): Promise<void> {
  const buffers = { sendBuffer: 1000, receiveBuffer: 1000 }
  switch (role) {
    case 'pull': {
      await using pull = new Pull(buffers)
      await pull.listen(address)
      say('ready')
      return await receiveAll(
        () => pull.receive(),
        received => received,
      )
    }
    case 'push': {
      await using push = new Push(buffers)
      await push.dial(address)
      for (let n = 0; n < count; n++) await push.send(message)
      // Closing gives what waits a second, which is not enough for all of it on a busy machine.
      if (push.pipes.length > 0)
        await new Promise<void>(resolve => push.notify(({ at }) => at === 'removed' && resolve()))
      return
    }
    case 'rep': {
      await using rep = new Rep()
      await rep.listen(address)
      say('ready')
      for (let n = 0; n < count; n++) await rep.send(await rep.receive())
      return
    }
    case 'req': {
      await using req = new Req()
      await req.dial(address)
      return await ask(async () => {
        await req.send(message)
        return req.receive()
      })
    }
  }
}

switch (library) {
  case 'zeromq':
    await zmq((await import('zeromq')) as unknown as Zmq)
    break
  case 'posthorn':
    await zmq((await import(built('sockets/zmq/index.js'))) as Zmq)
    break
  case 'posthorn-sp':
    await sp((await import(built('sockets/sp/index.js'))) as Sp)
    break
}
