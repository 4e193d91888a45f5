// Answers the calls of one peer. They run side by side, as many at a time as the limit says; the others wait their turn, and
// what is beyond that is refused. Nothing is left unread meanwhile: a method that runs may wait for an answer which is
// behind those calls.
//
//   CALL --found--> waits its turn --room--> runs --result--> RESULT or FAULT
//                          \-- CANCEL, deadline: FAULT at once, and the method's signal aborts; connection over: the latter
//
// A method that answers at once, without a promise, is run and answered with nothing remembered of its call.

import { type Reader, WireError } from '../../bytes/index.ts'
import { SlotMap } from '../../collections/index.ts'
import type { References } from '../refs/references.ts'
import { type IncomingReferences, type ValueLimits, ValueReader } from '../value/index.ts'
import { Answers, type Waiting } from './answers.ts'
import { readArguments, readMarked } from './arguments.ts'
import type { Deadlines } from './deadlines.ts'
import { CallError } from './errors.ts'
import { EngineFault, unsendable } from './faults.ts'
import { type Found, find } from './find.ts'
import { callFlags } from './frames.ts'
import { type Calls, IncomingCall } from './incoming.ts'
import { readMetadata } from './metadata.ts'
import { NamesIn } from './names.ts'
import type { Outbox } from './outbox.ts'
import { Promised } from './promised.ts'
import type { Replies, Reply } from './replies.ts'
import { Turns } from './turns.ts'

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
  readonly referencesMax: number
  readonly valueLimits: ValueLimits | undefined
  readonly replies: Replies<Waiting> | undefined
  /** Who the peer is, for the answers that are kept; known after its first words. */
  clientId(): string
  /** A call is answered, or nobody waits for it any more. */
  ended(): void
  /** A method failed where nobody waits for its answer. */
  fault(title: string, error: unknown): void
}

export class Callee {
  readonly #parts: CalleeParts
  readonly #answers: Answers
  readonly #turns: Turns
  readonly #names = new NamesIn()
  /** Calls that run, or wait, by the numbers that the peer gave them. */
  readonly #calls = new SlotMap<IncomingCall>()
  readonly #promised: Promised
  #awaitedRoom: Promise<void> | undefined
  #running = 0
  #mayRun = false
  #isLost = false
  #isGoingOn = false
  #isDraining = false

  constructor(parts: CalleeParts) {
    this.#parts = parts
    this.#turns = new Turns(parts)
    this.#answers = new Answers({ ...parts, done: call => this.#forget(call) })
    this.#promised = new Promised(parts.referencesMax, (call, on) => this.#runAfter(call, on))
  }

  /** Calls that run, or wait. */
  get size(): number {
    return this.#calls.size
  }

  /** The peer was admitted: what has come may run. */
  begin(): void {
    this.#mayRun = true
    for (const call of this.#turns) if (call.isKeyed) this.#meet(call)
    this.#next()
  }

  /** New calls are refused from now on. */
  drain(): void {
    this.#isDraining = true
  }

  /** Takes a CALL. Errors: CallError and WireError when its head cannot be read. */
  arrived(from: Reader): void {
    const bytes = from.remaining
    const call = this.#readHead(from)
    if (call.isKeyed) call.settledBelow = from.uvarint()
    if (this.#calls.get(call.id) !== undefined || this.#promised.has(call.id))
      throw new CallError('CALL_PROTOCOL', `call ${call.id} is not over, and another has its number`)
    // What comes again may have run: it is not sent elsewhere.
    if (this.#isDraining && !call.isAgain) {
      this.#giveBack(call, from)
      this.#refuse(call, new EngineFault(new CallError('CALL_DRAINING', call.method)))
      return
    }
    try {
      this.#readArguments(call, from)
      if (call.isKeyed && this.#mayRun && !this.#isNew(call)) return
      this.#take(call, bytes)
    } catch (error) {
      this.#refuse(call, unreadable(error))
    }
  }

  /** CANCEL. */
  cancelled(id: number): void {
    const call = this.#calls.get(id)
    if (call === undefined) return // its answer is on the way
    this.giveUp(call, new DOMException('the caller gave up', 'AbortError'), 'CALL_CANCELLED')
  }

  /** Nobody waits for it any more, or it has no more time: that is the answer, and the method is told. */
  giveUp(call: IncomingCall, reason: Error, code: 'CALL_CANCELLED' | 'CALL_TIMEOUT'): void {
    this.#forget(call)
    if (call.entry === undefined) this.#turns.leave(call)
    if (!call.isOver) {
      call.abandon(reason)
      if (!call.isOneWay)
        this.#answers.fault(call, undefined, new EngineFault(new CallError(code, call.method)))
    }
    this.#promised.follow(call, undefined)
  }

  /** No more calls will be made on the result of that call. */
  finished(id: number): void {
    this.#promised.finish(id)
  }

  /** The connection is over. Calls whose answers are kept go on. */
  lose(reason: Error): void {
    for (const call of this.#calls.values()) {
      call.disarm()
      if (call.entry === undefined) call.abandon(reason)
    }
    for (const call of this.#turns) if (call.entry === undefined) this.#turns.leave(call)
    this.#calls.clear()
    this.#promised.clear()
    this.#isLost = true
    this.#next()
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

  /** What goes by reference in the arguments of a call that is not run. */
  #giveBack(call: IncomingCall, from: Reader): void {
    try {
      this.#readArguments(call, from, this.#parts.references.unwanted)
    } catch {
      // They cannot be read: the call is refused for another reason.
    }
  }

  #readArguments(
    call: IncomingCall,
    from: Reader,
    references: IncomingReferences = this.#parts.references,
  ): void {
    const values = new ValueReader(from, references, this.#parts.valueLimits)
    if ((call.flags & callFlags.restore) === 0) call.args = readArguments(from, values)
    else {
      const { args, watch } = readMarked(from, values)
      call.args = args
      call.watch = watch
    }
  }

  /** A call that came before its caller was admitted: it waits its turn only if it has not been here. */
  #meet(call: IncomingCall): void {
    try {
      if (!this.#isNew(call)) this.#turns.leave(call)
    } catch (error) {
      this.#turns.leave(call)
      this.#refuse(call, unreadable(error))
    }
  }

  /** Whether the call has not been here before; if it has, its answer is given, or will be. */
  #isNew(call: IncomingCall): boolean {
    const { replies } = this.#parts
    if (replies === undefined)
      throw new CallError(
        'CALL_BAD_ARGUMENTS',
        'no answers are kept at this end: nothing is answered at most once',
      )
    const waiting = { answers: this.#answers, call }
    const known = replies.arrived(this.#parts.clientId(), call.key, call.settledBelow, call.isAgain, waiting)
    switch (known.state) {
      case 'forgotten':
        throw new CallError('CALL_CONNECTION_LOST', 'the server does not know any more whether it ran')
      case 'full':
        throw new CallError('CALL_TOO_MANY', 'too many calls run whose answers are to be kept')
      case 'new':
        call.entry = known.entry
        return true
      case 'running':
        known.before?.answers.superseded(known.before.call)
        this.#register(call)
        return false
      case 'answered':
        this.#answers.repeat(call, known.answer)
        return false
    }
  }

  #take(call: IncomingCall, bytes: number): void {
    if (this.#turns.size === 0 && this.#canRun) {
      this.#run(call, bytes)
      return
    }
    this.#turns.add(call, bytes)
    this.#register(call)
    this.#runWhenRoom()
  }

  /** From now on it can be cancelled, comes due, and can be called on. */
  #register(call: IncomingCall): void {
    if (call.isRegistered) return
    call.isRegistered = true
    if (call.id !== 0) this.#calls.set(call.id, call)
    this.#parts.deadlines.arm(call, call.deadlineMs)
  }

  get #canRun(): boolean {
    const { runningMax, outbox } = this.#parts
    return this.#mayRun && this.#running < runningMax && (this.#isLost || outbox.room === undefined)
  }

  /** Those whose turn it is. One that ends at once comes back here: the loop that runs goes on with the next. */
  #next(): void {
    if (this.#isGoingOn) return
    this.#isGoingOn = true
    for (const call of this.#turns) {
      if (!this.#canRun) break
      this.#run(call, this.#turns.take(call))
    }
    this.#isGoingOn = false
    if (this.#turns.size > 0) this.#runWhenRoom()
  }

  /** Whatever comes first goes on with those that wait: the end of a call that runs, or room for its answer. */
  #runWhenRoom(): void {
    const { room } = this.#parts.outbox
    if (room === undefined || room === this.#awaitedRoom) return
    this.#awaitedRoom = room
    void room.then(() => this.#next())
  }

  #run(call: IncomingCall, bytes: number): void {
    if ((call.flags & callFlags.pipelined) === 0) {
      this.#runOn(call, () => this.#parts.references.thing(call.target))
      return
    }
    const before = this.#promised.has(call.target) ? undefined : this.#calls.get(call.target)
    if (before === undefined) this.#runOn(call, () => this.#promised.result(call.target))
    else this.#runAfterwards(call, before, bytes)
  }

  /** The call is made on what another will give. */
  #runAfterwards(call: IncomingCall, before: IncomingCall, bytes: number): void {
    try {
      this.#turns.hold(call, bytes)
    } catch (error) {
      this.#refuse(call, unreadable(error))
      return
    }
    this.#register(call)
    before.followers ??= []
    before.followers.push(call)
  }

  /** What `on` throws, and names that lead nowhere, refuse the call; what a getter throws on the way is the method's. */
  #runOn(call: IncomingCall, on: () => object): void {
    let found: Found
    try {
      found = find(on(), call.method)
    } catch (error) {
      this.#refuse(call, unreadable(error))
      return
    }
    if (call.awaitsDelivery) {
      call.awaitsDelivery = false
      this.#answers.delivered(call)
    }
    this.#perform(call, found)
  }

  #perform(call: IncomingCall, found: Found): void {
    let result: unknown
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
    if (!this.#isAwaited(call, entry)) this.#promised.follow(call, undefined)
    else {
      try {
        this.#answers.result(call, entry, result)
        this.#promise(call, result)
      } catch (error) {
        this.#fail(call, entry, new EngineFault(unsendable(error)))
      }
    }
    this.#next()
  }

  #failed(call: IncomingCall, reason: unknown): void {
    this.#running--
    const entry = this.#ended(call)
    if (call.isOneWay) this.#parts.fault(call.method, reason)
    if (this.#isAwaited(call, entry)) this.#fail(call, entry, reason)
    else this.#promised.follow(call, undefined)
    this.#next()
  }

  /** The method was not run. */
  #refuse(call: IncomingCall, reason: unknown): void {
    const entry = this.#ended(call)
    if (this.#isAwaited(call, entry)) {
      this.#fail(call, entry, reason)
      return
    }
    if (call.isOneWay) this.#parts.fault(call.method, reason instanceof EngineFault ? reason.error : reason)
    this.#promised.follow(call, undefined)
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
    if (!call.isKeyed) return undefined
    const { entry } = call
    call.entry = undefined
    return entry
  }

  #forget(call: IncomingCall): void {
    if (!call.isRegistered) return
    call.disarm()
    if (this.#calls.get(call.id) === call) this.#calls.delete(call.id)
    this.#parts.ended()
  }

  #fail(call: IncomingCall, entry: Reply<Waiting> | undefined, reason: unknown): void {
    this.#answers.fault(call, entry, reason)
    this.#promised.follow(call, undefined)
  }

  /** What a call gave by reference can be called on, by those that came before it and those that are on their way. */
  #promise(call: IncomingCall, result: unknown): void {
    const isThing = typeof result === 'function' || (typeof result === 'object' && result !== null)
    const thing = isThing && this.#parts.references.isReference(result) ? result : undefined
    if (thing !== undefined && !this.#isLost) this.#promised.keep(call.id, thing)
    this.#promised.follow(call, thing)
  }

  #runAfter(call: IncomingCall, on: () => object): void {
    this.#turns.letGo(call)
    if (!call.isOver || call.entry !== undefined) this.#runOn(call, on)
  }
}

const none = Object.freeze({})

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return (
    value instanceof Promise ||
    (typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function')
  )
}

/** What is said of a call that cannot be carried out; what the program's own getters throw is told as it is. */
function unreadable(error: unknown): unknown {
  if (error instanceof CallError) return new EngineFault(error)
  if (error instanceof WireError) return new EngineFault(new CallError('CALL_BAD_ARGUMENTS', error.message))
  return error
}
