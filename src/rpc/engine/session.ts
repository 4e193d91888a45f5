// One connection between two peers, who are alike: each may serve something and call the other. Frames come in here and go
// to the part that they are for; everything that the two hold of one another ends with it.
//
//   greeting --HELLO, admitted--> open --close--> draining (what runs is answered) --all done--> over
//      \---------- silence, a breach of the protocol, the stream's end ----------------------/

import { Reader } from '../../bytes/index.ts'
import { type Deferred, deferred } from '../../flow/index.ts'
import { isFlowing, type Peer, type Stream } from '../../transport/index.ts'
import type { Timer, World } from '../../world/index.ts'
import { Import } from '../refs/imports.ts'
import { References } from '../refs/references.ts'
import { type ValueLimits, ValueReader, ValueWriter } from '../value/index.ts'
import type { Waiting } from './answers.ts'
import type { RestoredBytes } from './arguments.ts'
import type { Calling, OutgoingCall } from './call.ts'
import { Callee, type Perform } from './callee.ts'
import { Caller } from './caller.ts'
import type { Deadlines } from './deadlines.ts'
import { CallError } from './errors.ts'
import { EngineFault, readFault, writeFault } from './faults.ts'
import { endings, frames } from './frames.ts'
import { type Hello, readHello, writeHello } from './hello.ts'
import { Liveness } from './liveness.ts'
import type { FrameObserver } from './observe.ts'
import { Outbox } from './outbox.ts'
import type { Replies } from './replies.ts'
import { Splitter } from './splitter.ts'
import { sendEnd, sendItem } from './stream-frames.ts'
import { objectStub } from './stub.ts'

/** What a connection may cost; each has a default in `callLimits`. */
export interface SessionLimits {
  readonly frameBytesMax: number
  readonly waitingMax: number
  readonly runningMax: number
  readonly referencesMax: number
  readonly windowBytes: number
  readonly backlogBytesMax: number
  readonly leaseMs: number
  readonly greetingMs: number
  readonly closeMs: number
  /** What one message may hold; default as `valueLimits`. */
  readonly valueLimits?: ValueLimits | undefined
}

export interface SessionParts {
  readonly stream: Stream
  readonly world: World
  readonly limits: SessionLimits
  /** What is served at this end. */
  readonly root: object | undefined
  /** What every server offers beside it. */
  readonly system?: object | undefined
  readonly perform: Perform
  readonly deadlines: Deadlines
  /** Ms that a call of ours waits, unless it says otherwise. */
  readonly timeoutMs: number
  readonly clientId: Buffer
  readonly credential: string
  readonly replies: Replies<Waiting> | undefined
  /** Who the peer is; throws or rejects when it is not to be served. */
  admit?(credential: string, peer: Peer): unknown
  /** See `Caller`. */
  settledBelow(): number
  takeBack(call: OutgoingCall, error: CallError): boolean
  restored(bytes: RestoredBytes): void
  /** The peer asks that new calls go elsewhere. */
  draining(): void
  readonly observe?: FrameObserver | undefined
  /** It is over; what waits for answers is the owner's now. */
  ended(reason: Error, waiting: readonly OutgoingCall[]): void
  fault(title: string, error: unknown): void
}

type State =
  | { readonly at: 'greeting'; readonly timer: Timer }
  | { readonly at: 'open' }
  | { readonly at: 'over'; readonly reason: Error }

export class Session implements Calling {
  readonly #parts: SessionParts
  readonly #outbox: Outbox
  readonly #references: References
  readonly #caller: Caller
  readonly #callee: Callee
  readonly #liveness: Liveness
  readonly #over = deferred()
  #state: State
  #clientId = ''
  #admitted: unknown
  #closing: Promise<void> | undefined
  #idle: Deferred<void> | undefined

  constructor(parts: SessionParts) {
    const { stream, world, limits } = parts
    this.#parts = parts
    this.#outbox = new Outbox(stream, {
      frameBytesMax: limits.frameBytesMax,
      waitingMax: limits.backlogBytesMax,
      inFlight: () => this.#caller.size,
      overflow: () => this.#broken(tooSlow(this.peer, limits)),
      observe: parts.observe,
    })
    this.#references = this.#makeReferences()
    this.#caller = new Caller({ ...this.#shared(), waitingMax: limits.waitingMax, ...this.#ofOwner() })
    this.#callee = this.#makeCallee()
    const timer = world.after(limits.greetingMs, () =>
      this.fail(new CallError('CALL_CONNECTION_LOST', `no greeting within ${limits.greetingMs} ms`)),
    )
    this.#state = { at: 'greeting', timer }
    this.#liveness = new Liveness({
      world,
      leaseMs: limits.leaseMs,
      sent: () => this.#outbox.batches,
      ping: () => this.#tell(frames.ping),
      dead: () =>
        this.fail(new CallError('CALL_CONNECTION_LOST', `nothing was heard for ${limits.leaseMs} ms`)),
    })
    this.#greet()
    this.#read()
  }

  get peer(): Peer {
    return this.#parts.stream.peer
  }
  /** Things of ours that the peer holds. */
  get held(): number {
    return this.#references.held
  }
  /** Things of the peer that we hold. */
  get holding(): number {
    return this.#references.holding
  }
  /** Calls of ours that wait for their answers. */
  get waiting(): number {
    return this.#caller.size
  }

  /** A call on something that came by this connection, with a deadline of its own. */
  call(call: OutgoingCall): void {
    if (this.#state.at !== 'over') armed(call, this.#parts)
    if (!call.isSettled) this.send(call)
  }

  /** Sends a call whose deadline is armed. */
  send(call: OutgoingCall): void {
    if (this.#state.at !== 'over') this.#caller.send(call)
    else if (call.target instanceof Import)
      call.reject(
        new CallError('CALL_REFERENCE_LOST', `reference ${call.target.id}`, { cause: this.#state.reason }),
      )
    else call.reject(this.#state.reason)
  }

  semanticsOf(): undefined {
    return undefined
  }

  pinned(): Calling {
    return this
  }

  /** New calls of the peer are refused, and it is told. */
  drain(): void {
    if (this.#state.at === 'over') return
    this.#callee.drain()
    this.#tell(frames.draining)
  }

  /** Answers what runs, then ends the connection; after `closeMs` it is cut. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  /** Ends it now. Idempotent. */
  fail(reason: Error): void {
    if (this.#state.at === 'over') return
    if (this.#state.at === 'greeting') this.#state.timer.cancel()
    this.#state = { at: 'over', reason }
    this.#outbox.flush() // what was said before the end
    this.#outbox.stop()
    this.#liveness.stop()
    this.#idle?.resolve()
    this.#callee.lose(reason)
    this.#references.lose(reason)
    this.#parts.ended(reason, this.#caller.lose())
    this.#parts.stream.abort(reason)
    this.#over.resolve()
  }

  async #close(): Promise<void> {
    const { world, limits, stream } = this.#parts
    if (this.#state.at === 'over') return
    const closed = new CallError('CALL_CLOSED', stream.peer.address)
    const timer = world.after(limits.closeMs, () => this.fail(closed))
    this.drain()
    if (this.#callee.size > 0) {
      this.#idle = deferred()
      await this.#idle.promise
    }
    this.#outbox.flush()
    await Promise.race([stream.close().catch(() => {}), this.#over.promise])
    timer.cancel()
    this.fail(closed)
  }

  #greet(): void {
    const { clientId, credential, limits } = this.#parts
    const { leaseMs, frameBytesMax } = limits
    const to = this.#outbox.begin(frames.hello)
    writeHello(to, { clientId, credential, leaseMs, frameBytesMax })
    this.#outbox.end(to)
  }

  #read(): void {
    const { stream, limits } = this.#parts
    const splitter = new Splitter(limits.frameBytesMax, (buffer, start, end) =>
      this.#frame(buffer, start, end),
    )
    const push = (chunk: Buffer): void => {
      this.#liveness.heard()
      this.#outbox.hold(chunk.length)
      try {
        if (this.#state.at !== 'over') splitter.push(chunk)
        this.#outbox.release()
      } catch (error) {
        this.#broken(error)
      }
    }
    if (isFlowing(stream))
      stream.flow({
        chunk: chunk => {
          push(chunk)
          return false
        },
        ended: reason => this.#ended(reason),
      })
    else void this.#pull(push)
  }

  async #pull(push: (chunk: Buffer) => void): Promise<void> {
    try {
      for await (const chunk of this.#parts.stream.bytes) push(chunk)
      this.#ended()
    } catch (error) {
      this.#ended(error instanceof Error ? error : new Error(String(error)))
    }
  }

  #ended(reason?: Error): void {
    const { address } = this.#parts.stream.peer
    const detail = reason === undefined ? `${address} ended it` : `${address}: ${reason.message}`
    const code = this.#closing === undefined ? 'CALL_CONNECTION_LOST' : 'CALL_CLOSED'
    this.fail(new CallError(code, detail, { cause: reason }))
  }

  /** The peer breaks the protocol, or we do over what it says: it is not spoken to any more, and others are. */
  #broken(error: unknown): void {
    if (this.#state.at === 'over') return
    const reason =
      error instanceof CallError
        ? error
        : new CallError('CALL_PROTOCOL', error instanceof Error ? error.message : String(error), {
            cause: error,
          })
    this.#parts.fault(`connection of ${this.peer.address}`, error)
    this.fail(reason)
  }

  #frame(buffer: Buffer, start: number, end: number): void {
    if (this.#state.at === 'over') return // what is behind the last words
    const from = new Reader(buffer, start + 1, end)
    const kind = buffer[start]
    const { observe } = this.#parts
    if (observe !== undefined) observe({ at: 'received', frame: buffer.subarray(start, end) })
    if (this.#state.at === 'greeting' && kind !== frames.hello)
      throw new CallError('CALL_PROTOCOL', 'it does not begin with a greeting')
    const act = this.#actions[kind ?? 0]
    if (act === undefined) throw new CallError('CALL_PROTOCOL', `a frame of the kind ${kind}`)
    act(from, end - start)
  }

  /** What each kind of frame leads to. */
  readonly #actions: Readonly<Record<number, (from: Reader, bytes: number) => void>> = {
    [frames.call]: from => this.#callee.arrived(from),
    [frames.result]: from => this.#caller.result(from),
    [frames.fault]: from => this.#fault(from.uvarint(), from),
    [frames.hello]: from => this.#hello(readHello(from)),
    [frames.delivered]: from => this.#caller.delivered(from.uvarint()),
    [frames.cancel]: from => this.#callee.cancelled(from.uvarint()),
    [frames.finished]: from => this.#callee.finished(from.uvarint()),
    [frames.item]: (from, bytes) => this.#item(from, bytes),
    [frames.end]: from => this.#streamEnd(from),
    [frames.credit]: from => this.#references.outgoing(from.uvarint())?.grant(from.uvarint()),
    [frames.stop]: from => this.#references.outgoing(from.uvarint())?.stop(),
    [frames.release]: from => this.#references.released(from.uvarint(), from.uvarint()),
    [frames.ping]: () => this.#tell(frames.pong),
    [frames.pong]: () => {},
    [frames.draining]: () => this.#parts.draining(),
  }

  #hello(hello: Hello): void {
    if (this.#state.at !== 'greeting') throw new CallError('CALL_PROTOCOL', 'it greets twice')
    this.#state.timer.cancel()
    this.#state = { at: 'open' }
    this.#clientId = hello.clientId.toString('hex')
    this.#outbox.frameBytesMax = hello.frameBytesMax
    this.#liveness.expectedWithin(hello.leaseMs)
    void this.#admit(hello)
  }

  async #admit({ credential }: Hello): Promise<void> {
    const { admit } = this.#parts
    try {
      if (admit !== undefined) this.#admitted = await admit(credential, this.peer)
      this.#callee.begin()
    } catch (error) {
      this.#parts.fault(`admission of ${this.peer.address}`, error)
      this.#refuse(
        new CallError('CALL_REFUSED', error instanceof CallError ? error.detail : this.peer.address),
      )
    }
  }

  /** Tells the peer why it is not served, and ends. */
  #refuse(told: CallError): void {
    if (this.#state.at === 'over') return
    const to = this.#outbox.begin(frames.fault)
    to.uvarint(0)
    writeFault(to, new ValueWriter(to), new EngineFault(told))
    this.#outbox.end(to)
    this.#callee.lose(told)
    void this.close()
  }

  /** Number 0 is no call: the peer refuses us. */
  #fault(id: number, from: Reader): void {
    if (id > 0) {
      this.#caller.fault(id, from)
      return
    }
    const reason = readFault(from, new ValueReader(from))
    this.fail(reason instanceof Error ? reason : new CallError('CALL_REFUSED', this.peer.address))
  }

  #item(from: Reader, bytes: number): void {
    const stream = this.#references.incoming(from.uvarint())
    if (stream === undefined) {
      // We have left it, and the peer does not know it yet.
      new ValueReader(from, this.#references.unwanted, this.#parts.limits.valueLimits).read()
      return
    }
    stream.item(new ValueReader(from, this.#references, this.#parts.limits.valueLimits).read(), bytes)
  }

  #streamEnd(from: Reader): void {
    const stream = this.#references.incoming(from.uvarint())
    if (from.buffer[from.at] === endings.well) stream?.end()
    else stream?.end({ reason: readFault(from, new ValueReader(from, this.#references)) })
  }

  #tell(kind: number, ...numbers: readonly number[]): void {
    if (this.#state.at === 'over') return
    const to = this.#outbox.begin(kind)
    for (const number of numbers) to.uvarint(number)
    this.#outbox.end(to)
  }

  #checkIdle(): void {
    if (this.#callee.size === 0) this.#idle?.resolve()
  }

  #shared() {
    return {
      world: this.#parts.world,
      outbox: this.#outbox,
      references: this.#references,
      valueLimits: this.#parts.limits.valueLimits,
    }
  }

  #ofOwner() {
    const { settledBelow, takeBack, restored } = this.#parts
    return { settledBelow, takeBack, restored }
  }

  #makeReferences(): References {
    const { root, system, limits } = this.#parts
    const outbox = this.#outbox
    return new References({
      root,
      system,
      referencesMax: limits.referencesMax,
      calling: this,
      release: (id, count) => this.#tell(frames.release, id, count),
      streams: {
        windowBytes: limits.windowBytes,
        item: (id, value) => sendItem(outbox, this.#references, id, value),
        ended: (id, failed) => this.#sendEnd(id, failed),
        credit: (id, bytes) => this.#tell(frames.credit, id, bytes),
        stop: id => this.#tell(frames.stop, id),
        get room() {
          return outbox.room
        },
      },
    })
  }

  #sendEnd(id: number, failed: { readonly reason: unknown } | undefined): void {
    if (this.#state.at !== 'over') sendEnd(this.#outbox, this.#references, id, failed)
  }

  #makeCallee(): Callee {
    const { world, stream, limits, deadlines, replies, fault } = this.#parts
    const self = this
    return new Callee({
      ...this.#shared(),
      deadlines,
      replies,
      fault,
      runningMax: limits.runningMax,
      waitingMax: limits.waitingMax,
      waitingBytesMax: limits.frameBytesMax,
      referencesMax: limits.referencesMax,
      clientId: () => this.#clientId,
      perform: this.#parts.perform,
      ended: () => this.#checkIdle(),
      calls: {
        world,
        peer: stream.peer,
        get caller() {
          return self.#admitted
        },
        back: () => objectStub({ calling: this, target: 0, prefix: '', options: {} }),
        expired: call =>
          self.#callee.giveUp(
            call,
            new CallError('CALL_TIMEOUT', `${call.method}: the caller's deadline`),
            'CALL_TIMEOUT',
          ),
      },
    })
  }
}

function tooSlow(peer: Peer, { backlogBytesMax }: SessionLimits): CallError {
  return new CallError('CALL_TOO_SLOW', `${backlogBytesMax} bytes wait for ${peer.address}`)
}

/** Arms the deadline of a call, once. */
export function armed(
  call: OutgoingCall,
  { deadlines, timeoutMs: usualMs }: Pick<SessionParts, 'deadlines' | 'timeoutMs'>,
): void {
  if (call.waitMs !== Number.POSITIVE_INFINITY) return
  const { signal, timeoutMs = usualMs } = call.options
  if (signal?.aborted) {
    call.reject(signal.reason)
    return
  }
  call.waitMs = timeoutMs
  deadlines.arm(call, timeoutMs)
}
