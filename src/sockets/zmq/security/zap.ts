// The asking side of ZAP (RFC 27): a handler is whatever REP or ROUTER is bound to inproc://zeromq.zap.01 in the context.
// One DEALER asks for all sockets; answers are told apart by request ids.

import type { Timer } from '../../../world/index.ts'
import type { ContextCore } from '../context-core.ts'
import { ProtocolError, type ProtocolFlaw, ZmqError } from '../errors.ts'
import { zmqLimits } from '../limits.ts'
import type { SocketOptionValues } from '../options.ts'
import { dealer } from '../patterns/dealer.ts'
import { SocketCore } from '../socket-core.ts'
import { parseMetadata } from '../wire/command.ts'
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
    if (!this.#context.inproc.has(NAME)) {
      const text = 'there is no ZAP handler'
      return Promise.resolve({ status: 500, text, userId: '', flaw: new ZmqError('EFAULT', { text }) })
    }
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
      const id = String(frames[2] ?? '')
      if (this.#isLate(id)) continue
      // Whose answer it should have been can't be told without its id: handlers answer in order, mostly.
      const [oldest] = this.#pending.keys()
      const asked = this.#pending.has(id) ? id : oldest
      if (asked !== undefined) this.#settle(asked, verdictIn(frames, asked))
    }
  }

  /** An answer to what was given up. */
  #isLate(id: string): boolean {
    return /^[1-9]\d*$/.test(id) && Number(id) < this.#next && !this.#pending.has(id)
  }
}

/** A reply (RFC 27): delimiter, version, id, status, text, user id, metadata; checked in libzmq's order. */
function verdictIn(frames: readonly Buffer[], asked: string): Verdict {
  if (frames.length !== 7) return flawed('ERR_ZAP_MALFORMED_REPLY', `an answer of ${frames.length} frames`)
  const [delimiter, version, id, status = '', text = '', userId = ''] = frames.map(String)
  if (delimiter !== '') return flawed('ERR_ZAP_UNSPECIFIED', 'an answer without a delimiter')
  if (version !== '1.0') return flawed('ERR_ZAP_BAD_VERSION', `version '${version}'`)
  if (id !== asked) return flawed('ERR_ZAP_BAD_REQUEST_ID', `request id '${id}'`)
  if (!/^[2-5]00$/.test(status)) return flawed('ERR_ZAP_INVALID_STATUS_CODE', `status '${status}'`)
  try {
    parseMetadata(frames[6] as Buffer)
  } catch {
    return flawed('ERR_ZAP_INVALID_METADATA', 'the properties of an answer are malformed')
  }
  return { status: Number(status), text, userId }
}

function flawed(code: ProtocolFlaw, detail: string): Verdict {
  return { status: 500, text: detail, userId: '', flaw: new ProtocolError(code, detail) }
}
