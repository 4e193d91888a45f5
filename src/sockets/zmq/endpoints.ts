// Where a socket is bound and what it is connected to: places, connections and names within the process, by the addresses
// that they were given.

import { type Address, parseAddress } from '../../transport/index.ts'
import { Binding } from './binding.ts'
import { Dialer } from './dialer.ts'
import { ZmqError } from './errors.ts'
import { finishBeforeExit } from './exit.ts'
import { failure } from './failure.ts'
import type { InprocPipe } from './inproc.ts'
import type { Pipe } from './pipe.ts'
import { openMechanism } from './security/choice.ts'
import type { SocketCore } from './socket-core.ts'
import { UdpBinding, UdpDialer } from './udp.ts'

/** A connection within the process. */
interface InprocEnd {
  readonly pipe: InprocPipe
  readonly name: string
}

export class Endpoints {
  readonly #core: SocketCore
  readonly #bindings = new Map<string, Binding | UdpBinding>()
  readonly #dialers = new Set<Dialer | UdpDialer>()
  readonly #inprocNames = new Set<string>()
  readonly #inprocEnds = new Set<InprocEnd>()
  /** The address that was bound or connected last. */
  last: string | null = null

  constructor(core: SocketCore) {
    this.#core = core
  }

  get count(): number {
    return this.#bindings.size + this.#dialers.size + this.#inprocNames.size + this.#inprocEnds.size
  }

  /** Errors: ZmqError with the address. */
  async bind(text: string): Promise<void> {
    const core = this.#core
    const address = this.#parse(text)
    if (address.scheme === 'inproc') return this.#bindInproc(address.name, text)
    finishBeforeExit(core)
    try {
      const binding =
        address.scheme === 'udp'
          ? await UdpBinding.open(core, address, text)
          : await Binding.open(core, address, text)
      this.#bindings.set(binding.real, binding)
      this.last = binding.real
      core.emit({ type: 'bind', address: binding.real })
    } catch (error) {
      const failed = failure(error, { address: text })
      // Without its scheme, as libzmq names it there.
      core.emit({ type: 'bind:error', address: text.slice(text.indexOf('://') + 3), error: failed })
      throw failed
    }
  }

  #bindInproc(name: string, text: string): void {
    this.#core.context.inproc.bind(name, this.#core, text)
    this.#inprocNames.add(name)
    this.last = text
  }

  /** Errors: ZmqError ENOENT. */
  async unbind(text: string): Promise<void> {
    const core = this.#core
    const address = this.#parse(text)
    if (address.scheme === 'inproc') {
      if (!this.#inprocNames.delete(address.name)) throw new ZmqError('ENOENT', { address: text })
      return core.context.inproc.unbind(address.name, core)
    }
    const found = [...this.#bindings.values()].find(one => one.given === text || one.real === text)
    if (found === undefined) throw new ZmqError('ENOENT', { address: text })
    this.#bindings.delete(found.real)
    await found.stop(core.options.linger)
    core.emit({ type: 'close', address: found.real })
  }

  /** Errors: ZmqError with the address. */
  connect(text: string): void {
    const core = this.#core
    const address = this.#parse(text)
    if ('host' in address && (address.host === '*' || address.port === 0))
      throw new ZmqError('EINVAL', { address: text })
    const peerId = core.connectRoutingId
    core.connectRoutingId = undefined
    this.last = text
    if (address.scheme === 'inproc') {
      this.#connectInproc(address.name, peerId)
      return
    }
    openMechanism(core.options, { metadata: Buffer.alloc(0), asksZap: false }) // keys are checked at once
    const dialer =
      address.scheme === 'udp' ? new UdpDialer(core, address, text) : new Dialer(core, address, text, peerId)
    this.#dialers.add(dialer)
    finishBeforeExit(core)
    dialer.begin()
  }

  #connectInproc(name: string, peerId: Buffer | undefined): void {
    const pipe = this.#core.inprocPipe()
    this.#inprocEnds.add({ pipe, name })
    this.#core.context.inproc.connect(name, this.#core, pipe, peerId)
  }

  /** Errors: ZmqError ENOENT. */
  disconnect(text: string): void {
    const core = this.#core
    const address = this.#parse(text)
    if (address.scheme === 'inproc') {
      const end = [...this.#inprocEnds].find(one => one.name === address.name)
      if (end === undefined) throw new ZmqError('ENOENT', { address: text })
      this.#inprocEnds.delete(end)
      core.context.inproc.forget(end.pipe)
      void end.pipe.close()
      return
    }
    const dialer = [...this.#dialers].find(one => one.endpoint === text)
    if (dialer === undefined) throw new ZmqError('ENOENT', { address: text })
    this.#dialers.delete(dialer)
    void dialer.stop(core.options.linger)
  }

  /** The dialler has ended by itself. */
  forget(dialer: Dialer | UdpDialer): void {
    this.#dialers.delete(dialer)
  }

  /** A pipe has ended: with it a connection within the process, if it was one's. */
  pipeGone(pipe: Pipe): void {
    for (const end of this.#inprocEnds) if (end.pipe === pipe) this.#inprocEnds.delete(end)
  }

  /** Ends all but the pipes within the process, which the socket closes; what waits is sent within `lingerMs`. */
  async stop(lingerMs: number): Promise<void> {
    const core = this.#core
    for (const name of this.#inprocNames) core.context.inproc.unbind(name, core)
    for (const { pipe } of this.#inprocEnds) core.context.inproc.forget(pipe)
    for (const { real } of this.#bindings.values()) core.emit({ type: 'close', address: real })
    await Promise.all([
      ...[...this.#dialers].map(dialer => dialer.stop(lingerMs)),
      ...[...this.#bindings.values()].map(binding => binding.stop(lingerMs)),
    ])
  }

  #parse(text: string): Address {
    const { name } = this.#core.definition
    try {
      const address = parseAddress(text)
      if (address.scheme === 'udp' && name !== 'RADIO' && name !== 'DISH')
        throw new ZmqError('ENOCOMPATPROTO', { address: text })
      if (name === 'STREAM' && address.scheme !== 'tcp' && address.scheme !== 'tls')
        throw new ZmqError('ENOCOMPATPROTO', { address: text })
      return address
    } catch (error) {
      throw failure(error, { address: text })
    }
  }
}
