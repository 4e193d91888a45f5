// One conversation on a socket (nng_ctx(5)): sending and receiving as promises. A socket has one of its own; REQ, REP,
// SURVEYOR, RESPONDENT and SUB give more, each with its own state. Where there is room, or a message is there, nothing
// is allocated but the promise.

import { deadline } from '../../flow/index.ts'
import type { World } from '../../world/index.ts'
import { hold, release } from '../../world/keep-alive.ts'
import type { Core } from './core.ts'
import { SpError } from './errors.ts'
import { type Message, NO_HEADER } from './message.ts'
import { atLeastZero } from './options.ts'
import type { Lane, Verdict } from './pattern.ts'
import type { Pipe, PipeInfo } from './pipe.ts'

export interface WaitOptions {
  readonly signal?: AbortSignal
  /** Instead of the socket's `sendTimeoutMs` or `receiveTimeoutMs`; 0: don't wait (EAGAIN). */
  readonly timeoutMs?: number
}

export interface SendOptions extends WaitOptions {
  /** Polyamorous PAIR1: to whom. */
  readonly to?: PipeInfo
}

/** What is sent: bytes, kept until they are sent and not to be changed before, or a text in UTF-8. */
export type Payload = string | Uint8Array

/** A message with where it came from. */
export interface Received {
  readonly body: Buffer
  readonly from: PipeInfo | undefined
}

const DONE = Promise.resolve()

export class Context<S = unknown, L extends Lane = Lane> implements AsyncDisposable {
  readonly #core: Core<S, L>
  readonly #lane: L
  #isClosed = false

  constructor(core: Core<S, L>, lane: L) {
    this.#core = core
    this.#lane = lane
  }

  get lane(): L {
    return this.#lane
  }

  /** Resolves when a peer has taken the message, or the send buffer has. Errors: SpError, the signal's reason. */
  send(body: Payload, options?: SendOptions): Promise<void> {
    const pipe = options?.to as Pipe | undefined
    return this.sendMessage({ header: NO_HEADER, body: bytesOf(body), ...(pipe && { pipe }) }, options)
  }

  sendMessage(message: Message, options?: WaitOptions): Promise<void> {
    try {
      options?.signal?.throwIfAborted()
      this.#checkOpen()
      const verdict = this.#core.offer(this.#lane, message)
      return verdict === 'taken' ? DONE : this.#sendLater(verdict, message, options ?? {})
    } catch (error) {
      return Promise.reject(error)
    }
  }

  async #sendLater(verdict: 'full' | 'turn', message: Message, options: WaitOptions): Promise<void> {
    for (let latest: Verdict = verdict; latest !== 'full'; ) {
      await turn()
      options.signal?.throwIfAborted()
      this.#checkOpen()
      latest = this.#core.offer(this.#lane, message)
      if (latest === 'taken') return
    }
    const timeoutMs = options.timeoutMs ?? this.#core.settings.sendTimeoutMs
    await waiting(this.#core, options.signal, timeoutMs, signal =>
      this.#core.whenTaken(this.#lane, message, signal, () => this.#checkOpen()),
    )
  }

  /** The next message. Errors: SpError, the signal's reason; one that is called off takes nothing. */
  receive(options?: WaitOptions): Promise<Buffer> {
    try {
      const message = this.#take(options)
      return message === undefined
        ? this.#takeLater(options ?? {}).then(one => one.body)
        : Promise.resolve(message.body)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  /** As `receive`, with the pipe that it came by. */
  async receiveFrom(options: WaitOptions = {}): Promise<Received> {
    const { body, pipe } = await this.receiveMessage(options)
    return { body, from: pipe }
  }

  async receiveMessage(options: WaitOptions = {}): Promise<Message> {
    return this.#take(options) ?? this.#takeLater(options)
  }

  /**
   * At least one message and at most `most`: what is there, without a promise each. REQ, whose state allows one, gives one.
   */
  async receiveMany(most: number, options: WaitOptions = {}): Promise<Buffer[]> {
    const first = this.#take(options) ?? (await this.#takeLater(options))
    const bodies = [first.body]
    while (bodies.length < most) {
      const message = this.#takeMore()
      if (message === undefined) break
      bodies.push(message.body)
    }
    return bodies
  }

  #takeMore(): Message | undefined {
    try {
      return this.#core.take(this.#lane)
    } catch (error) {
      if (error instanceof SpError && error.code === 'ESTATE') return undefined
      throw error
    }
  }

  #take(options: WaitOptions | undefined): Message | undefined {
    options?.signal?.throwIfAborted()
    this.#checkOpen()
    return this.#core.take(this.#lane)
  }

  #takeLater({ signal, timeoutMs = this.#core.settings.receiveTimeoutMs }: WaitOptions): Promise<Message> {
    const { generation } = this.#lane
    return waiting(this.#core, signal, timeoutMs, async limit => {
      for (;;) {
        await this.#lane.arrivals.wait(limit)
        this.#checkOpen()
        if (this.#lane.generation !== generation) throw new SpError('ECANCELED')
        const message = this.#core.take(this.#lane)
        if (message !== undefined) return message
      }
    })
  }

  #checkOpen(): void {
    if (this.#isClosed || this.#core.isClosed) throw new SpError('ECLOSED')
  }

  /** Messages one by one until it is closed; leaving the loop closes nothing. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer, undefined> {
    try {
      for (;;) yield await this.receive()
    } catch (error) {
      if (!(error instanceof SpError && error.code === 'ECLOSED')) throw error
    }
  }

  /** Ends the conversation: who waits in it fails with ECLOSED. Idempotent. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#core.drop(this.#lane)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close()
  }
}

/**
 * Waits under a signal and a deadline, and keeps the process meanwhile, whether anybody is connected or not. Errors: SpError
 * ETIMEDOUT, EAGAIN for a deadline of 0, the signal's reason.
 */
async function waiting<T>(
  { world }: Pick<Core<unknown, Lane>, 'world'>,
  signal: AbortSignal | undefined,
  timeoutMs: number | undefined,
  work: (signal: AbortSignal | undefined) => Promise<T>,
): Promise<T> {
  atLeastZero('timeoutMs', timeoutMs)
  if (timeoutMs === 0) throw new SpError('EAGAIN')
  hold()
  try {
    if (timeoutMs === undefined || timeoutMs === Number.POSITIVE_INFINITY) return await work(signal)
    return await inTime(world, signal, timeoutMs, work)
  } finally {
    release()
  }
}

async function inTime<T>(
  world: World,
  signal: AbortSignal | undefined,
  timeoutMs: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = deadline(world, timeoutMs, signal)
  try {
    return await work(limit.signal)
  } catch (error) {
    const isLate = limit.signal.aborted && error === limit.signal.reason && signal?.aborted !== true
    throw isLate ? new SpError('ETIMEDOUT', `${timeoutMs} ms`) : error
  } finally {
    limit.cancel()
  }
}

/** A whole turn of the event loop: between two immediates the system is asked what has arrived. */
function turn(): Promise<void> {
  return new Promise(resolve => setImmediate(() => setImmediate(resolve)))
}

export function bytesOf(payload: Payload): Buffer {
  if (typeof payload === 'string') return Buffer.from(payload)
  if (Buffer.isBuffer(payload)) return payload
  return Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength)
}
