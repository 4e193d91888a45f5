// One end of a measurement in a process of its own, every send and receive awaited as a program does:
//
//   node --import tsx bench/sockets/peer.ts <library> <role> <address> <size> <count>
//
// Says `ready` once it is bound; `pull` and `inproc` end with {"seconds"}, from the first message to the last, and `req` with
// {"p50","p99"}, µs of round trips. Sockets have the library's default options, with CURVE where the environment has keys.

import { built } from '../places.ts'
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
const { CURVE_PUBLIC, CURVE_SECRET } = process.env

const say = (line: string): void => void process.stdout.write(`${line}\n`)

function ends(began: number): void {
  say(JSON.stringify({ seconds: (performance.now() - began) / 1000 }))
}

function roundTrips(times: readonly number[]): void {
  const microseconds = (share: number): number => percentile(times, share) * 1000
  say(JSON.stringify({ p50: microseconds(0.5), p99: microseconds(0.99) }))
}

function check(message: Buffer | undefined): void {
  if (message?.length !== size) throw new Error(`${message?.length} bytes in place of ${size}`)
}

async function zmq(lib: Zmq): Promise<void> {
  switch (role) {
    case 'pull': {
      const pull = served(lib, new lib.Pull())
      await pull.bind(address)
      say('ready')
      return receiveAll(pull)
    }
    case 'push': {
      const push = asked(lib, new lib.Push())
      push.connect(address)
      for (let n = 0; n < count; n++) await push.send(Buffer.alloc(size))
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
      const times: number[] = []
      const message = Buffer.alloc(size)
      for (let n = 0; n < count; n++) {
        const began = performance.now()
        await req.send(message)
        check((await req.receive())[0])
        times.push(performance.now() - began)
      }
      req.close()
      return roundTrips(times)
    }
    case 'inproc': {
      const [push, pull] = [new lib.Push(), new lib.Pull()]
      await pull.bind(address)
      push.connect(address)
      const received = receiveAll(pull)
      for (let n = 0; n < count; n++) await push.send(Buffer.alloc(size))
      await received
      return push.close()
    }
  }
}

async function receiveAll(pull: ZmqSocket): Promise<void> {
  check((await pull.receive())[0])
  const began = performance.now()
  for (let n = 1; n < count; n++) check((await pull.receive())[0])
  ends(began)
  pull.close()
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
      check(await pull.receive())
      const began = performance.now()
      for (let n = 1; n < count; n++) check(await pull.receive())
      return ends(began)
    }
    case 'push': {
      await using push = new Push(buffers)
      await push.dial(address)
      for (let n = 0; n < count; n++) await push.send(Buffer.alloc(size))
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
      const times: number[] = []
      const message = Buffer.alloc(size)
      for (let n = 0; n < count; n++) {
        const began = performance.now()
        await req.send(message)
        check(await req.receive())
        times.push(performance.now() - began)
      }
      return roundTrips(times)
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
