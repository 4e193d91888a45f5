// Answers the calls of one peer. They run side by side, as many at a time as the limit says; the others wait their turn, and
// what is beyond that is refused. Nothing is left unread meanwhile: a method that runs may wait for an answer which is
// behind those calls.
//
//   CALL --found--> waits its turn --room--> runs --result--> RESULT or FAULT
//                          \-- CANCEL, deadline, connection over: nobody is told any more, the method's signal aborts

import { type Reader, WireError, Writer } from '../../bytes/index.ts'
import type { References } from '../refs/references.ts'
import { type IncomingReferences, type ValueLimits, ValueReader, ValueWriter } from '../value/index.ts'
import { readArguments, readMarked } from './arguments.ts'
import type { Deadlines } from './deadlines.ts'
import { CallError } from './errors.ts'
import { EngineFault, unsendable, writeFault } from './faults.ts'
import { type Found, find } from './find.ts'
import { callFlags, frames } from './frames.ts'
import { type Calls, IncomingCall } from './incoming.ts'
import { readMetadata } from './metadata.ts'
import { NamesIn } from './names.ts'
import type { Outbox } from './outbox.ts'
import type { Answer, Replies, Reply } from './replies.ts'

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

/** A call that waits for an answer, and who can give it. */
export interface Waiting {
  readonly callee: Callee
  readonly call: IncomingCall
}

/** A call on what another has given, or has not. */
interface Following {
  readonly call: IncomingCall
  readonly before: number
  readonly thing: object | undefined
}

export class Callee {
  readonly #parts: CalleeParts
  readonly #names = new NamesIn()
  /** Calls that run, or wait their turn. */
  readonly #calls = new Map<number, IncomingCall>()
  /** Results that calls can be made on until the peer says that it makes no more. */
  readonly #promised = new Map<number, object>()
  readonly #turns = new Set<IncomingCall>()
  readonly #following: Following[] = []
  readonly #entries = new Map<IncomingCall, Reply<Waiting>>()
  /** Calls that wait, and their bytes. */
  #held = 0
  #heldBytes = 0
  #awaitedRoom: Promise<void> | undefined
  #running = 0
  #mayRun = false
  #isLost = false
  #isGoingOn = false
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
    for (const call of this.#turns) if (call.isKeyed) this.#meet(call)
    this.#next()
  }

  /** New calls are refused from now on. */
  drain(): void {
    this.#isDraining = true
  }

  /** Takes a CALL. Errors: CallError and WireError when its head cannot be read. */
  arrived(from: Reader): void {
    const call = this.#readHead(from)
    if (call.isKeyed) call.settledBelow = from.uvarint()
    if (this.#calls.has(call.id)) throw new CallError('CALL_PROTOCOL', `call ${call.id} is running already`)
    // What comes again may have run: it is not sent elsewhere.
    if (this.#isDraining && !call.isAgain) {
      this.#giveBack(call, from)
      this.#refuse(call, new EngineFault(new CallError('CALL_DRAINING', call.method)))
      return
    }
    try {
      this.#readArguments(call, from)
      if (call.isKeyed && this.#mayRun && !this.#isNew(call)) return
      this.#take(call, from.end - from.at)
    } catch (error) {
      this.#refuse(call, unreadable(error))
    }
  }

  /** The caller does not wait any more. */
  cancelled(id: number, reason: unknown): void {
    const call = this.#calls.get(id)
    if (call === undefined) return
    call.abandon(reason)
    this.#forget(call)
    if (!this.#entries.has(call)) this.#leaveTurn(call)
    this.#follow(call, undefined)
  }

  /** Somebody else waits for the answer of a call with the same key. */
  superseded(call: IncomingCall): void {
    if (this.#entries.has(call)) return // it is the one that runs
    call.isOver = true
    this.#forget(call)
  }

  /** No more calls will be made on the result of that call. */
  finished(id: number): void {
    this.#promised.delete(id)
  }

  /** The connection is over. Calls whose answers are kept go on. */
  lose(reason: Error): void {
    for (const call of this.#calls.values()) {
      call.disarm()
      if (!this.#entries.has(call)) call.abandon(reason)
    }
    for (const call of this.#turns) if (!this.#entries.has(call)) this.#leaveTurn(call)
    this.#calls.clear()
    this.#promised.clear()
    this.#isLost = true
    this.#next()
  }

  /** Gives an answer that is kept. */
  repeat(call: IncomingCall, { kind, body }: Answer): void {
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
      if (!this.#isNew(call)) this.#leaveTurn(call)
    } catch (error) {
      this.#leaveTurn(call)
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
    const waiting = { callee: this, call }
    const known = replies.arrived(this.#parts.clientId(), call.key, call.settledBelow, call.isAgain, waiting)
    switch (known.state) {
      case 'forgotten':
        throw new CallError('CALL_CONNECTION_LOST', 'the server does not know any more whether it ran')
      case 'full':
        throw new CallError('CALL_TOO_MANY', 'too many calls run whose answers are to be kept')
      case 'new':
        this.#entries.set(call, known.entry)
        return true
      case 'running':
        known.before?.callee.superseded(known.before.call)
        this.#calls.set(call.id, call)
        return false
      case 'answered':
        this.repeat(call, known.answer)
        return false
    }
  }

  #take(call: IncomingCall, bytes: number): void {
    this.#calls.set(call.id, call)
    this.#parts.deadlines.arm(call, call.deadlineMs)
    if (this.#turns.size === 0 && this.#canRun) {
      this.#run(call, bytes)
      return
    }
    this.#hold(call, bytes)
    this.#turns.add(call)
    this.#runWhenRoom()
  }

  /** The call waits, for its turn or for what another gives. Errors: CallError CALL_TOO_MANY. */
  #hold(call: IncomingCall, bytes: number): void {
    const { waitingMax, waitingBytesMax } = this.#parts
    if (this.#held >= waitingMax || this.#heldBytes + bytes > waitingBytesMax)
      throw new CallError('CALL_TOO_MANY', `${this.#held} calls wait their turn`)
    call.bytes = bytes
    this.#held++
    this.#heldBytes += bytes
  }

  /** Gives how many bytes it was. */
  #letGo(call: IncomingCall): number {
    const { bytes } = call
    this.#held--
    this.#heldBytes -= bytes
    return bytes
  }

  /** Its turn will not come. */
  #leaveTurn(call: IncomingCall): void {
    if (this.#turns.delete(call)) this.#letGo(call)
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
      this.#turns.delete(call)
      this.#run(call, this.#letGo(call))
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
    try {
      if ((call.flags & callFlags.pipelined) === 0) {
        this.#runOn(call, this.#parts.references.thing(call.target))
        return
      }
      const promised = this.#promised.get(call.target)
      const before = this.#calls.get(call.target)
      if (promised !== undefined) this.#runOn(call, promised)
      else if (before !== undefined) {
        this.#hold(call, bytes)
        before.followers ??= []
        before.followers.push(call)
      } else
        throw new CallError('CALL_NO_REFERENCE', `what call ${call.target} gave: it failed, or went by value`)
    } catch (error) {
      this.#refuse(call, unreadable(error))
    }
  }

  #runOn(call: IncomingCall, thing: object): void {
    const found = find(thing, call.method)
    if ((call.flags & callFlags.tellDelivered) !== 0) this.#tell(frames.delivered, call.id)
    let result: unknown
    this.#running++
    try {
      result = this.#parts.perform(call, found)
    } catch (error) {
      this.#failed(call, error)
      return
    }
    if (isPromise(result))
      result.then(
        value => this.#done(call, value),
        error => this.#failed(call, error),
      )
    else this.#done(call, result)
  }

  #done(call: IncomingCall, result: unknown): void {
    this.#running--
    const entry = this.#ended(call)
    try {
      if (!this.#isAwaited(call, entry)) {
        this.#follow(call, undefined)
        return
      }
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
    else this.#follow(call, undefined)
    this.#next()
  }

  /** The method was not run. */
  #refuse(call: IncomingCall, reason: unknown): void {
    const entry = this.#ended(call)
    if (call.isOneWay) this.#parts.fault(call.method, reason instanceof EngineFault ? reason.error : reason)
    const isTold = (call.flags & callFlags.tellDelivered) !== 0 && !call.isOver
    if (this.#isAwaited(call, entry) || isTold) this.#fail(call, entry, reason)
    else this.#follow(call, undefined)
  }

  /** Whether somebody is to be told, now or when he asks again. */
  #isAwaited(call: IncomingCall, entry: Reply<Waiting> | undefined): boolean {
    if (entry !== undefined) return true
    if (call.isOver || call.isOneWay) return false
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
    call.disarm()
    if (this.#calls.get(call.id) !== call) return
    this.#calls.delete(call.id)
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
    if (thing !== undefined) this.#keepPromised(call.id, thing)
    this.#follow(call, thing)
  }

  /** Who never says that he makes no more calls on his results keeps the newest. */
  #keepPromised(id: number, thing: object): void {
    this.#promised.set(id, thing)
    if (this.#promised.size <= this.#parts.referencesMax) return
    const [oldest = id] = this.#promised.keys()
    this.#promised.delete(oldest)
  }

  /** Calls on what the call gave, one after the other: they may be as long a chain as they like. */
  #follow(call: IncomingCall, thing: object | undefined): void {
    const { id, followers } = call
    if (followers === undefined) return
    call.followers = undefined
    const isFollowing = this.#following.length > 0
    for (const follower of followers) this.#following.push({ call: follower, before: id, thing })
    if (isFollowing) return
    for (let n = 0; n < this.#following.length; n++) {
      const next = this.#following[n]
      if (next !== undefined) this.#runAfter(next)
    }
    this.#following.length = 0
  }

  #runAfter({ call, before, thing }: Following): void {
    this.#letGo(call)
    if (call.isOver && !this.#entries.has(call)) return
    try {
      if (thing === undefined)
        throw new CallError('CALL_NO_REFERENCE', `what call ${before} gave: it failed, or went by value`)
      this.#runOn(call, thing)
    } catch (error) {
      this.#refuse(call, unreadable(error))
    }
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
    const answer: Answer = { kind, body: Buffer.concat(to.finish()) }
    const kept = isTied ? tied : answer
    replies?.answered(entry, kept)
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

function tiedAnswer(): Answer {
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

/** What is said of a call that cannot be carried out; what the program's own getters throw is told as it is. */
function unreadable(error: unknown): unknown {
  if (error instanceof CallError) return new EngineFault(error)
  if (error instanceof WireError) return new EngineFault(new CallError('CALL_BAD_ARGUMENTS', error.message))
  return error
}
