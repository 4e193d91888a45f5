// Proxies (zmq_proxy(3), zmq_proxy_steerable(3)): what one socket receives the other sends, both ways, in bursts; a side that
// can't take more is waited for. With ROUTER and DEALER that is a queue, with XSUB and XPUB a forwarder, with PULL and PUSH a
// streamer. Beyond the original: a socket that gets a copy of everything, and statistics.
//
//   idle --run--> running <--pause/resume--> paused      running or paused --terminate--> terminated

import { type Deferred, deferred } from '../../flow/index.ts'
import { hold, release } from '../../world/keep-alive.ts'
import { ZmqError } from './errors.ts'
import { batches } from './limits.ts'
import { bytesOf, type Frames } from './message.ts'
import { coreOf, Socket } from './socket.ts'
import type { SocketCore } from './socket-core.ts'
import { nextTurn } from './turn.ts'

/** One direction of one side. */
export interface ProxyCount {
  messages: number
  bytes: number
}

/** As STATISTICS of zmq_proxy_steerable(3). */
export interface ProxyStatistics {
  readonly frontEnd: { readonly received: ProxyCount; readonly sent: ProxyCount }
  readonly backEnd: { readonly received: ProxyCount; readonly sent: ProxyCount }
}

export interface ProxyOptions {
  /** Gets a copy of every message: PUB, PUSH, DEALER or PAIR. */
  readonly capture?: Socket
}

interface Side {
  readonly core: SocketCore
  readonly received: ProxyCount
  readonly sent: ProxyCount
  /** A message that was received and not sent yet. */
  held: Frames | undefined
}

// biome-ignore lint/suspicious/noShadowRestrictedNames: the name of the original
export class Proxy<F extends Socket = Socket, B extends Socket = Socket> {
  readonly #sockets: readonly [F, B]
  readonly #front: Side
  readonly #back: Side
  readonly #capture: SocketCore | undefined
  #state: 'idle' | 'running' | 'paused' | 'terminated' = 'idle'
  #wake: Deferred<void> | undefined

  constructor(frontEnd: F, backEnd: B, more: ProxyOptions = {}, ...rest: readonly never[]) {
    if (typeof frontEnd !== 'object') throw new TypeError('Front-end must be a socket object')
    if (typeof backEnd !== 'object') throw new TypeError('Back-end must be a socket object')
    if (rest.length > 0 || more instanceof Socket) throw new TypeError('Expected 2 arguments')
    const { capture } = more
    this.#sockets = [frontEnd, backEnd]
    this.#front = sideOf(frontEnd)
    this.#back = sideOf(backEnd)
    this.#capture = capture && coreOf(capture)
  }

  get frontEnd(): F {
    return this.#sockets[0]
  }
  get backEnd(): B {
    return this.#sockets[1]
  }

  /** Runs until `terminate`, or until one of the sockets is closed; then both are. Errors: ZmqError EINVAL, EBADF. */
  async run(): Promise<void> {
    const [front, back] = [this.#front, this.#back]
    if (front.core.isClosed || front.core.endpointCount === 0)
      throw new ZmqError('EINVAL', { text: 'Front-end socket must be bound or connected' })
    if (back.core.isClosed || back.core.endpointCount === 0)
      throw new ZmqError('EINVAL', { text: 'Back-end socket must be bound or connected' })
    if (this.#state !== 'idle') throw new ZmqError('EBADF')
    this.#state = 'running'
    const unwatch = [front, back].map(({ core }) => core.watch(() => this.#stir()))
    hold()
    try {
      await this.#pump(front, back)
    } finally {
      release()
      this.#state = 'terminated'
      for (const stop of unwatch) stop()
      await Promise.all([front.core.close(), back.core.close()])
    }
  }

  async #pump(front: Side, back: Side): Promise<void> {
    for (;;) {
      if (this.#isOver()) return
      this.#wake = undefined
      let isFull = false
      if (this.#state === 'running') {
        const there = this.#move(front, back)
        const here = this.#move(back, front)
        isFull = there || here
      }
      if (this.#isOver()) return
      if (isFull) await nextTurn()
      else {
        this.#wake = deferred()
        await this.#wake.promise
      }
    }
  }

  #isOver(): boolean {
    return this.#state === 'terminated' || this.#front.core.isClosed || this.#back.core.isClosed
  }

  /** A burst one way; true when there may be more. */
  #move(from: Side, to: Side): boolean {
    const { receives } = from.core.definition
    if (!receives || !to.core.definition.sends) return false
    for (let count = 0; count < batches.proxyBurst; count++) {
      const frames = from.held ?? this.#take(from)
      if (frames === undefined) return false
      from.held = undefined
      // A copy: sending hands the array on.
      if (!to.core.sendNow(frames.slice())) {
        from.held = frames
        return false
      }
      count1(to.sent, frames)
    }
    return true
  }

  #take(from: Side): Frames | undefined {
    const frames = from.core.receiveNow() as Frames | undefined
    if (frames === undefined) return undefined
    count1(from.received, frames)
    void this.#capture?.send(frames.slice()).catch(() => {}) // a copy that can't be sent stops nobody
    return frames
  }

  #stir(): void {
    this.#wake?.resolve()
  }

  /** What has passed. */
  get statistics(): ProxyStatistics {
    const of = ({ received, sent }: Side) => ({ received: { ...received }, sent: { ...sent } })
    return { frontEnd: of(this.#front), backEnd: of(this.#back) }
  }

  /** Errors: ZmqError EBADF when it does not run. */
  pause(): void {
    this.#steer('paused')
  }

  resume(): void {
    this.#steer('running')
  }

  terminate(): void {
    this.#steer('terminated')
  }

  #steer(state: 'paused' | 'running' | 'terminated'): void {
    if (this.#state === 'idle' || this.#state === 'terminated') throw new ZmqError('EBADF')
    this.#state = state
    this.#stir()
  }
}

function sideOf(socket: Socket): Side {
  if (!(socket instanceof Socket)) throw new ZmqError('EINVAL')
  const none = (): ProxyCount => ({ messages: 0, bytes: 0 })
  return { core: coreOf(socket), received: none(), sent: none(), held: undefined }
}

function count1(count: ProxyCount, frames: Frames): void {
  count.messages++
  count.bytes += bytesOf(frames)
}
