// What all SP sockets are: dialling, listening, pipes, endings. The faces of the protocols (sockets.ts) add sending,
// receiving and what is theirs alone.

import { Context, type Payload, type Received, type SendOptions, type WaitOptions } from './context.ts'
import { Core, type PipeEvent } from './core.ts'
import { type Dialer, Dialing, type DialOptions } from './dialer.ts'
import { SpError } from './errors.ts'
import type { Message } from './message.ts'
import { type LinkListener, type ListenTransportOptions, listenLinks } from './open-link.ts'
import { type Settings, type SpOptions, settings } from './options.ts'
import type { Lane, Pattern } from './pattern.ts'
import type { PipeInfo } from './pipe.ts'

export interface ListenOptions extends ListenTransportOptions {
  readonly signal?: AbortSignal
}

export interface Listener {
  /** The real address: with the port that the system chose. */
  readonly address: string
  /** Takes no more connections; pipes stay. Idempotent. */
  close(): Promise<void>
}

export class SpSocket<S = unknown, L extends Lane = Lane> implements AsyncDisposable {
  protected readonly core: Core<S, L>
  /** The context of the socket itself. */
  protected readonly own: Context<S, L>
  readonly #dialers = new Set<Dialing<S, L>>()
  readonly #listeners = new Set<LinkListener>()
  readonly #controller = new AbortController()

  protected constructor(pattern: Pattern<S, L>, options: SpOptions) {
    this.core = new Core(pattern, settings(options, pattern.buffers))
    this.own = new Context(this.core, this.core.openLane())
  }

  get protocol(): Pattern<S, L>['name'] {
    return this.core.pattern.name
  }
  get sends(): boolean {
    return this.core.pattern.sends
  }
  get receives(): boolean {
    return this.core.pattern.receives
  }
  /** The options with their defaults. */
  get settings(): Settings {
    return this.core.settings
  }
  get closed(): boolean {
    return this.core.isClosed
  }
  /** Peers that are connected. */
  get pipes(): readonly PipeInfo[] {
    return this.core.pipes
  }

  /**
   * Connects, and again whenever the connection ends. Errors, of the first attempt unless it is in the background: those
   * of the transport (ECONNREFUSED, ...), SpError EPROTO, EBUSY, EADDRINVAL, AddressError, the signal's reason.
   */
  async dial(address: string, options: DialOptions = {}): Promise<Dialer> {
    this.#checkOpen()
    const dialer = new Dialing(this.core, address, options)
    this.#dialers.add(dialer)
    try {
      await dialer.start()
    } catch (error) {
      dialer.close()
      this.#dialers.delete(dialer)
      throw error
    }
    return { address, close: () => this.#closeDialer(dialer) }
  }

  #closeDialer(dialer: Dialing<S, L>): void {
    dialer.close()
    this.#dialers.delete(dialer)
  }

  /** Takes connections. Errors: those of the transport (EADDRINUSE, ...), SpError EADDRINVAL, EINVAL, AddressError. */
  async listen(address: string, options: ListenOptions = {}): Promise<Listener> {
    this.#checkOpen()
    options.signal?.throwIfAborted()
    const listener = await listenLinks(
      address,
      this.core.pattern.name,
      this.core.settings,
      options,
      this.#controller.signal,
      link => {
        try {
          void this.core.attach(link, { address, side: 'listener' })
        } catch (error) {
          this.core.settings.onFault?.(error as Error, address)
        }
      },
    )
    if (this.closed) {
      await listener.close()
      this.#checkOpen()
    }
    this.#listeners.add(listener)
    const close = async (): Promise<void> => {
      this.#listeners.delete(listener)
      await listener.close()
    }
    return { address: listener.address, close }
  }

  /** Tells of pipes that come and go; call what is returned to hear no more. */
  notify(listener: (event: PipeEvent) => void): () => void {
    return this.core.notify(listener)
  }

  /** With its header, as raw sockets and devices send. */
  sendMessage(message: Message, options?: WaitOptions): Promise<void> {
    if (!this.core.pattern.sends)
      return Promise.reject(new SpError('ENOTSUP', `${this.protocol} sends nothing`))
    return this.own.sendMessage(message, options)
  }

  /** With its header, as raw sockets and devices receive. */
  receiveMessage(options?: WaitOptions): Promise<Message> {
    if (!this.core.pattern.receives)
      return Promise.reject(new SpError('ENOTSUP', `${this.protocol} receives nothing`))
    return this.own.receiveMessage(options)
  }

  #checkOpen(): void {
    if (this.closed) throw new SpError('ECLOSED')
  }

  /**
   * Takes no more, sends what was taken, and ends; peers that do not end within a second are cut. Who waits fails with
   * ECLOSED. Idempotent.
   */
  async close(): Promise<void> {
    for (const dialer of this.#dialers) dialer.retire()
    for (const listener of this.#listeners) await listener.close()
    await this.core.close()
    this.#controller.abort(new SpError('ECLOSED'))
  }

  /** Ends now; what was not sent is lost. Idempotent. */
  abort(reason?: Error): void {
    for (const dialer of this.#dialers) dialer.abort()
    for (const listener of this.#listeners) void listener.close()
    this.#controller.abort(new SpError('ECLOSED'))
    this.core.abort(reason)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

/** A socket that sends. */
export class SendingSocket<S = unknown, L extends Lane = Lane> extends SpSocket<S, L> {
  /** As `Context.send`. */
  send(body: Payload, options?: SendOptions): Promise<void> {
    return this.own.send(body, options)
  }
}

/** A socket that receives. */
export class ReceivingSocket<S = unknown, L extends Lane = Lane> extends SpSocket<S, L> {
  /** As `Context.receive`. */
  receive(options?: WaitOptions): Promise<Buffer> {
    return this.own.receive(options)
  }
  receiveFrom(options?: WaitOptions): Promise<Received> {
    return this.own.receiveFrom(options)
  }
  receiveMany(most: number, options?: WaitOptions): Promise<Buffer[]> {
    return this.own.receiveMany(most, options)
  }
  /** Messages one by one until it is closed; leaving the loop closes nothing. */
  [Symbol.asyncIterator](): AsyncGenerator<Buffer, undefined> {
    return this.own[Symbol.asyncIterator]()
  }
}

/** A socket that does both. */
export class DuplexSocket<S = unknown, L extends Lane = Lane> extends ReceivingSocket<S, L> {
  /** As `Context.send`. */
  send(body: Payload, options?: SendOptions): Promise<void> {
    return this.own.send(body, options)
  }
}
