// ZeroMQ with the originals: libzmq by a C program, python3-zmq, and zeromq.js. Every classic pair of types, with either side
// binding; PLAIN and CURVE with either side as the server; WebSocket where that libzmq has it.

import { existsSync, mkdirSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as zmq from '../../../src/sockets/zmq/index.ts'
import { storm } from '../../../src/sockets/zmq/storm.contract.ts'
import { installDebian } from '../debian.ts'
import { execute, launch } from '../processes.ts'
import { same, skip } from '../report.ts'
import type { Stage } from '../stage.ts'
import { cache, python } from '../tools.ts'
import { runtimes } from './runtimes.ts'
import { zeromqBrowser } from './zeromq-browser.ts'

const packages = ['libzmq3-dev', 'python3-zmq', 'gcc', 'libc6-dev']

interface Foreign {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  readonly hasWs: boolean
  /** libzmq's PLAIN server asks a ZAP handler; the C program has none. */
  readonly hasZap: boolean
}

type Way = 'bind' | 'connect'
type Transport = 'tcp' | 'ipc' | 'ws' | 'abstract'

/** What ours does; the steps of the other are those of c/zmq_peer.c. */
interface Case {
  readonly title: string
  readonly ours: (options: object) => zmq.Socket
  readonly theirs: string
  readonly steps: string
  readonly play: (socket: never) => Promise<void>
  readonly settings?: readonly string[]
}

const long = 'x'.repeat(100_000)
const text = (frames: readonly Buffer[]): string[] => frames.map(String)

async function sends(socket: zmq.Push): Promise<void> {
  for (const message of ['hello', ['a', '', 'c'], [long, 'end']]) await socket.send(message)
}
const received = 'recv:hello,recv:a||c,recv:L100000|end'

async function receives(socket: zmq.Pull): Promise<void> {
  same(text(await socket.receive()), ['hello'], 'first')
  same(text(await socket.receive()), ['a', '', 'c'], 'second')
  same(text(await socket.receive()), [long, 'end'], 'third')
}
const sent = 'send:hello,send:a||c,send:L100000|end'

async function asks(socket: zmq.Request): Promise<void> {
  for (const message of [['q'], ['a', 'b'], [long]]) {
    await socket.send(message)
    same(text(await socket.receive()), message, 'the echo')
  }
}

async function asksDelimited(socket: zmq.Dealer): Promise<void> {
  for (const message of [['q'], ['a', 'b'], [long]]) {
    await socket.send(['', ...message])
    same(text(await socket.receive()), ['', ...message], 'the echo')
  }
}

async function echoes(socket: zmq.Reply): Promise<void> {
  for (let left = 3; left > 0; left--) await socket.send(await socket.receive())
}
const asked = 'send:q,recv:q,send:a|b,recv:a|b,send:L100000,recv:L100000'
const askedDelimited = 'send:|q,recv:|q,send:|a|b,recv:|a|b,send:|L100000,recv:|L100000'

async function publishes(socket: zmq.XPublisher): Promise<void> {
  same(text(await socket.receive()), ['\x01t'], 'the subscription')
  for (const topic of ['no', 't1', 'u', 't2']) await socket.send([topic, 'body'])
}
const subscribed = 'sub:t,recv:t1|body,recv:t2|body'

async function repeats(socket: zmq.Publisher): Promise<void> {
  for (let at = 0; at < 60; at++) {
    await socket.send('no')
    await socket.send(['t1', 'body'])
    await new Promise(resolve => setTimeout(resolve, 10))
  }
}

async function listens(socket: zmq.Subscriber): Promise<void> {
  for (let left = 3; left > 0; left--) same(text(await socket.receive()), ['t1', 'body'], 'a publication')
}

const cases: readonly Case[] = [
  { title: 'PUSH to PULL', ours: o => new zmq.Push(o), theirs: 'PULL', steps: received, play: sends },
  { title: 'PULL from PUSH', ours: o => new zmq.Pull(o), theirs: 'PUSH', steps: sent, play: receives },
  { title: 'REQ to REP', ours: o => new zmq.Request(o), theirs: 'REP', steps: 'echo:3', play: asks },
  { title: 'REP to REQ', ours: o => new zmq.Reply(o), theirs: 'REQ', steps: asked, play: echoes },
  { title: 'REQ to ROUTER', ours: o => new zmq.Request(o), theirs: 'ROUTER', steps: 'echo:3', play: asks },
  {
    title: 'REQ, correlating, to REP',
    ours: o => new zmq.Request({ ...o, correlate: true, relaxed: true }),
    theirs: 'REP',
    steps: 'echo:3',
    play: asks,
  },
  { title: 'ROUTER to REQ', ours: o => new zmq.Router(o), theirs: 'REQ', steps: asked, play: echoes },
  {
    title: 'DEALER to ROUTER',
    ours: o => new zmq.Dealer({ ...o, routingId: 'ours' }),
    theirs: 'ROUTER',
    steps: 'echo:3',
    play: asks,
  },
  {
    title: 'ROUTER to DEALER',
    ours: o => new zmq.Router(o),
    theirs: 'DEALER',
    steps: asked,
    play: echoes,
    settings: ['id=theirs'],
  },
  { title: 'DEALER to DEALER', ours: o => new zmq.Dealer(o), theirs: 'DEALER', steps: 'echo:3', play: asks },
  {
    title: 'DEALER to REP',
    ours: o => new zmq.Dealer(o),
    theirs: 'REP',
    steps: 'echo:3',
    play: asksDelimited,
  },
  {
    title: 'REP to DEALER',
    ours: o => new zmq.Reply(o),
    theirs: 'DEALER',
    steps: askedDelimited,
    play: echoes,
  },
  { title: 'PAIR asks PAIR', ours: o => new zmq.Pair(o), theirs: 'PAIR', steps: 'echo:3', play: asks },
  { title: 'PAIR answers PAIR', ours: o => new zmq.Pair(o), theirs: 'PAIR', steps: asked, play: echoes },
  {
    title: 'XPUB to SUB',
    ours: o => new zmq.XPublisher(o),
    theirs: 'SUB',
    steps: subscribed,
    play: publishes,
  },
  {
    title: 'PUB to SUB',
    ours: o => new zmq.Publisher(o),
    theirs: 'SUB',
    steps: 'sub:t,recv:t1|body,recv:t1|body',
    play: repeats,
  },
  {
    title: 'XPUB to XSUB',
    ours: o => new zmq.XPublisher(o),
    theirs: 'XSUB',
    steps: 'send:\x01t,recv:t1|body,recv:t2|body',
    play: publishes,
  },
  {
    title: 'SUB to PUB',
    ours: o => subscriber(new zmq.Subscriber(o)),
    theirs: 'PUB',
    steps: 'spam:t1|body',
    play: listens,
  },
  {
    title: 'SUB to XPUB',
    ours: o => subscriber(new zmq.Subscriber(o)),
    theirs: 'XPUB',
    steps: 'recv:\x01t,spam:t1|body',
    play: listens,
  },
]

function subscriber(socket: zmq.Subscriber): zmq.Subscriber {
  socket.subscribe('t')
  return socket
}

export async function zeromq({ report }: Stage): Promise<void> {
  await zapHandler()
  await report.run(`${STORM_PEERS} peers come, misbehave and go`, weather)
  await runtimes(report)
  const foreigners = await findForeigners((name, why) => report.skipped(`ZeroMQ: ${name}`, why))
  await zeromqBrowser(report, foreigners.find(({ name, hasWs }) => name === 'libzmq (C)' && hasWs)?.command)
  for (const foreign of foreigners) {
    for (const one of cases)
      for (const way of ['bind', 'connect'] as const)
        await report.run(`${foreign.name}: ${one.title}, ours ${way}s`, () => play(foreign, one, way, 'tcp'))
    for (const one of cases.filter(({ title }) => /^(PUSH|REQ) to/.test(title)))
      await report.run(`${foreign.name}: ${one.title} by an abstract name`, () => {
        if (!hasShortNames) skip('Node 20 pads abstract names, and libzmq does not')
        return play(foreign, one, 'connect', 'abstract')
      })
    for (const one of cases.filter(({ title }) => /^(PUSH|REQ|XPUB|SUB) to/.test(title))) {
      await report.run(`${foreign.name}: ${one.title} over ipc`, () => play(foreign, one, 'connect', 'ipc'))
      for (const way of foreign.hasWs ? (['bind', 'connect'] as const) : [])
        await report.run(`${foreign.name}: ${one.title} over ws, ours ${way}s`, () =>
          play(foreign, one, way, 'ws'),
        )
    }
    for (const one of cases.filter(({ title }) => /^(PUSH|DEALER|SUB|XPUB) to/.test(title)))
      for (const { name, ours, theirs } of securities().filter(
        ({ name }) => foreign.hasZap || name !== 'PLAIN, ours the client',
      ))
        await report.run(`${foreign.name}: ${one.title} with ${name}`, () =>
          play(
            foreign,
            {
              ...one,
              ours: o => one.ours({ ...o, ...ours }),
              settings: [...(one.settings ?? []), ...theirs],
            },
            'bind',
            'tcp',
          ),
        )
  }
}

/** libuv's uv_pipe_bind2 binds as many octets as the name has; Node 20 does not use it yet. */
const hasShortNames = Number(process.versions.node.split('.')[0]) >= 22

const STORM_PEERS = 10_000

/** Whatever is wrong with a peer is forgotten with it. */
async function weather(): Promise<void> {
  const { messages, goodPeers, peersLeft, handlesMore } = await storm(STORM_PEERS)
  same({ messages, peersLeft, handlesMore }, { messages: goodPeers, peersLeft: 0, handlesMore: 0 }, 'left')
}

/** Lets u in with p, and everybody with a key. */
async function zapHandler(): Promise<void> {
  const handler = new zmq.Reply({ linger: 0 })
  await handler.bind('inproc://zeromq.zap.01')
  const serve = async (): Promise<void> => {
    for await (const [version = '', id = '', , , , mechanism, name, password] of handler) {
      const isAllowed = String(mechanism) !== 'PLAIN' || (String(name) === 'u' && String(password) === 'p')
      await handler.send([version, id, isAllowed ? '200' : '400', '', 'u', ''])
    }
  }
  void serve()
}

/** Both sides of both mechanisms. */
function securities(): readonly { name: string; ours: object; theirs: readonly string[] }[] {
  const [a, b] = [zmq.curveKeyPair(), zmq.curveKeyPair()]
  return [
    {
      name: 'PLAIN, ours the server',
      ours: { plainServer: true },
      theirs: ['plain_user=u', 'plain_password=p'],
    },
    {
      name: 'PLAIN, ours the client',
      ours: { plainUsername: 'u', plainPassword: 'p' },
      theirs: ['plain_server=1'],
    },
    {
      name: 'CURVE, ours the server',
      ours: { curveServer: true, curveSecretKey: a.secretKey },
      theirs: [
        `curve_serverkey=${a.publicKey}`,
        `curve_public=${b.publicKey}`,
        `curve_secret=${b.secretKey}`,
      ],
    },
    {
      name: 'CURVE, ours the client',
      ours: { curveServerKey: a.publicKey, curvePublicKey: b.publicKey, curveSecretKey: b.secretKey },
      theirs: ['curve_server=1', `curve_secret=${a.secretKey}`],
    },
  ]
}

async function play(foreign: Foreign, one: Case, way: Way, transport: Transport): Promise<void> {
  const socket = one.ours({ linger: 3000 })
  const endpoint = await place(transport)
  try {
    if (way === 'bind') await socket.bind(endpoint)
    const other = await started(foreign, [
      ...[one.theirs, way === 'bind' ? 'connect' : 'bind', endpoint, one.steps],
      ...(one.settings ?? []),
    ])
    if (way === 'connect') socket.connect(endpoint)
    const ours = one.play(socket as never)
    await Promise.race([ours, other.ended.then(() => ours), late()])
    socket.close()
    if (one.steps.includes('spam'))
      other.end() // it would go on for two seconds
    else await other.ended
  } finally {
    socket.close()
  }
}

function late(): Promise<never> {
  return new Promise((_, reject) =>
    setTimeout(() => reject(new Error('nothing within 20 s')), 20_000).unref(),
  )
}

async function place(transport: Transport): Promise<string> {
  if (transport === 'ipc')
    return `ipc://${join(tmpdir(), `posthorn-interop-${process.pid}-${performance.now()}`)}`
  if (transport === 'abstract') return `ipc://@posthorn-interop-${process.pid}-${performance.now()}`
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise(resolve => server.close(resolve))
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return transport === 'ws' ? `ws://127.0.0.1:${port}/` : `tcp://127.0.0.1:${port}`
}

/** Starts the peer, and waits until it has bound or connected. `ended` rejects with what it complained of. */
async function started(
  foreign: Foreign,
  args: readonly string[],
): Promise<{ readonly ended: Promise<void>; end(): void }> {
  const child = launch({ command: foreign.command, args: [...foreign.args, ...args] })
  let said = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    said += chunk
  })
  const ended = new Promise<void>((resolve, reject) => {
    child.once('exit', code =>
      code === 0 ? resolve() : reject(new Error(`the peer: ${code} ${said.slice(-300)}`)),
    )
  })
  ended.catch(() => {}) // looked at later
  await Promise.race([new Promise(resolve => child.stdout?.once('data', resolve)), ended])
  return { ended, end: () => void child.kill() }
}

async function findForeigners(skipped: (name: string, why: string) => void): Promise<readonly Foreign[]> {
  const here = join(import.meta.dirname, '..')
  const found: Foreign[] = []
  const refused = await installDebian(packages)
  const program = join(cache, 'zmq_peer')
  mkdirSync(cache, { recursive: true })
  const compiled = await execute({
    command: 'cc',
    args: ['-O2', '-o', program, join(here, 'c', 'zmq_peer.c'), '-lzmq'],
  }).catch(() => undefined)
  if (compiled?.code === 0 && existsSync(program))
    found.push({ name: 'libzmq (C)', command: program, args: [], hasZap: false, hasWs: await hasWs() })
  else skipped('libzmq (C)', refused ?? 'it was not compiled')
  const probe = await execute({ command: python, args: ['-c', 'import zmq'] }).catch(() => undefined)
  if (probe?.code === 0)
    found.push({
      name: 'python3-zmq',
      command: python,
      args: [join(here, 'python', 'zmq_peer.py')],
      hasZap: true,
      hasWs: await hasWs(),
    })
  else skipped('python3-zmq', refused ?? 'Python does not find it')
  found.push({
    name: 'zeromq.js',
    command: process.execPath,
    args: ['--import', 'tsx', join(here, 'clients', 'zeromq-js.ts')],
    hasZap: true,
    hasWs: true,
  })
  return found
}

/** Whether the system's libzmq has WebSocket; all of Debian's programs share it. */
async function hasWs(): Promise<boolean> {
  const asked = await execute({ command: python, args: ['-c', 'import zmq; print(zmq.has("WS"))'] }).catch(
    () => undefined,
  )
  return asked?.stdout.toString().includes('True') === true
}
