// The in-process names of one context: who is bound, and who waits for somebody to bind.

import { ZmqError } from './errors.ts'
import type { InprocPipe } from './inproc.ts'
import type { SocketCore } from './socket-core.ts'

interface Waiting {
  readonly core: SocketCore
  readonly pipe: InprocPipe
}

export class InprocBindings {
  readonly #bound = new Map<string, SocketCore>()
  readonly #waiting = new Map<string, Set<Waiting>>()

  has(name: string): boolean {
    return this.#bound.has(name)
  }

  /** Errors: ZmqError EADDRINUSE. */
  bind(name: string, core: SocketCore, address: string): void {
    if (this.#bound.has(name)) throw new ZmqError('EADDRINUSE', { address })
    this.#bound.set(name, core)
    const waiting = this.#waiting.get(name) ?? []
    this.#waiting.delete(name)
    for (const one of waiting) this.#join(one, core)
  }

  unbind(name: string, core: SocketCore): void {
    if (this.#bound.get(name) === core) this.#bound.delete(name)
  }

  /** Joins the pipe to the bound socket, now or when there is one. */
  connect(name: string, core: SocketCore, pipe: InprocPipe, peerId: Buffer | undefined): void {
    if (peerId !== undefined) {
      pipe.routingId = peerId
      pipe.hasGivenId = true
    }
    const bound = this.#bound.get(name)
    if (bound !== undefined) {
      this.#join({ core, pipe }, bound)
      return
    }
    const waiting = this.#waiting.get(name) ?? new Set()
    this.#waiting.set(name, waiting.add({ core, pipe }))
    if (!core.definition.waitsForPeer || peerId !== undefined) core.attach(pipe, true)
  }

  #join({ core, pipe }: Waiting, bound: SocketCore): void {
    // libzmq joins whatever types there are; a PUSH that is read by a SUB helps nobody.
    if (!bound.definition.peers.includes(core.definition.name)) return void pipe.close()
    const other = bound.inprocPipe()
    pipe.introduce(other)
    bound.attach(other, false)
    if (!core.owns(pipe)) core.attach(pipe, true)
    if (!other.isOpen || !pipe.isOpen) {
      void pipe.close()
      void other.close()
      return
    }
    pipe.joinWith(other)
    bound.renewed(other)
    core.renewed(pipe)
    pipe.flow()
    other.flow()
    core.wakeSenders()
    bound.wakeSenders()
  }

  /** The pipe waits no more. */
  forget(pipe: InprocPipe): void {
    for (const [name, waiting] of this.#waiting) {
      for (const one of waiting) if (one.pipe === pipe) waiting.delete(one)
      if (waiting.size === 0) this.#waiting.delete(name)
    }
  }
}
