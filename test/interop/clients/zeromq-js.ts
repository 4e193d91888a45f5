// A peer of zeromq.js that does what c/zmq_peer.c does, with the same arguments.

import * as zmq from 'zeromq'

interface AnySocket {
  bind(address: string): Promise<void>
  connect(address: string): void
  close(): void
  subscribe(prefix: string): void
  send(frames: Buffer[]): Promise<void>
  receive(): Promise<Buffer[]>
}

const classes: Readonly<Record<string, new (options: object) => unknown>> = {
  PAIR: zmq.Pair,
  PUB: zmq.Publisher,
  SUB: zmq.Subscriber,
  REQ: zmq.Request,
  REP: zmq.Reply,
  DEALER: zmq.Dealer,
  ROUTER: zmq.Router,
  PULL: zmq.Pull,
  PUSH: zmq.Push,
  XPUB: zmq.XPublisher,
  XSUB: zmq.XSubscriber,
}

const names: Readonly<Record<string, string>> = {
  plain_user: 'plainUsername',
  plain_password: 'plainPassword',
  curve_secret: 'curveSecretKey',
  curve_public: 'curvePublicKey',
  curve_serverkey: 'curveServerKey',
  id: 'routingId',
}

function frames(text: string): Buffer[] {
  return text
    .split('|')
    .map(one => (/^L\d+$/.test(one) ? Buffer.alloc(Number(one.slice(1)), 'x') : Buffer.from(one)))
}

async function step(socket: AnySocket, verb: string, rest: string): Promise<void> {
  switch (verb) {
    case 'sub':
      socket.subscribe(rest)
      return
    case 'echo':
      for (let left = Number(rest); left > 0; left--) await socket.send(await socket.receive())
      return
    case 'send':
      await socket.send(frames(rest))
      return
    case 'recv': {
      const found = await socket.receive()
      if (Buffer.concat(found).equals(Buffer.concat(frames(rest))) && found.length === frames(rest).length)
        return
      throw new Error(`recv: ${found.map(one => one.toString('latin1', 0, 50))} instead of ${rest}`)
    }
    case 'spam':
      for (let at = 0; at < 100; at++) {
        await socket.send(frames(rest))
        await new Promise(resolve => setTimeout(resolve, 20))
      }
      return
    default:
      throw new Error(`step: ${verb}`)
  }
}

/** Lets everybody in: libzmq's PLAIN asks somebody. */
async function zapHandler(): Promise<void> {
  const handler = new zmq.Reply()
  await handler.bind('inproc://zeromq.zap.01')
  const serve = async (): Promise<void> => {
    for await (const [version = '', id = ''] of handler) await handler.send([version, id, '200', '', 'u', ''])
  }
  void serve()
}

/** What was sent is to leave before the process does. */
const LEAVING_MS = 150

const [kind = '', way, endpoint = '', steps = '', ...settings] = process.argv.slice(2)
const options: Record<string, unknown> = { linger: 3000 }
for (const setting of settings) {
  const [name = '', value = ''] = setting.split(/=(.*)/s)
  if (name === 'plain_server') options.plainServer = true
  else if (name === 'curve_server') options.curveServer = true
  else options[names[name] ?? name] = value
}
if (options.plainServer === true) await zapHandler()
const Kind = classes[kind]
if (Kind === undefined) throw new Error(`type: ${kind}`)
const socket = new Kind(options) as AnySocket
if (way === 'bind') await socket.bind(endpoint)
else socket.connect(endpoint)
console.log('up')
for (const one of steps.split(',')) {
  const [verb = '', rest = ''] = one.split(/:(.*)/s)
  await step(socket, verb, rest)
}
socket.close()
setTimeout(() => process.exit(0), LEAVING_MS)
