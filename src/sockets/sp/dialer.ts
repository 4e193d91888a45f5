// A dialer keeps one connection to an address, as long as it is not closed (nng_dialer(5)). After a failure, or when the
// connection ends, it waits a random part of a time that doubles up to `reconnectMaxMs`, so that many do not come back at
// once.
//
//   connecting --connected--> attached --the pipe ends--> waiting --> connecting        any --close--> closed

import { deferred, type Ending } from '../../flow/index.ts'
import type { Address } from '../../transport/index.ts'
import { parseSpAddress } from './address.ts'
import type { Core } from './core.ts'
import { asError, isWorthRetrying, SpError } from './errors.ts'
import type { Link } from './link.ts'
import { type DialTransportOptions, dialLink } from './open-link.ts'
import type { Lane } from './pattern.ts'

export interface DialOptions extends DialTransportOptions {
  /**
   * NNG_FLAG_NONBLOCK: `dial` returns at once and goes on trying. Default false: it resolves with the first connection
   * and rejects when that fails.
   */
  readonly background?: boolean
  /** Calls the first attempt off. */
  readonly signal?: AbortSignal
  /** Instead of the socket's. */
  readonly reconnectMinMs?: number
  readonly reconnectMaxMs?: number
}

export interface Dialer {
  readonly address: string
  /** Connects no more, and ends the connection. Idempotent. */
  close(): void
}

export class Dialing<S, L extends Lane> implements Dialer, Ending {
  readonly address: string
  readonly #core: Core<S, L>
  readonly #options: DialOptions
  readonly #controller = new AbortController()
  #delayMs: number
  #link: Link | undefined
  #wake: () => void = () => {}

  constructor(core: Core<S, L>, address: string, options: DialOptions) {
    this.address = address
    this.#core = core
    this.#options = options
    this.#delayMs = this.#minMs
  }

  /** Resolves with the first connection, after which it goes on by itself; or at once, in the background. */
  async start(): Promise<void> {
    const address = parseSpAddress(this.address)
    if (this.#options.background === true) {
      void this.#keep(undefined)
      return
    }
    const { signal } = this.#options
    const stop = (): void => this.#controller.abort(signal?.reason)
    if (signal?.aborted === true) stop()
    else signal?.addEventListener('abort', stop, { once: true })
    try {
      void this.#keep(await this.#connect(address))
    } finally {
      signal?.removeEventListener('abort', stop)
    }
  }

  /** Waits for the end of the connection, connects again, and so on. */
  async #keep(first: Attached | undefined): Promise<void> {
    for (let attached = first; !this.#isOver; attached = await this.#tryAgain()) {
      if (attached === undefined && first === undefined)
        first = NOBODY // in the background the first attempt is now
      else {
        await attached?.gone
        await this.#pause()
      }
    }
  }

  async #tryAgain(): Promise<Attached | undefined> {
    try {
      return await this.#connect(parseSpAddress(this.address))
    } catch (error) {
      if (this.#isOver) return undefined
      this.#core.settings.onFault?.(asError(error), this.address)
      if (!isWorthRetrying(error)) this.close()
      return undefined
    }
  }

  async #connect(address: Address): Promise<Attached> {
    const { pattern, settings } = this.#core
    const link = await dialLink(address, pattern.name, settings, this.#options, this.#controller.signal)
    this.#link = link
    const gone = this.#core.attach(link, { address: this.address, side: 'dialer' })
    this.#delayMs = this.#minMs
    return { gone }
  }

  async #pause(): Promise<void> {
    if (this.#isOver) return
    const { world } = this.#core
    const over = deferred()
    this.#wake = over.resolve
    const timer = world.after(Math.floor(world.random() * this.#delayMs), over.resolve)
    await over.promise
    timer.cancel()
    if (this.#maxMs > 0) this.#delayMs = Math.min(this.#delayMs * 2, this.#maxMs)
  }

  get #isOver(): boolean {
    return this.#controller.signal.aborted
  }

  get #minMs(): number {
    return this.#options.reconnectMinMs ?? this.#core.settings.reconnectMinMs
  }

  get #maxMs(): number {
    return this.#options.reconnectMaxMs ?? this.#core.settings.reconnectMaxMs
  }

  /** Connects no more; the connection stays to its end. */
  retire(): void {
    this.#controller.abort(new SpError('ECLOSED', 'the dialer was closed'))
    this.#wake()
  }

  close(): void {
    this.retire()
    this.#link?.abort()
  }

  abort(): void {
    this.close()
  }
}

/** A connection, until it has gone. In an object, because a promise within a promise would be waited for. */
interface Attached {
  readonly gone: Promise<void>
}

const NOBODY: Attached = { gone: Promise.resolve() }
