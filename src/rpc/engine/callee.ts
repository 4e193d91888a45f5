// Answers the calls of one peer. They run side by side, as many at a time as the limit says; the others wait their turn, and
// what is beyond that is refused. Nothing is left unread meanwhile: a method that runs may wait for an answer which is
// behind those calls.
//
//   CALL --found--> waits its turn --room--> runs --result--> RESULT or FAULT
//                          \-- CANCEL, deadline, connection over: nobody is told any more, the method's signal aborts

import { type Reader, WireError, Writer } from '../../bytes/index.ts'
import type { References } from '../refs/references.ts'
import { type ValueLimits, ValueReader, ValueWriter } from '../value/index.ts'
import { readArguments, readMarked } from './arguments.ts'
import type { Deadlines } from './deadlines.ts'
import { CallError } from './errors.ts'
import { EngineFault, writeFault } from './faults.ts'
import { type Found, find } from './find.ts'
import { callFlags, frames } from './frames.ts'
import { type Calls, IncomingCall } from './incoming.ts'
import { readMetadata } from './metadata.ts'
import { NamesIn } from './names.ts'
import type { Outbox } from './outbox.ts'
import type { Replies, Reply } from './replies.ts'

/** Runs a method as the answer to a call: at once, or through interceptors. */
export type Perform = (call: IncomingCall, found: Found) => unknown

export interface CalleeParts {
  readonly outbox: Outbox
  readonly references: References
  readonly deadlines: Deadlines
  readonly calls: Calls
  readonly perform: Perform
  readonly runningMax: number
  readonly waitingMax: number
  readonly waitingBytesMax: number
  readonly valueLimits: ValueLimits | undefined
  readonly replies: Replies<Waiting> | undefined
  /** Who the peer is, for the answers that are kept; known after its first words. */
  clientId(): string
  /** A call is answered, or nobody waits for it any more. */
  ended(): void
  /** A method failed where nobody waits for its answer. */
  fault(title: string, error: unknown): void
}

/** A call that waits for an answer, and who can give it. */
export interface Waiting {
  readonly callee: Callee
  readonly call: IncomingCall
}

export class Callee {
  readonly #parts: CalleeParts
  readonly #names = new NamesIn()
  /** Calls that run, or wait their turn. */
  readonly #calls = new Map<number, IncomingCall>()
  /** Results that calls can be made on until the peer says that it makes no more. */
  readonly #promised = new Map<number, object>()
  readonly #turns: IncomingCall[] = []
  readonly #entries = new Map<IncomingCall, Reply<Waiting>>()
  #turnsBytes = 0
  #running = 0
  #mayRun = false
  #isTaking = false
  #isDraining = false

  constructor(parts: CalleeParts) {
    this.#parts = parts
  }

  /** Calls that run, or wait their turn. */
  get size(): number {
    return this.#calls.size
  }

  /** The peer was admitted: what has come may run. */
  begin(): void {
    this.#mayRun = true
    this.#next()
  }

  /** New calls are refused from now on. */
  drain(): void {
    this.#isDraining = true
  }

  /** Takes a CALL. Errors: CallError and WireError when its head cannot be read. */
  arrived(from: Reader): void {
    const call = this.#readHead(from)
    const again = (call.flags & callFlags.again) !== 0
    const settledBelow = call.isKeyed ? from.uvarint() : 0
    if (this.#calls.has(call.id)) throw new CallError('CALL_PROTOCOL', `call ${call.id} is running already`)
    if (this.#promised.has(call.id)) throw new CallError('CALL_PROTOCOL', `call ${call.id} is not finished`)
    if (this.#isDraining) {
      this.#refuse(call, new EngineFault(new CallError('CALL_DRAINING', call.method)))
      return
    }
    try {
      this.#readArguments(call, from)
      if (call.isKeyed && !this.#isNew(call, settledBelow, again)) return
      this.#take(call, from.end - from.at)
    } catch (error) {
      this.#refuse(call, unreadable(error))
    }
  }

  /** The caller does not wait any more, or has no more time: that is the answer. */
  cancelled(id: number, reason: Error): void {
    const call = this.#calls.get(id)
    if (call === undefined) return // its answer is on the way
    this.#forget(call)
    if (call.isOver) return
    call.abandon(reason)
    const told = reason instanceof CallError ? reason : new CallError('CALL_CANCELLED', call.method)
    this.#fail(call, undefined, new EngineFault(told))
  }

  /** No more calls will be made on the result of that call. */
  finished(id: number): void {
    this.#promised.delete(id)
  }

  /** The connection is over. Calls whose answers are kept go on. */
  lose(reason: Error): void {
    for (const call of [...this.#calls.values()]) {
      call.disarm()
      if (!call.isKeyed) call.abandon(reason)
    }
    this.#calls.clear()
    this.#promised.clear()
    this.#turns.length = 0
  }

  /** Gives an answer that is kept. */
  repeat(call: IncomingCall, { kind, body }: NonNullable<Reply<Waiting>['answer']>): void {
    const { outbox } = this.#parts
    this.#forget(call)
    if (call.isOver) return
    call.isOver = true
    const to = outbox.begin(kind)
    to.uvarint(call.id)
    to.raw(body)
    outbox.end(to)
  }

  #readHead(from: Reader): IncomingCall {
    const id = from.uvarint()
    const flags = from.uvarint()
    const target = from.uvarint()
    const method = this.#names.read(from)
    const deadlineMs = (flags & callFlags.deadline) !== 0 ? from.uvarint() : Number.POSITIVE_INFINITY
    const metadata = (flags & callFlags.metadata) !== 0 ? readMetadata(from) : none
    const key = (flags & callFlags.keyed) !== 0 ? from.uvarint() : 0
    return new IncomingCall(id, flags, target, method, deadlineMs, metadata, key, this.#parts.calls)
  }

  #readArguments(call: IncomingCall, from: Reader): void {
    const { references, valueLimits } = this.#parts
    const values = new ValueReader(from, references, valueLimits)
    if ((call.flags & callFlags.restore) === 0) call.args = readArguments(from, values)
    else {
      const { args, watch } = readMarked(from, values)
      call.args = args
      call.watch = watch
    }
  }

  /** Whether the call has not been here before; if it has, its answer is given, or will be. */
  #isNew(call: IncomingCall, settledBelow: number, again: boolean): boolean {
    const { replies } = this.#parts
    if (replies === undefined)
      throw new CallError(
        'CALL_BAD_ARGUMENTS',
        'no answers are kept at this end: nothing is answered at most once',
      )
    const waiting = { callee: this, call }
    const known = replies.arrived(this.#parts.clientId(), call.key, settledBelow, again, waiting)
    if (known.state === 'forgotten')
      throw new CallError('CALL_CONNECTION_LOST', 'the server does not know any more whether it ran')
    if (known.state === 'answered' && known.entry.answer !== undefined) this.repeat(call, known.entry.answer)
    else this.#register(call)
    if (known.state !== 'new') return false
    this.#entries.set(call, known.entry)
    return true
  }

  #take(call: IncomingCall, bytes: number): void {
    if (this.#canRun) {
      this.#run(call)
      return
    }
    const { waitingMax, waitingBytesMax } = this.#parts
    if (this.#turns.length >= waitingMax || this.#turnsBytes + bytes > waitingBytesMax)
      throw new CallError('CALL_TOO_MANY', `${this.#turns.length} calls wait their turn`)
    this.#register(call)
    call.bytes = bytes
    this.#turnsBytes += bytes
    this.#turns.push(call)
    this.#parts.outbox.room?.then(() => this.#next())
  }

  /** From now on it can be cancelled, comes due, and can be called on. */
  #register(call: IncomingCall): void {
    if (call.isRegistered) return
    call.isRegistered = true
    if (call.id !== 0) this.#calls.set(call.id, call)
    this.#parts.deadlines.arm(call, call.deadlineMs)
  }

  get #canRun(): boolean {
    return this.#mayRun && this.#running < this.#parts.runningMax && this.#parts.outbox.room === undefined
  }

  /** Those whose turn it is. A method that answers at once comes here again: the loop that runs goes on. */
  #next(): void {
    if (this.#isTaking) return
    this.#isTaking = true
    while (this.#canRun) {
      const call = this.#turns.shift()
      if (call === undefined) break
      this.#turnsBytes -= call.bytes
      if (!call.isOver || call.isKeyed) this.#run(call)
    }
    this.#isTaking = false
  }

  #run(call: IncomingCall): void {
    if ((call.flags & callFlags.pipelined) === 0) {
      this.#runOn(call, () => this.#parts.references.thing(call.target))
      return
    }
    const before = this.#promised.has(call.target) ? undefined : this.#calls.get(call.target)
    if (before === undefined) this.#runOn(call, () => this.#given(call.target))
    else {
      this.#register(call)
      before.followers ??= []
      before.followers.push(call)
    }
  }

  /** What a call gave. */
  #given(id: number): object {
    const thing = this.#promised.get(id)
    if (thing !== undefined) return thing
    throw new CallError('CALL_NO_REFERENCE', `what call ${id} gave: it failed, or went by value`)
  }

  /** Errors of `on`, and names that lead nowhere, refuse the call; what a getter throws on the way is the method's. */
  #runOn(call: IncomingCall, on: () => object): void {
    let found: Found
    let result: unknown
    try {
      found = find(on(), call.method)
    } catch (error) {
      this.#refuse(call, error instanceof CallError ? new EngineFault(error) : error)
      return
    }
    if (call.awaitsDelivery) {
      call.awaitsDelivery = false
      this.#tell(frames.delivered, call.id)
    }
    this.#running++
    try {
      result = this.#parts.perform(call, found)
    } catch (error) {
      this.#failed(call, error)
      return
    }
    if (!isPromise(result)) {
      this.#done(call, result)
      return
    }
    this.#register(call)
    result.then(
      value => this.#done(call, value),
      error => this.#failed(call, error),
    )
  }

  #done(call: IncomingCall, result: unknown): void {
    this.#running--
    const entry = this.#ended(call)
    try {
      if (!this.#isAwaited(call, entry)) return
      this.#send(frames.result, call, entry, (_to, values) => {
        call.watch?.writeChanges(values)
        values.write(result, 'result')
      })
      this.#promise(call, result)
    } catch (error) {
      this.#fail(call, entry, unsendable(error))
    } finally {
      this.#next()
    }
  }

  #failed(call: IncomingCall, reason: unknown): void {
    this.#running--
    const entry = this.#ended(call)
    if (call.isOneWay) this.#parts.fault(call.method, reason)
    if (this.#isAwaited(call, entry)) this.#fail(call, entry, reason)
    this.#next()
  }

  /** The method was not run. */
  #refuse(call: IncomingCall, reason: unknown): void {
    const entry = this.#ended(call)
    const isAwaited = this.#isAwaited(call, entry)
    if (isAwaited) this.#fail(call, entry, reason)
    else if (call.isOneWay)
      this.#parts.fault(call.method, reason instanceof EngineFault ? reason.error : reason)
  }

  /** Whether somebody is to be told, now or when he asks again. */
  #isAwaited(call: IncomingCall, entry: Reply<Waiting> | undefined): boolean {
    if (entry !== undefined) return true
    // One-way calls that have been delivered have had their answer with that.
    if (call.isOver || (call.isOneWay && !call.awaitsDelivery)) return false
    call.isOver = true
    return true
  }

  #ended(call: IncomingCall): Reply<Waiting> | undefined {
    this.#forget(call)
    const entry = this.#entries.get(call)
    this.#entries.delete(call)
    return entry
  }

  #forget(call: IncomingCall): void {
    if (!call.isRegistered) return
    call.disarm()
    if (this.#calls.get(call.id) === call) this.#calls.delete(call.id)
    this.#parts.ended()
  }

  #fail(call: IncomingCall, entry: Reply<Waiting> | undefined, reason: unknown): void {
    try {
      this.#send(frames.fault, call, entry, (to, values) => writeFault(to, values, reason))
    } catch (error) {
      const told = new EngineFault(unsendable(error))
      this.#send(frames.fault, call, entry, (to, values) => writeFault(to, values, told))
    }
    this.#follow(call, undefined)
  }

  /** What a call gave by reference can be called on, by those that came before it and those that are on their way. */
  #promise(call: IncomingCall, result: unknown): void {
    const isThing = typeof result === 'function' || (typeof result === 'object' && result !== null)
    const thing = isThing && this.#parts.references.isReference(result) ? result : undefined
    if (thing !== undefined) this.#promised.set(call.id, thing)
    this.#follow(call, thing)
  }

  #follow(call: IncomingCall, thing: object | undefined): void {
    const { followers } = call
    if (followers === undefined) return
    call.followers = undefined
    for (const follower of followers)
      if (!follower.isOver) this.#runOn(follower, () => thing ?? this.#given(call.id))
  }

  #send(
    kind: number,
    call: IncomingCall,
    entry: Reply<Waiting> | undefined,
    write: (to: Writer, values: ValueWriter) => void,
  ): void {
    if (entry !== undefined) {
      this.#keepAndSend(kind, entry, write)
      return
    }
    const { outbox, references } = this.#parts
    const to = outbox.begin(kind)
    try {
      to.uvarint(call.id)
      write(to, new ValueWriter(to, references))
      outbox.end(to)
      references.settle(true)
    } catch (error) {
      outbox.undo(to)
      references.settle(false)
      throw error
    }
  }

  /** The answer is written once, for whoever waits now and for those who ask again. */
  #keepAndSend(kind: number, entry: Reply<Waiting>, write: (to: Writer, values: ValueWriter) => void): void {
    const { outbox, references, replies } = this.#parts
    const to = new Writer()
    try {
      write(to, new ValueWriter(to, references))
      if (to.bytes > outbox.frameBytesMax)
        throw new CallError(
          'CALL_TOO_LARGE',
          `${to.bytes} bytes, the other side takes ${outbox.frameBytesMax}`,
        )
    } catch (error) {
      references.settle(false)
      throw error
    }
    const isTied = references.hasFresh
    references.settle(true)
    const { waiting } = entry
    const answer = { kind, body: Buffer.concat(to.finish()) }
    const kept = isTied ? tied : answer
    replies?.answered(entry, kept.kind, kept.body)
    waiting?.callee.repeat(waiting.call, waiting.callee === this ? answer : kept)
  }

  #tell(kind: number, id: number): void {
    const { outbox } = this.#parts
    const to = outbox.begin(kind)
    to.uvarint(id)
    outbox.end(to)
  }
}

const none = Object.freeze({})

/** What is kept of an answer with references in it: they are tied to their connection. */
const tied = tiedAnswer()

function tiedAnswer(): { readonly kind: number; readonly body: Buffer } {
  const to = new Writer()
  const lost = new CallError(
    'CALL_REFERENCE_LOST',
    'the answer went by reference over a connection that is over',
  )
  writeFault(to, new ValueWriter(to), new EngineFault(lost))
  return { kind: frames.fault, body: Buffer.concat(to.finish()) }
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return (
    value instanceof Promise ||
    (typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function')
  )
}

/** What is said of a call whose arguments cannot be read. */
function unreadable(error: unknown): EngineFault {
  if (error instanceof CallError) return new EngineFault(error)
  if (error instanceof WireError) return new EngineFault(new CallError('CALL_BAD_ARGUMENTS', error.message))
  throw error
}

/** What is said of a result that cannot be sent: the writer's reason, or what a getter of it threw. */
function unsendable(error: unknown): CallError {
  if (error instanceof CallError) return error
  return new CallError('CALL_BAD_RESULT', error instanceof Error ? error.message : String(error))
}
