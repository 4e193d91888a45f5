// ZeroMQ's patterns for `cat`. PUB is an XPUB here, whose first subscription says when sending begins to be of use.

import {
  Channel,
  Client,
  curveKeyPair,
  Dealer,
  Dish,
  Gather,
  Pair,
  Peer,
  Pull,
  Push,
  Radio,
  Reply,
  Request,
  Router,
  Scatter,
  Server,
  type Socket,
  Stream,
  Subscriber,
  XPublisher,
  XSubscriber,
  ZmqError,
} from '../../../sockets/zmq/index.ts'
import { CommandError } from '../../exit.ts'
import type { CatSocket, SocketPart, SocketPattern, SocketSetup } from './socket.ts'

/** The verbs of a socket, in parts; those that its pattern lacks are never called. */
interface Verbs {
  send?(parts: Buffer[]): Promise<void>
  receive?(): Promise<Buffer[]>
  awaitPeer?(): Promise<void>
}

/** Messages that are taken together when they are there. */
const BATCH_MAX = 256

/** A socket as it is: what it lacks is not asked of it. */
const plain = (socket: object): Verbs => socket

/** One part only. */
const single = (socket: { send?(part: Buffer): Promise<void>; receive?(): Promise<[Buffer]> }): Verbs => ({
  send: async parts => socket.send?.(only(parts)),
  receive: async () => (await socket.receive?.()) ?? [],
})

/** SERVER and PEER: the routing id, a number, is the first part. */
const routed = (socket: Server | Peer): Verbs => ({
  send: parts => {
    const [id, body] = two(parts, 'the number of the client')
    return socket.send(body, { routingId: Number(id) })
  },
  receive: async () => {
    const [body, { routingId }] = await socket.receive()
    return [Buffer.from(String(routingId)), body]
  },
})

type Made = readonly [Socket, Verbs]

function pattern(
  part: SocketPart,
  make: (setup: SocketSetup) => Made,
  more: { readonly isMultipart?: boolean; readonly subscribes?: true } = {},
): SocketPattern {
  const { isMultipart = true, subscribes } = more
  return {
    part,
    isMultipart,
    ...(subscribes && { subscribes }),
    open: setup => {
      const [socket, verbs] = make(setup)
      return catSocket(socket, verbs, setup)
    },
  }
}

const made =
  <S extends Socket>(make: () => S, verbs: (socket: S) => Verbs) =>
  (): Made => {
    const socket = make()
    return [socket, verbs(socket)]
  }

/** By name in the URL. */
export const zmqPatterns: Readonly<Record<string, SocketPattern>> = {
  push: pattern(
    'sends',
    made(() => new Push(), plain),
  ),
  pull: pattern(
    'receives',
    made(() => new Pull(), plain),
  ),
  pub: pattern(
    'sends',
    made(() => new XPublisher(), publisher),
  ),
  sub: pattern('receives', subscriber, { subscribes: true }),
  xpub: pattern(
    'both',
    made(() => new XPublisher(), plain),
  ),
  xsub: pattern(
    'both',
    made(() => new XSubscriber(), plain),
  ),
  req: pattern(
    'asks',
    made(() => new Request(), plain),
  ),
  rep: pattern(
    'answers',
    made(() => new Reply(), plain),
  ),
  dealer: pattern(
    'both',
    made(() => new Dealer(), plain),
  ),
  router: pattern(
    'both',
    made(() => new Router({ mandatory: true }), plain),
  ),
  pair: pattern(
    'both',
    made(() => new Pair(), plain),
  ),
  stream: pattern(
    'both',
    made(() => new Stream(), streamed),
  ),
  client: pattern(
    'both',
    made(() => new Client(), single),
    { isMultipart: false },
  ),
  server: pattern(
    'both',
    made(() => new Server(), routed),
  ),
  radio: pattern(
    'sends',
    made(() => new Radio(), radio),
  ),
  dish: pattern('receives', dish, { subscribes: true }),
  scatter: pattern(
    'sends',
    made(() => new Scatter(), single),
    { isMultipart: false },
  ),
  gather: pattern(
    'receives',
    made(() => new Gather(), single),
    { isMultipart: false },
  ),
  peer: pattern(
    'both',
    made(() => new Peer(), routed),
  ),
  channel: pattern(
    'both',
    made(() => new Channel(), single),
    { isMultipart: false },
  ),
}

function publisher(socket: XPublisher): Verbs {
  return {
    send: parts => socket.send(parts),
    async awaitPeer() {
      await socket.receive()
      void drain(socket)
    },
  }
}

/** Later subscriptions are of no interest, and are not to pile up. */
async function drain(socket: XPublisher): Promise<void> {
  for await (const _ of socket);
}

function subscriber({ subscriptions }: SocketSetup): Made {
  const socket = new Subscriber()
  socket.subscribe(...subscriptions)
  return [socket, plain(socket)]
}

function dish({ subscriptions }: SocketSetup): Made {
  const socket = new Dish()
  socket.join(...subscriptions)
  const receive = async (): Promise<Buffer[]> => {
    const [body, { group }] = await socket.receive()
    return [group, body]
  }
  return [socket, { receive }]
}

function radio(socket: Radio): Verbs {
  return {
    send(parts) {
      const [group, body] = two(parts, 'the group')
      return socket.send(body, { group })
    },
  }
}

function streamed(socket: Stream): Verbs {
  return {
    send: parts => socket.send(two(parts, "the peer's id")),
    receive: () => socket.receive(),
  }
}

function only(parts: readonly Buffer[]): Buffer {
  return parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts)
}

function two(parts: readonly Buffer[], first: string): [Buffer, Buffer] {
  const [head, body] = parts
  if (head !== undefined && body !== undefined && parts.length === 2) return [head, body]
  throw new CommandError(
    'usage',
    `a message here has two parts, ${first} and a body: say with -k what is between`,
  )
}

function catSocket(socket: Socket, verbs: Verbs, setup: SocketSetup): CatSocket {
  secure(socket, setup)
  report(socket, setup.warn)
  return {
    bind: address => socket.bind(address),
    connect: async address => socket.connect(address),
    ...(verbs.awaitPeer && { awaitPeer: verbs.awaitPeer }),
    send: async parts => verbs.send?.([...parts]),
    receive: () => batch(socket, verbs),
    close: () => socket[Symbol.asyncDispose](),
    abort() {
      if (socket.closed) return
      socket.linger = 0
      socket.close()
    },
  }
}

async function batch(socket: Socket, verbs: Verbs): Promise<readonly Buffer[][] | undefined> {
  if (verbs.receive === undefined || socket.closed) return undefined
  try {
    const messages = [await verbs.receive()]
    while (messages.length < BATCH_MAX && socket.readable) messages.push(await verbs.receive())
    return messages
  } catch (error) {
    if (socket.closed && error instanceof ZmqError) return undefined
    throw error
  }
}

function secure(socket: Socket, { login, serverKey, ca, insecure, timeoutMs }: SocketSetup): void {
  if (login !== undefined) {
    socket.plainUsername = login.user
    socket.plainPassword = login.password
  }
  if (serverKey !== undefined) {
    const { publicKey, secretKey } = curveKeyPair()
    Object.assign(socket, { curvePublicKey: publicKey, curveSecretKey: secretKey })
    socket.curveServerKey = serverKey
  }
  socket.tls = { client: { ...(ca !== undefined && { ca }), insecure } }
  if (timeoutMs === undefined) return
  if ('sendTimeout' in socket) socket.sendTimeout = timeoutMs
  if ('receiveTimeout' in socket) socket.receiveTimeout = timeoutMs
}

/** What goes wrong behind the socket: such a peer would only seem to be silent. */
function report(socket: Socket, warn: (line: string) => void): void {
  interface Told {
    readonly address?: string | undefined
    readonly error: Error & { readonly detail?: string }
  }
  const tell = ({ address, error }: Told): void => {
    const detail = error.detail === undefined ? '' : `: ${error.detail}`
    warn(`${address ?? 'a peer'}: ${error.message}${detail}`)
  }
  socket.events.on('handshake:error:protocol', tell)
  socket.events.on('handshake:error:auth', tell)
  socket.events.on('accept:error', tell)
}
