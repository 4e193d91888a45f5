// The socket behind its faces: its pipes, its protocol's state, the send buffer, and those who wait to send.
//
//   open --close--> closing (what was sent leaves) --> closed        any --abort--> closed

import { Fifo } from '../../collections/index.ts'
import { Waiters } from '../../flow/index.ts'
import type { World } from '../../world/index.ts'
import { asError, SpError } from './errors.ts'
import { spLimits } from './limits.ts'
import type { Link } from './link.ts'
import type { Message } from './message.ts'
import type { Settings } from './options.ts'
import type { Host, Lane, Pattern, Verdict } from './pattern.ts'
import { Pipe, type PipeInfo } from './pipe.ts'

/** What happens to a pipe (nng_pipe_notify(3)). */
export interface PipeEvent {
  /** `adding`: before it is used, `close` refuses it; `added`; `removed`. */
  readonly at: 'adding' | 'added' | 'removed'
  readonly pipe: PipeInfo
}

interface Buffered<L> {
  readonly lane: L
  readonly message: Message
}

export class Core<S, L extends Lane> implements Host {
  readonly settings: Settings
  readonly world: World
  readonly pattern: Pattern<S, L>
  readonly arrivals = new Waiters()
  readonly state: S
  reads = 0
  readonly #lanes = new Set<L>()
  readonly #pipes = new Map<Pipe, Link>()
  readonly #listeners = new Set<(event: PipeEvent) => void>()
  readonly #rooms = new Waiters()
  /** By context, what it waits to send, where the pattern `replaces`. */
  readonly #latest = new Map<L, Message>()
  readonly #buffer = new Fifo<Buffered<L>>()
  #waiting = 0
  #nextPipeId: number
  #phase: 'open' | 'closing' | 'closed' = 'open'

  constructor(pattern: Pattern<S, L>, settings: Settings) {
    this.pattern = pattern
    this.settings = settings
    this.world = settings.world
    this.#nextPipeId = this.world.randomBytes(4).readUInt32BE() & 0x7fff_ffff
    this.state = pattern.open(this)
  }

  get isClosed(): boolean {
    return this.#phase !== 'open'
  }
  get pipes(): readonly PipeInfo[] {
    return [...this.#pipes.keys()]
  }

  /** Errors: SpError ENOTSUP above `contextsMax`. */
  openLane(): L {
    if (this.#lanes.size >= spLimits.contextsMax)
      throw new SpError('ENOTSUP', `more than ${spLimits.contextsMax} contexts`)
    const lane = this.pattern.lane(this.state)
    this.#lanes.add(lane)
    return lane
  }

  drop(lane: L): void {
    if (!this.#lanes.delete(lane)) return
    this.pattern.closed(this.state, lane)
    lane.arrivals.wake()
    this.#rooms.wake()
  }

  /** Listens to pipes; call what is returned to stop. */
  notify(listener: (event: PipeEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Sends now, or into the send buffer. Those who came earlier and wait are first. */
  offer(lane: L, message: Message): Verdict {
    if (this.pattern.replaces) this.#replace(lane)
    if (this.#waiting > 0 || this.#buffer.size > 0) return this.#enqueue(lane, message)
    const verdict = this.pattern.send(this.state, lane, message)
    return verdict === 'full' ? this.#enqueue(lane, message) : verdict
  }

  /** What the context waits to send will not be sent any more. */
  #replace(lane: L): void {
    if (this.#latest.delete(lane)) this.#rooms.wake()
  }

  #enqueue(lane: L, message: Message): Verdict {
    const max = this.pattern.sendBufferOf === 'socket' ? this.settings.sendBuffer : 0
    if (this.#waiting > 0 || this.#buffer.size >= max) return 'full'
    this.#buffer.push({ lane, message })
    return 'taken'
  }

  /** Waits until the message is taken. `check` throws when there is no use in waiting any more. */
  async whenTaken(
    lane: L,
    message: Message,
    signal: AbortSignal | undefined,
    check: () => void,
  ): Promise<void> {
    this.#waiting++
    if (this.pattern.replaces) this.#latest.set(lane, message)
    try {
      for (;;) {
        await this.#rooms.wait(signal)
        check()
        if (this.pattern.replaces && this.#latest.get(lane) !== message) throw new SpError('ECANCELED')
        if (this.#retry(lane, message)) return
      }
    } catch (error) {
      this.pattern.withdraw?.(this.state, lane, message)
      throw error
    } finally {
      this.#waiting--
      if (this.#latest.get(lane) === message) this.#latest.delete(lane)
    }
  }

  #retry(lane: L, message: Message): boolean {
    if (this.#buffer.size === 0 && this.pattern.send(this.state, lane, message) === 'taken') return true
    const max = this.pattern.sendBufferOf === 'socket' ? this.settings.sendBuffer : 0
    if (this.#buffer.size >= max) return false
    this.#buffer.push({ lane, message })
    return true
  }

  roomChanged(): void {
    for (let one = this.#buffer.peek(); one !== undefined; one = this.#buffer.peek()) {
      if (this.pattern.send(this.state, one.lane, one.message) !== 'taken') return
      this.#buffer.shift()
    }
    this.#rooms.wake()
  }

  take(lane: L): Message | undefined {
    return this.pattern.take(this.state, lane)
  }

  refuse(pipe: Pipe, flaw: string): void {
    this.settings.onFault?.(new SpError('EPROTO', flaw), pipe.address)
    pipe.close()
  }

  /**
   * A peer is connected and has shaken hands; resolves when it has gone. Never rejects: faults are told to `onFault`.
   * Errors, before it is used: SpError EBUSY, ECLOSED.
   */
  attach(
    link: Link,
    origin: { readonly address: string; readonly side: 'dialer' | 'listener' },
  ): Promise<void> {
    const pipe = new Pipe(link, {
      ...origin,
      id: this.#pipeId(),
      backlogMax: this.pattern.sendBufferOf === 'pipe' ? this.settings.sendBuffer : 0,
      inboxMax: this.settings.receiveBuffer,
    })
    let isRefused = false
    this.#tell({
      at: 'adding',
      pipe: {
        ...infoOf(pipe),
        close: () => {
          isRefused = true
        },
      },
    })
    try {
      if (this.isClosed || isRefused) throw new SpError('ECLOSED', 'the pipe was refused')
      if (this.#pipes.size >= spLimits.pipesMax)
        throw new SpError('EBUSY', `more than ${spLimits.pipesMax} pipes`)
      this.pattern.attach(this.state, pipe)
    } catch (error) {
      link.abort()
      throw error
    }
    this.#pipes.set(pipe, link)
    pipe.onRoom = () => {
      this.pattern.room(this.state, pipe)
      this.roomChanged()
    }
    this.#tell({ at: 'added', pipe })
    this.roomChanged()
    return this.#run(pipe, link)
  }

  async #run(pipe: Pipe, link: Link): Promise<void> {
    try {
      await link.run(payloads => this.#arrived(pipe, payloads))
    } catch (error) {
      if (pipe.isOpen && !this.isClosed) this.settings.onFault?.(asError(error), pipe.address)
    }
    if (this.#phase === 'closing') {
      // Reading is over as soon as `close` has begun, in one process at once; what was written is still on its way.
      pipe.end()
      this.roomChanged()
      return
    }
    link.abort()
    pipe.end()
    await pipe.emptied() // what a peer sent before it went can still be received
    this.#detach(pipe)
  }

  #arrived(pipe: Pipe, payloads: readonly Buffer[]): Promise<void> | undefined {
    this.reads++
    for (const payload of payloads) if (pipe.isOpen) this.pattern.receive(this.state, pipe, payload)
    return this.pattern.loses ? immediate() : pipe.afterTaken()
  }

  #detach(pipe: Pipe): void {
    if (!this.#pipes.delete(pipe)) return
    pipe.shut()
    this.pattern.detach(this.state, pipe)
    this.#tell({ at: 'removed', pipe })
    this.roomChanged()
  }

  #tell(event: PipeEvent): void {
    for (const listener of this.#listeners) listener(event)
  }

  #pipeId(): number {
    this.#nextPipeId = (this.#nextPipeId + 1) & 0x7fff_ffff || 1
    return this.#nextPipeId
  }

  /** Takes nothing more, sends what was taken, and ends the pipes; after `closeMs` they are cut. */
  async close(): Promise<void> {
    if (this.#phase !== 'open') return
    this.#phase = 'closing'
    this.#wakeAll()
    const timer = this.world.after(spLimits.closeMs, () => this.abort())
    await this.#emptied()
    await Promise.all([...this.#pipes].map(([, link]) => link.close().catch(() => {})))
    timer.cancel()
    this.abort()
  }

  /** Until what was sent is with the links, if anybody is there to take it. */
  async #emptied(): Promise<void> {
    while (this.#phase === 'closing' && this.#pipes.size > 0 && !this.#isIdle()) await this.#rooms.wait()
  }

  #isIdle(): boolean {
    if (this.#buffer.size > 0) return false
    for (const pipe of this.#pipes.keys()) if (!pipe.isIdle) return false
    return true
  }

  abort(reason?: Error): void {
    if (this.#phase === 'closed') return
    this.#phase = 'closed'
    this.#buffer.clear()
    for (const [pipe, link] of [...this.#pipes]) {
      link.abort(reason)
      this.#detach(pipe)
    }
    for (const lane of [...this.#lanes]) this.drop(lane)
    this.#wakeAll()
  }

  #wakeAll(): void {
    this.arrivals.wake()
    for (const lane of this.#lanes) lane.arrivals.wake()
    this.#rooms.wake()
  }
}

function infoOf({ id, peer, address, side }: Pipe): Omit<PipeInfo, 'close'> {
  return { id, peer, address, side }
}

/** So that receivers have had a turn before the next read can cost them messages. */
function immediate(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve))
}
