// A connection that we make, and make again: one for each `connect`.
//
//   dialling --connected--> shaking hands --ready--> serving --broken--> waiting --interval--> dialling
//   any --stop, or a flaw or refusal of the handshake--> stopped
//
// As in libzmq a peer that refuses us or does not speak the protocol is not asked again.

import { type Deferred, deadline, deferred } from '../../flow/index.ts'
import {
  type Address,
  connect as connectStream,
  connectWs,
  type MessageStream,
  type Stream,
} from '../../transport/index.ts'
import type { Timer } from '../../world/index.ts'
import type { PeerInfo } from './engine.ts'
import { Link, type LinkEnd, type LinkOwner, type LinkPipe } from './link.ts'
import { reconnectStops } from './options.ts'
import { RawLink } from './raw-link.ts'
import { RemotePipe } from './remote-pipe.ts'
import type { Question, Verdict } from './security/mechanism.ts'
import type { SocketCore } from './socket-core.ts'
import { wsProtocols } from './ws-protocols.ts'

export class Dialer implements LinkOwner {
  readonly #core: SocketCore
  readonly #address: Address
  /** As it was given. */
  readonly endpoint: string
  readonly #controller = new AbortController()
  readonly #stopped = deferred()
  /** Given to `connect`: a ROUTER's or STREAM's name for the peer. */
  readonly #peerId: Buffer | undefined
  #pipe: RemotePipe | undefined
  #link: Link | RawLink | undefined
  #over: Deferred<LinkEnd> | undefined
  #interval = 0
  /** Before the next attempt. */
  #wait: { readonly over: Deferred<void>; readonly timer: Timer } | undefined
  #isEnding = false

  constructor(core: SocketCore, address: Address, endpoint: string, peerId: Buffer | undefined) {
    this.#core = core
    this.#address = address
    this.endpoint = endpoint
    this.#peerId = peerId
    if (!this.#isPipePerConnection) this.#newPipe()
    void this.#run()
  }

  get #isPipePerConnection(): boolean {
    const { definition, options } = this.#core
    return options.immediate || (definition.waitsForPeer && this.#peerId === undefined)
  }

  #newPipe(): RemotePipe {
    const pipe = new RemotePipe(this.#core, this.#core.pipeOptions())
    if (this.#peerId !== undefined) {
      pipe.routingId = this.#peerId
      pipe.hasGivenId = true
    }
    this.#pipe = pipe
    return pipe
  }

  /** Attaches the pipe that exists before its connection. */
  begin(): void {
    if (this.#pipe !== undefined) this.#core.attach(this.#pipe, true)
  }

  async #run(): Promise<void> {
    await Promise.resolve() // `begin` comes first
    while (!this.#controller.signal.aborted) {
      const how = await this.#once()
      if (how === undefined || this.#controller.signal.aborted) continue
      if (this.#isEnding && how.at === 'closed') break
      if (this.#isFinal(how)) break
      if (!(await this.#pause())) break
    }
    this.#pipe?.finish()
    this.#core.forgetDialer(this)
    this.#stopped.resolve()
  }

  /** One connection, from dialling to its end. */
  async #once(): Promise<LinkEnd | undefined> {
    const { endpoint } = this
    this.#core.emit({ type: 'connect:delay', address: endpoint })
    let stream: Stream | MessageStream
    try {
      stream = await this.#dial()
    } catch (error) {
      if (this.#controller.signal.aborted) return undefined
      this.#core.emit({ type: 'close', address: endpoint })
      return {
        at: 'broken',
        error: error instanceof Error ? error : new Error(String(error)),
        hadPeer: false,
      }
    }
    if (this.#controller.signal.aborted) {
      stream.abort()
      return undefined
    }
    this.#core.emit({ type: 'connect', address: endpoint })
    this.#over = deferred<LinkEnd>()
    this.#link = this.#open(stream)
    const how = await this.#over.promise
    this.#link = undefined
    this.#core.reportEnd(endpoint, how)
    return how
  }

  #open(stream: Stream | MessageStream): Link | RawLink {
    if ('messages' in stream) return Link.overWs(stream, this.#core.linkSetup(this.endpoint), this)
    if (this.#core.definition.name === 'STREAM') {
      const link = new RawLink(stream, how => this.#over?.resolve(how))
      const pipe = this.#pipe ?? this.#newPipe()
      this.#interval = 0
      link.serve(pipe, this.#core)
      if (pipe.isOpen && !this.#core.owns(pipe)) this.#core.attach(pipe, true)
      link.begin()
      return link
    }
    return Link.overStream(stream, this.#core.linkSetup(this.endpoint), this)
  }

  async #dial(): Promise<Stream | MessageStream> {
    const { options, world } = this.#core
    const limit = deadline(
      world,
      options.connectTimeout > 0 ? options.connectTimeout : undefined,
      this.#controller.signal,
    )
    try {
      const address = this.#address
      const common = { signal: limit.signal, ...this.#core.streamOptions(), world }
      if (address.scheme === 'ws' || address.scheme === 'wss') {
        const tls = address.scheme === 'wss' ? { tls: this.#core.tls.client ?? {} } : {}
        const { host, path, port } = address
        const protocols = wsProtocols(options)
        return await connectWs({ ...common, ...tls, host, path, port, protocols })
      }
      const tls = this.#core.tls.client
      return await connectStream(address, { ...common, ...(tls && { tls }) })
    } finally {
      limit.cancel()
    }
  }

  #isFinal(how: LinkEnd): boolean {
    const { reconnectInterval, reconnectStop } = this.#core.options
    if (how.at === 'flaw' || how.at === 'refused') return !how.hadPeer
    if (reconnectInterval < 0) return true
    if (how.at !== 'broken') return false
    const isRefused = 'code' in how.error && how.error.code === 'ECONNREFUSED'
    return (
      (isRefused && (reconnectStop & reconnectStops.connectionRefused) !== 0) ||
      (!how.hadPeer && !isRefused && (reconnectStop & reconnectStops.handshakeFailed) !== 0)
    )
  }

  /** Waits before the next attempt; false when there will be none. */
  async #pause(): Promise<boolean> {
    const { options, world } = this.#core
    const { reconnectInterval: base, reconnectMaxInterval: max } = options
    if (this.#interval === 0) this.#interval = base
    else if (max > base) this.#interval = Math.min(max, this.#interval * 2)
    // libzmq adds luck without a back-off, so that many clients don't come at once.
    const interval = Math.floor(max > base ? this.#interval : base + world.random() * base)
    this.#core.emit({ type: 'connect:retry', address: this.endpoint, interval })
    const over = deferred()
    this.#wait = { over, timer: world.after(interval, () => over.resolve()) }
    await over.promise
    this.#wait = undefined
    return !this.#controller.signal.aborted
  }

  ready(link: Link, peer: PeerInfo): LinkPipe | undefined {
    if (this.#isEnding && this.#pipe === undefined) return undefined
    this.#interval = 0
    const isNew = this.#pipe === undefined
    const pipe = this.#pipe ?? this.#newPipe()
    pipe.connect(link, peer)
    this.#core.emit({ type: 'handshake', address: this.endpoint })
    if (isNew) this.#core.attach(pipe, true)
    else pipe.renew()
    return pipe.isOpen || this.#isEnding ? pipe : undefined
  }

  ask(question: Question): Promise<Verdict> {
    return this.#core.askZap(question, this.endpoint, Buffer.alloc(0))
  }

  ended(_link: Link, how: LinkEnd): void {
    const pipe = this.#pipe
    if (pipe !== undefined && this.#isPipePerConnection && !this.#isEnding) {
      this.#pipe = undefined
      pipe.finish()
    } else pipe?.disconnect()
    this.#over?.resolve(how)
  }

  /** Sends what waits, within `lingerMs`, then ends. */
  async stop(lingerMs: number): Promise<void> {
    this.#isEnding = true
    const pipe = this.#pipe
    const cut =
      lingerMs > 0 && pipe !== undefined ? this.#core.world.after(lingerMs, () => pipe.giveUp()) : undefined
    const link = this.#link
    if (pipe !== undefined) await pipe.close(lingerMs)
    else if (link instanceof Link) link.abort()
    cut?.cancel()
    this.#controller.abort()
    if (this.#link !== undefined) this.#link.abort()
    this.#wait?.timer.cancel()
    this.#wait?.over.resolve()
    await this.#stopped.promise
  }
}
