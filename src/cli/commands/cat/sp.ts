// The scalability protocols of nanomsg and nng for `cat`: the sockets of `nngcat`, with messages of one part.

import { Bus, type Context, SpError, type SpOptions, type SpSocket, Sub } from '../../../sockets/sp/index.ts'
import { nngProtocols } from '../nngcat/protocol.ts'
import type { CatSocket, SocketPart, SocketPattern, SocketSetup } from './socket.ts'

/** Messages that are taken together when they are there. */
const BATCH_MAX = 256

/** What they send while nobody is there is lost. */
const lossy: readonly SpSocket['protocol'][] = ['pub', 'surveyor', 'bus']

type Duplex = SpSocket & Pick<Context, 'send' | 'receiveMany'>

const pattern = (part: SocketPart, make: (options: SpOptions) => SpSocket): SocketPattern => ({
  part,
  isMultipart: false,
  open: setup => catSocket(make, setup),
})

/** By name in the URL: those of nngcat without the 0, and BUS. */
export const spPatterns: Readonly<Record<string, SocketPattern>> = {
  ...Object.fromEntries(
    Object.entries(nngProtocols).map(([name, { part, make }]) => [
      name.replace(/0$/, ''),
      pattern(part, make),
    ]),
  ),
  pair0: pattern('both', options => nngProtocols.pair0?.make(options) as SpSocket),
  pair: pattern('both', options => nngProtocols.pair1?.make(options) as SpSocket),
  sub: { ...pattern('receives', options => new Sub(options)), subscribes: true },
  bus: pattern('both', options => new Bus(options)),
}

function catSocket(make: (options: SpOptions) => SpSocket, setup: SocketSetup): CatSocket {
  const { timeoutMs, warn, ca, insecure } = setup
  const socket = make({
    onFault: (error, at) => warn(`${at}: ${error.message}`),
    ...(timeoutMs !== undefined && { sendTimeoutMs: timeoutMs, receiveTimeoutMs: timeoutMs }),
  })
  if (socket instanceof Sub) for (const prefix of setup.subscriptions) socket.subscribe(prefix)
  const duplex = socket as Duplex // a part that a protocol does not play is not asked of it
  const tls = { ...(ca !== undefined && { ca }), insecure }
  return {
    bind: async address => void (await socket.listen(address)),
    connect: async address => void (await socket.dial(address, { tls, background: true })),
    ...(lossy.includes(socket.protocol) && { awaitPeer: () => firstPipe(socket) }),
    send: async ([body = Buffer.alloc(0), ...more]) =>
      duplex.send(more.length === 0 ? body : Buffer.concat([body, ...more])),
    hasManyAnswers: socket.protocol === 'surveyor',
    receive: () => batch(duplex, socket.protocol),
    close: () => socket.close(),
    abort: () => socket.abort(),
  }
}

async function batch(
  socket: Duplex,
  protocol: SpSocket['protocol'],
): Promise<readonly Buffer[][] | undefined> {
  try {
    return (await socket.receiveMany(BATCH_MAX)).map(body => [body])
  } catch (error) {
    if (!(error instanceof SpError)) throw error
    const isSurveyOver = protocol === 'surveyor' && (error.code === 'ESTATE' || error.code === 'ETIMEDOUT')
    if (socket.closed || isSurveyOver) return undefined
    throw error
  }
}

function firstPipe(socket: SpSocket): Promise<void> {
  if (socket.pipes.length > 0) return Promise.resolve()
  return new Promise(resolve => {
    const stop = socket.notify(({ at }) => {
      if (at !== 'added') return
      stop()
      resolve()
    })
  })
}
