// One connection's protocol after the greeting, sans IO: frames in, frames and events out. Streams (ZMTP) and WebSockets (ZWS)
// feed the same machine; they differ in how frames are cut out and whether there is a greeting.
//
//   handshaking --ready--> traffic           handshaking --ask--> asking --verdict--> handshaking or traffic
//   any --flaw or refusal--> failed          (2.0: the peer's first frame is its routing id, and that is the handshake)

import { type AuthenticationError, ProtocolError } from './errors.ts'
import { zmqLimits } from './limits.ts'
import type { Frames } from './message.ts'
import type { Cipher, Mechanism, Question, Step, Verdict } from './security/mechanism.ts'
import { command, errorReason, type Metadata, parseCommand, parsePing, pingCommand } from './wire/command.ts'
import { COMMAND, MORE } from './wire/frame-reader.ts'
import type { Version } from './wire/greeting.ts'

/** Where an engine's frames go: into bytes, or into messages of a WebSocket. */
export interface FrameSink {
  /** `flags` without LONG. Large bodies are kept until they are sent. */
  frame(flags: number, body: Buffer): void
}

/** Who hears what happens. Called in the order of the frames. */
export interface EngineListener {
  /** The handshake is through. */
  ready(peer: PeerInfo): void
  message(frames: Frames): void
  /** SUBSCRIBE or CANCEL of 3.1. */
  subscription(isOn: boolean, prefix: Buffer): void
  /** JOIN or LEAVE. */
  group(isIn: boolean, group: Buffer): void
  /** A ZAP handler is to be asked; `verdict` goes on. */
  ask(question: Question): void
  /** Whatever came from the peer, also a PONG; `ttlMs` is that of a PING, 0 for none. */
  alive(ttlMs: number): void
  failed(error: ProtocolError | AuthenticationError): void
}

/** What the handshake says about the peer. */
export interface PeerInfo {
  readonly version: Version
  readonly socketType: string
  readonly routingId: Buffer
  readonly metadata: Metadata
  /** From the ZAP handler. */
  readonly userId: string
}

export interface EngineSetup {
  readonly version: Version
  /** Undefined in 2.0, which has none. */
  readonly mechanism: Mechanism | undefined
  /** In 2.0, from the greeting. */
  readonly socketType?: string
  /** Types that the peer may have. */
  readonly allowed: readonly string[]
  readonly maxMessageSize: number
}

type State =
  | { readonly at: 'handshaking' }
  | { readonly at: 'asking'; readonly answered: (verdict: Verdict) => Step }
  | { readonly at: 'traffic' }
  | { readonly at: 'failed' }

export class Engine {
  readonly #setup: EngineSetup
  readonly #sink: FrameSink
  readonly #listener: EngineListener
  #state: State = { at: 'handshaking' }
  #cipher: Cipher | undefined
  /** Frames of a message whose last has not come. */
  #parts: Buffer[] = []
  #partBytes = 0
  /** Frames that came while a ZAP handler is asked. */
  #held: { readonly flags: number; readonly body: Buffer }[] = []

  constructor(setup: EngineSetup, sink: FrameSink, listener: EngineListener) {
    this.#setup = setup
    this.#sink = sink
    this.#listener = listener
  }

  get at(): State['at'] {
    return this.#state.at
  }

  /** Whether SUBSCRIBE and CANCEL are commands; messages before. */
  get hasCommands(): boolean {
    return this.#setup.version === '3.1'
  }

  /**
   * Whether the peer answers a PING. Peers of 3.0 do, though RFC 23 does not name it: JeroMQ, and libzmq from 4.2 on, which
   * said 3.0 until 4.3.3. libzmq asks them all, too.
   */
  get hasHeartbeats(): boolean {
    return this.#setup.version !== '2.0'
  }

  /** Sends what comes first, if anything. */
  begin(): void {
    const { mechanism } = this.#setup
    if (mechanism !== undefined) this.#take(mechanism.begin())
  }

  /** The answer to `ask`. */
  verdict(verdict: Verdict): void {
    if (this.#state.at !== 'asking') return
    const { answered } = this.#state
    this.#state = { at: 'handshaking' }
    this.#guarded(() => this.#take(answered(verdict)))
    const held = this.#held
    this.#held = []
    for (const { flags, body } of held) this.frame(flags, body)
  }

  /** One frame from the peer; `flags` as on the wire. What the peer does wrong goes to `failed`. */
  frame(flags: number, body: Buffer): void {
    if (
      this.#state.at === 'traffic' &&
      this.#cipher === undefined &&
      (flags & (MORE | COMMAND)) === 0 &&
      this.#parts.length === 0
    )
      this.#listener.message([body])
    else this.#guarded(() => this.#other(flags, body))
  }

  /** Runs what decodes; the peer's mistakes end the connection, ours go on up. */
  #guarded(run: () => void): void {
    try {
      run()
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      this.fail(error)
    }
  }

  #other(flags: number, body: Buffer): void {
    switch (this.#state.at) {
      case 'traffic': {
        const inner = this.#cipher?.open(body) ?? { flags, body }
        if ((inner.flags & COMMAND) === 0) this.#part(inner.flags, inner.body)
        else this.#command(inner.body)
        return
      }
      case 'handshaking':
        this.#handshake(flags, body)
        return
      case 'asking':
        if (this.#held.length >= zmqLimits.framesPerMessageMax)
          throw new ProtocolError('ERR_ZMTP_INVALID_SEQUENCE', 'the peer does not wait for the handshake')
        this.#held.push({ flags, body })
        return
      case 'failed':
        return
    }
  }

  #handshake(flags: number, body: Buffer): void {
    const { mechanism } = this.#setup
    if (mechanism === undefined) {
      if ((flags & COMMAND) !== 0 || body.length > zmqLimits.routingIdBytesMax)
        throw new ProtocolError('ERR_ZMTP_INVALID_METADATA', 'not a routing id of ZMTP 2.0')
      this.#established(new Map(), this.#setup.socketType ?? '', body, '')
      return
    }
    if ((flags & COMMAND) === 0)
      throw new ProtocolError('ERR_ZMTP_UNEXPECTED_COMMAND', 'a message before the end of the handshake')
    this.#take(mechanism.receive(body))
  }

  #take(step: Step): void {
    if (step.at !== 'ask') for (const body of step.send) this.#sink.frame(COMMAND, body)
    switch (step.at) {
      case 'wait':
        return
      case 'ask':
        this.#state = { at: 'asking', answered: step.answered }
        this.#listener.ask(step.question)
        return
      case 'refused':
        this.fail(step.error)
        return
      case 'ready': {
        this.#cipher = step.cipher
        const type = step.metadata.get('socket-type')?.toString('latin1') ?? ''
        const id = step.metadata.get('identity') ?? Buffer.alloc(0)
        this.#established(step.metadata, type, id, step.userId ?? '')
        return
      }
    }
  }

  #established(metadata: Metadata, socketType: string, id: Buffer, userId: string): void {
    if (!this.#setup.allowed.includes(socketType))
      throw new ProtocolError('ERR_ZMTP_INVALID_METADATA', `a peer of type '${socketType}' does not fit`)
    if (id.length > zmqLimits.routingIdBytesMax)
      throw new ProtocolError('ERR_ZMTP_INVALID_METADATA', `a routing id of ${id.length} bytes`)
    this.#state = { at: 'traffic' }
    const { version } = this.#setup
    this.#listener.ready({ version, socketType, routingId: Buffer.from(id), metadata, userId })
  }

  #part(flags: number, body: Buffer): void {
    if (this.#parts.length === 0 && (flags & MORE) === 0) {
      this.#listener.message([body])
      return
    }
    this.#parts.push(body)
    this.#partBytes += body.length
    if (this.#parts.length > zmqLimits.framesPerMessageMax || this.#partBytes > zmqLimits.frameBytesMax)
      throw new ProtocolError('ERR_ZMTP_UNSPECIFIED', 'a message has too many frames or bytes')
    if ((flags & MORE) !== 0) return
    const message = this.#parts
    this.#parts = []
    this.#partBytes = 0
    this.#listener.message(message)
  }

  #command(body: Buffer): void {
    const { name, rest } = parseCommand(body)
    switch (name) {
      case 'SUBSCRIBE':
        this.#listener.subscription(true, rest)
        return
      case 'CANCEL':
        this.#listener.subscription(false, rest)
        return
      case 'JOIN':
        this.#listener.group(true, rest)
        return
      case 'LEAVE':
        this.#listener.group(false, rest)
        return
      case 'PING': {
        const { ttlMs, context } = parsePing(rest)
        this.send(COMMAND, command('PONG', context))
        this.#listener.alive(ttlMs)
        return
      }
      case 'PONG':
        this.#listener.alive(0)
        return
      case 'ERROR':
        throw new ProtocolError('ERR_ZMTP_UNSPECIFIED', `the peer reports: ${errorReason(rest)}`)
      default: // of a later version, or somebody's own: libzmq takes no notice of it either
    }
  }

  /** Whether frames leave as they are, so that a message can be written without passing through `send`. */
  get isPlain(): boolean {
    return this.#cipher === undefined
  }

  /** A frame of traffic. */
  send(flags: number, body: Buffer): void {
    if (this.#cipher === undefined) this.#sink.frame(flags, body)
    else this.#sink.frame(0, this.#cipher.seal(flags, body))
  }

  /** Sends a PING; `ttlMs` is how long the peer may wait for more, 0 for ever. */
  ping(ttlMs: number): void {
    if (this.#state.at === 'traffic' && this.hasHeartbeats) this.send(COMMAND, pingCommand(ttlMs))
  }

  /** Ends, and says why. Idempotent. */
  fail(error: ProtocolError | AuthenticationError): void {
    if (this.#state.at === 'failed') return
    this.#state = { at: 'failed' }
    this.#parts = []
    this.#held = []
    this.#listener.failed(error)
  }
}
