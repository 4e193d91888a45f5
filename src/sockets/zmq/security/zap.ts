// The asking side of ZAP (RFC 27): a handler is whatever REP or ROUTER is bound to inproc://zeromq.zap.01 in the context.
// One DEALER asks for all sockets; answers are told apart by request ids.

import type { Timer } from '../../../world/index.ts'
import type { ContextCore } from '../context-core.ts'
import { zmqLimits } from '../limits.ts'
import type { SocketOptionValues } from '../options.ts'
import { dealer } from '../patterns/dealer.ts'
import { SocketCore } from '../socket-core.ts'
import { mechanismOf } from './choice.ts'
import type { Question, Verdict } from './mechanism.ts'

const NAME = 'zeromq.zap.01'
const VERSION = Buffer.from('1.0')

/** Who is asked about. */
export interface ZapSubject {
  readonly domain: string
  readonly address: string
  readonly routingId: Buffer
}

interface Pending {
  readonly resolve: (verdict: Verdict) => void
  readonly timer: Timer
}

export class Zap {
  readonly #context: ContextCore
  readonly #pending = new Map<string, Pending>()
  #socket: SocketCore | undefined
  #next = 1

  constructor(context: ContextCore) {
    this.#context = context
  }

  /**
   * Whether a handler decides about the peers of a socket with these options. PLAIN means nothing without one, so as in
   * libzmq it is refused then; CURVE without one lets everybody in who has the server's key.
   */
  isAsked(options: SocketOptionValues): boolean {
    const mechanism = mechanismOf(options)
    if (mechanism === 'PLAIN') return true
    if (mechanism === 'NULL' && (options.zapDomain ?? '') === '') return false
    return this.#context.inproc.has(NAME) || options.zapEnforceDomain
  }

  ask(question: Question, subject: ZapSubject): Promise<Verdict> {
    if (!this.#context.inproc.has(NAME))
      return Promise.resolve({ status: 500, text: 'there is no ZAP handler', userId: '' })
    const socket = this.#connected()
    const id = String(this.#next++)
    return new Promise(resolve => {
      const timer = this.#context.world.after(zmqLimits.zapMs, () =>
        this.#settle(id, { status: 300, text: 'the ZAP handler does not answer', userId: '' }),
      )
      this.#pending.set(id, { resolve, timer })
      void socket
        .send([
          Buffer.alloc(0),
          VERSION,
          Buffer.from(id),
          Buffer.from(subject.domain),
          Buffer.from(subject.address),
          subject.routingId,
          Buffer.from(question.mechanism),
          ...question.credentials,
        ])
        .catch((error: unknown) => this.#settle(id, { status: 300, text: String(error), userId: '' }))
    })
  }

  #settle(id: string, verdict: Verdict): void {
    const pending = this.#pending.get(id)
    if (pending === undefined) return
    this.#pending.delete(id)
    pending.timer.cancel()
    pending.resolve(verdict)
    if (this.#pending.size > 0) return
    // Nothing is asked: the socket would count as one of the user's.
    const socket = this.#socket
    this.#socket = undefined
    void socket?.close()
  }

  #connected(): SocketCore {
    if (this.#socket !== undefined) return this.#socket
    const socket = new SocketCore(dealer, this.#context)
    socket.options.linger = 0
    socket.options.sendTimeout = zmqLimits.zapMs
    socket.connect(`inproc://${NAME}`)
    this.#socket = socket
    socket.watch(() => this.#read(socket))
    return socket
  }

  /** Answers are read as they come: a waiting receive would keep the process. */
  #read(socket: SocketCore): void {
    if (socket.isClosed) return
    for (let reply = socket.receiveNow(); reply !== undefined; reply = socket.receiveNow()) {
      const frames = reply.filter(Buffer.isBuffer)
      // delimiter, version, id, status, text, user id, metadata
      if (frames.length !== 7 || frames[0]?.length !== 0) continue
      const [, version, id, status, text, userId] = frames.map(frame => frame.toString())
      if (version !== '1.0' || id === undefined) continue
      const code = Number(status)
      this.#settle(id, {
        status: code === 200 || code === 300 || code === 400 ? code : 500,
        text: text ?? '',
        userId: userId ?? '',
      })
    }
  }
}
