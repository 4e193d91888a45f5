// A place where peers come to: one for each `bind` over a transport that connects.

import {
  type Address,
  type Endpoint,
  formatAddress,
  listen,
  listenHost,
  listenWs,
  type MessageStream,
  type Stream,
} from '../../transport/index.ts'
import type { PeerInfo } from './engine.ts'
import { failure } from './failure.ts'
import { Link, type LinkEnd, type LinkOwner, type LinkPipe } from './link.ts'
import { RawLink } from './raw-link.ts'
import { RemotePipe } from './remote-pipe.ts'
import type { Question, Verdict } from './security/mechanism.ts'
import type { SocketCore } from './socket-core.ts'
import { servedWsProtocols } from './ws-protocols.ts'

interface Peer {
  readonly address: string
  pipe: RemotePipe | undefined
}

export class Binding implements LinkOwner {
  readonly #core: SocketCore
  readonly #peers = new Map<Link | RawLink, Peer>()
  #endpoint: Endpoint | undefined
  /** As it was given. */
  readonly given: string
  /** With the port that the system chose. */
  real = ''
  /** The peer whose connection is being opened. */
  #arriving = ''

  private constructor(core: SocketCore, given: string) {
    this.#core = core
    this.given = given
  }

  /** Errors: those of the transport. */
  static async open(core: SocketCore, address: Address, given: string): Promise<Binding> {
    const binding = new Binding(core, given)
    binding.#endpoint = await binding.#listen(address)
    binding.real = realName(binding.#endpoint.address, core.options.ipv6)
    return binding
  }

  async #listen(address: Address): Promise<Endpoint> {
    const { options, tls, world } = this.#core
    const common = {
      ...this.#core.streamOptions(),
      backlog: options.backlog,
      world,
      onRefused: (error: Error) =>
        this.#core.emit({ type: 'accept:error', address: this.real, error: failure(error) }),
    }
    const secured = tls.server && { tls: tls.server }
    if (address.scheme !== 'ws' && address.scheme !== 'wss')
      return listen(address, { ...common, ...secured, ipv6: options.ipv6 }, stream => this.#accept(stream))
    const listener = await listenWs(
      {
        ...common,
        ...(address.scheme === 'wss' && secured),
        host: listenHost(address.host, { ipv6: options.ipv6 }),
        port: address.port,
        path: address.path,
        protocols: servedWsProtocols(options),
      },
      stream => this.#acceptWs(stream),
    )
    return { address: { ...address, port: listener.port }, close: () => listener.close() }
  }

  #accept(stream: Stream): void {
    this.#arrives(stream.peer.address)
    if (this.#core.definition.name === 'STREAM') {
      this.#acceptRaw(stream)
      return
    }
    this.#peers.set(Link.overStream(stream, this.#core.linkSetup(this.real), this), {
      address: this.#arriving,
      pipe: undefined,
    })
  }

  #acceptWs(stream: MessageStream): void {
    this.#arrives(stream.peer.address)
    this.#peers.set(Link.overWs(stream, this.#core.linkSetup(this.real), this), {
      address: this.#arriving,
      pipe: undefined,
    })
  }

  #arrives(address: string): void {
    this.#arriving = address
    this.#core.emit({ type: 'accept', address: this.real })
  }

  #acceptRaw(stream: Stream): void {
    const link = new RawLink(stream, how => this.#gone(link, how))
    const pipe = new RemotePipe(this.#core, this.#core.pipeOptions())
    this.#peers.set(link, { address: this.#arriving, pipe })
    link.serve(pipe, this.#core)
    this.#core.attach(pipe, false)
    link.begin()
  }

  ready(link: Link, peer: PeerInfo): LinkPipe | undefined {
    const entry = this.#peers.get(link)
    if (entry === undefined) return undefined
    const pipe = new RemotePipe(this.#core, this.#core.pipeOptions())
    entry.pipe = pipe
    pipe.connect(link, peer)
    this.#core.emit({ type: 'handshake', address: this.real })
    this.#core.attach(pipe, false)
    return pipe.isOpen ? pipe : undefined
  }

  ask(question: Question, link: Link): Promise<Verdict> {
    return this.#core.askZap(question, this.#peers.get(link)?.address ?? this.#arriving, Buffer.alloc(0))
  }

  ended(link: Link, how: LinkEnd): void {
    this.#gone(link, how)
  }

  #gone(link: Link | RawLink, how: LinkEnd): void {
    const entry = this.#peers.get(link)
    this.#peers.delete(link)
    entry?.pipe?.finish()
    this.#core.reportEnd(this.real, how)
  }

  /** Ends with all of its peers, after what waits for them is sent, within `lingerMs`. */
  async stop(lingerMs: number): Promise<void> {
    const { world } = this.#core
    const pipes = [...this.#peers.values()].flatMap(({ pipe }) => pipe ?? [])
    const cut =
      lingerMs > 0
        ? world.after(lingerMs, () => {
            for (const pipe of pipes) pipe.giveUp()
          })
        : undefined
    const closing = this.#endpoint?.close()
    for (const [link, { pipe }] of [...this.#peers]) if (pipe === undefined) link.abort()
    await Promise.all(pipes.map(pipe => pipe.close(lingerMs)))
    cut?.cancel()
    await closing
  }
}

/** As `lastEndpoint` says it: an interface by its address. */
function realName(address: Address, ipv6: boolean): string {
  return 'host' in address
    ? formatAddress({ ...address, host: listenHost(address.host, { ipv6 }) })
    : formatAddress(address)
}
