// Makes calls on one peer and gives their answers to who waits for them.

import type { Reader, Writer } from '../../bytes/index.ts'
import type { World } from '../../world/index.ts'
import { Import } from '../refs/imports.ts'
import type { References } from '../refs/references.ts'
import { ValueError, type ValueLimits, ValueReader, ValueWriter } from '../value/index.ts'
import {
  hasMarks,
  type Restored,
  type RestoredBytes,
  restore,
  writeArguments,
  writeMarked,
} from './arguments.ts'
import { type CallOwner, OutgoingCall, type Target } from './call.ts'
import { CallError } from './errors.ts'
import { readFault } from './faults.ts'
import { callFlags, frames } from './frames.ts'
import { writeMetadata } from './metadata.ts'
import { NamesOut } from './names.ts'
import type { Outbox } from './outbox.ts'
import { Slots } from './slots.ts'
import { importOf, stubOf } from './stub.ts'

export interface CallerParts {
  readonly world: World
  readonly outbox: Outbox
  readonly references: References
  readonly waitingMax: number
  readonly valueLimits: ValueLimits | undefined
  /** The lowest key of a call of ours that waits for its answer. */
  settledBelow(): number
  /** Parameters of ours were restored. */
  restored(bytes: RestoredBytes): void
  /** Whether the call was refused without having run, and is taken back to be sent again. */
  takeBack(call: OutgoingCall, error: CallError): boolean
}

export class Caller implements CallOwner {
  readonly #parts: CallerParts
  readonly #names = new NamesOut()
  readonly #waiting = new Slots<OutgoingCall>()

  constructor(parts: CallerParts) {
    this.#parts = parts
  }

  /** Calls that wait for their answers, also those that were given up and that the peer has not let go yet. */
  get size(): number {
    return this.#waiting.size
  }

  /** Sends the call. What cannot be sent is told to who made it. */
  send(call: OutgoingCall): void {
    try {
      const target = this.#targetOf(call)
      if (target !== undefined) this.#write(call, target)
    } catch (error) {
      call.reject(error)
    }
  }

  /** RESULT. Errors: CallError, WireError when it cannot be read. */
  result(from: Reader): void {
    const call = this.#answered(from.uvarint())
    const values = this.#reader(call, from)
    try {
      const value = call.restored === undefined ? values.read() : this.#restored(call, call.restored, values)
      if (call.isSettled) this.#tell(frames.finished, call.id)
      else if (typeof value === 'object' || typeof value === 'function') this.#finish(call, value)
      call.resolve(call.options.until === 'processed' ? undefined : value)
    } catch (error) {
      call.reject(error)
      // An object of the caller that cannot take its change is the caller's fault, not the peer's.
      if (!(error instanceof ValueError)) throw error
    }
  }

  /** FAULT. Errors: CallError, WireError when it cannot be read. */
  fault(id: number, from: Reader): void {
    const call = this.#answered(id)
    try {
      const reason = readFault(from, this.#reader(call, from))
      if (reason instanceof CallError && this.#parts.takeBack(call, reason)) return
      call.reject(reason)
    } catch (error) {
      call.reject(error)
      throw error
    }
  }

  /** DELIVERED. Errors: CallError CALL_PROTOCOL. */
  delivered(id: number): void {
    this.#answered(id).resolve(undefined)
  }

  /** The peer lets go of it and answers, so that its number can be used again. */
  abandoned(call: OutgoingCall, reason: unknown): unknown {
    if (this.#waiting.get(call.id) === call) this.#tell(frames.cancel, call.id)
    return reason
  }

  /** The connection is over: gives the calls that wait. */
  lose(): readonly OutgoingCall[] {
    return this.#waiting.clear()
  }

  /** On what the call is made; undefined when that is not known yet and somebody waits for it. */
  #targetOf(call: OutgoingCall): Exclude<Target, OutgoingCall> | { readonly after: number } | undefined {
    const { target } = call
    if (!(target instanceof OutgoingCall)) {
      if (target instanceof Import) target.check()
      return target
    }
    if (!target.isSettled && this.#waiting.get(target.id) === target) return { after: target.id }
    void target.promise.then(
      () => this.#sendOnResult(call, target),
      reason => call.reject(reason),
    )
    return undefined
  }

  #sendOnResult(call: OutgoingCall, before: OutgoingCall): void {
    const of = before.result === undefined ? undefined : stubOf(before.result)
    if (of === undefined)
      call.reject(new CallError('CALL_NO_REFERENCE', `what ${before.method} gave went by value`))
    else if (!call.isSettled) {
      call.target = of.target
      of.calling.call(call)
    }
  }

  #write(call: OutgoingCall, target: number | Import | { readonly after: number }): void {
    const { outbox, references, waitingMax } = this.#parts
    const isAnswered = call.options.until !== 'accepted'
    if (isAnswered && this.#waiting.size >= waitingMax)
      throw new CallError('CALL_TOO_MANY', `${this.#waiting.size} wait already`)
    const to = outbox.begin(frames.call)
    call.id = isAnswered ? this.#waiting.next : 0
    try {
      this.#writeCall(to, call, target)
      outbox.end(to)
      this.#names.settle(true)
      references.settle(true)
    } catch (error) {
      outbox.undo(to)
      this.#names.settle(false)
      references.settle(false)
      throw error
    }
    call.owner = this
    call.wasSent = true
    if (isAnswered) this.#waiting.take(call)
    else this.#accepted(call)
  }

  #writeCall(to: Writer, call: OutgoingCall, target: number | Import | { readonly after: number }): void {
    const { options, key, args } = call
    const { metadata, until } = options
    const comesBack = hasMarks(args)
    const isOneWay = until === 'accepted' || until === 'delivered'
    if (comesBack && isOneWay)
      throw new CallError(
        'CALL_BAD_ARGUMENTS',
        'what is restored comes with a result, and nobody waits for one',
      )
    const isPipelined = typeof target === 'object' && 'after' in target
    const hasDeadline = call.waitMs !== Number.POSITIVE_INFINITY
    to.uvarint(call.id)
    to.uvarint(
      (isPipelined ? callFlags.pipelined : 0) |
        (hasDeadline ? callFlags.deadline : 0) |
        (metadata === undefined ? 0 : callFlags.metadata) |
        (key === 0 ? 0 : callFlags.keyed) |
        (isOneWay ? callFlags.oneWay : 0) |
        (comesBack ? callFlags.restore : 0) |
        (until === 'delivered' ? callFlags.tellDelivered : 0) |
        (key !== 0 && call.wasSent ? callFlags.again : 0),
    )
    to.uvarint(typeof target === 'number' ? target : isPipelined ? target.after : target.id)
    this.#names.write(to, call.method)
    if (hasDeadline) to.uvarint(this.#remaining(call))
    if (metadata !== undefined) writeMetadata(to, metadata)
    if (key !== 0) {
      to.uvarint(key)
      to.uvarint(this.#parts.settledBelow())
    }
    const values = new ValueWriter(to, this.#parts.references)
    if (comesBack) call.restored = writeMarked(to, values, args)
    else writeArguments(to, values, args)
  }

  /** Whole ms, rounded up: the caller's own deadline is the first. */
  #remaining(call: OutgoingCall): number {
    const ms = Math.ceil(call.wasDelayed ? call.dueAt - this.#parts.world.monotonic() : call.waitMs)
    return Math.min(Math.max(1, ms), 0xffff_ffff)
  }

  #accepted(call: OutgoingCall): void {
    const { room } = this.#parts.outbox
    if (room === undefined) call.resolve(undefined)
    else void room.then(() => call.resolve(undefined))
  }

  /** The call that an answer is for: it has one. */
  #answered(id: number): OutgoingCall {
    const call = this.#waiting.free(id)
    if (call === undefined)
      throw new CallError('CALL_PROTOCOL', `an answer to call ${id}, which does not wait`)
    return call
  }

  /** Calls on what this one gave are made by its reference from now on. */
  #finish(call: OutgoingCall, value: object | null): void {
    if (value !== null && importOf(value) !== undefined) this.#tell(frames.finished, call.id)
  }

  #tell(kind: number, id: number): void {
    const { outbox } = this.#parts
    const to = outbox.begin(kind)
    to.uvarint(id)
    outbox.end(to)
  }

  /** What nobody waits for any more is given back as it is read. */
  #reader(call: OutgoingCall, from: Reader): ValueReader {
    const { references, valueLimits } = this.#parts
    return new ValueReader(from, call.isSettled ? references.discarding : references, valueLimits)
  }

  #restored(call: OutgoingCall, restored: Restored, values: ValueReader): unknown {
    const { value, bytes } = restore(values, restored, !call.isSettled)
    this.#parts.restored(bytes)
    return value
  }
}
