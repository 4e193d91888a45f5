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
  readonly #waiting = new Map<number, OutgoingCall>()
  #lastId = 0

  constructor(parts: CallerParts) {
    this.#parts = parts
  }

  /** Calls that wait for their answers. */
  get size(): number {
    return this.#waiting.size
  }

  /** Sends the call. What cannot be sent is told to who made it. */
  send(call: OutgoingCall): void {
    try {
      const target = this.#targetOf(call)
      if (target === undefined) return
      if (this.#waiting.size >= this.#parts.waitingMax)
        throw new CallError('CALL_TOO_MANY', `${this.#waiting.size} wait already`)
      if (this.#parts.outbox.isFull) throw new CallError('CALL_TOO_SLOW', call.method)
      this.#write(call, target)
    } catch (error) {
      call.reject(error)
      return
    }
    call.wasSent = true
    if (call.options.until === 'accepted') this.#accepted(call)
    else this.#waiting.set(call.id, call)
  }

  /** RESULT. Errors: CallError, WireError when it cannot be read: the call has failed by it, too. */
  result(from: Reader): void {
    const call = this.#take(from.uvarint())
    const values = this.#values(from, call)
    if (call === undefined) {
      this.#late(values)
      return
    }
    try {
      const value = call.restored === undefined ? values.read() : this.#restored(call, call.restored, values)
      if (typeof value === 'object' || typeof value === 'function') this.#finish(call, value)
      call.resolve(call.options.until === 'processed' ? undefined : value)
    } catch (error) {
      call.reject(asProtocol(error))
      throw error
    }
  }

  /** FAULT. Errors: as `result`. */
  fault(id: number, from: Reader): void {
    const call = this.#take(id)
    try {
      const reason = readFault(from, this.#values(from, call))
      if (call === undefined || (reason instanceof CallError && this.#parts.takeBack(call, reason))) return
      call.reject(reason)
    } catch (error) {
      call?.reject(asProtocol(error))
      throw error
    }
  }

  /** DELIVERED. */
  delivered(id: number): void {
    const call = this.#waiting.get(id)
    if (call === undefined || call.options.until !== 'delivered') return
    this.#waiting.delete(id)
    call.resolve(undefined)
  }

  abandoned(call: OutgoingCall, reason: unknown): unknown {
    if (!this.#waiting.delete(call.id)) return reason
    const { outbox } = this.#parts
    const to = outbox.begin(frames.cancel)
    to.uvarint(call.id)
    outbox.end(to)
    return reason
  }

  /** The connection is over: gives the calls that wait. */
  lose(): readonly OutgoingCall[] {
    const waiting = [...this.#waiting.values()]
    this.#waiting.clear()
    return waiting
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
    const { outbox, references } = this.#parts
    call.id = ++this.#lastId
    call.owner = this
    const to = outbox.begin(frames.call)
    try {
      this.#writeHead(to, call, target)
      const values = new ValueWriter(to, references)
      if (hasMarks(call.args)) call.restored = writeMarked(to, values, call.args)
      else writeArguments(to, values, call.args)
      outbox.end(to)
      this.#names.settle(true)
      references.settle(true)
    } catch (error) {
      outbox.undo(to)
      this.#names.settle(false)
      references.settle(false)
      throw error
    }
  }

  #writeHead(to: Writer, call: OutgoingCall, target: number | Import | { readonly after: number }): void {
    const { options, key } = call
    const { metadata, until } = options
    const comesBack = hasMarks(call.args)
    const isOneWay = until === 'accepted' || until === 'delivered'
    if (comesBack && isOneWay)
      throw new CallError(
        'CALL_BAD_ARGUMENTS',
        'what is restored comes with a result, and nobody waits for one',
      )
    const hasDeadline = call.waitMs !== Number.POSITIVE_INFINITY
    to.uvarint(call.id)
    to.uvarint(
      (typeof target === 'object' && 'after' in target ? callFlags.pipelined : 0) |
        (hasDeadline ? callFlags.deadline : 0) |
        (metadata === undefined ? 0 : callFlags.metadata) |
        (key === 0 ? 0 : callFlags.keyed) |
        (isOneWay ? callFlags.oneWay : 0) |
        (comesBack ? callFlags.restore : 0) |
        (until === 'delivered' ? callFlags.tellDelivered : 0) |
        (key !== 0 && call.wasSent ? callFlags.again : 0),
    )
    to.uvarint(typeof target === 'number' ? target : 'after' in target ? target.after : target.id)
    this.#names.write(to, call.method)
    if (hasDeadline) to.uvarint(this.#remaining(call))
    if (metadata !== undefined) writeMetadata(to, metadata)
    if (key === 0) return
    to.uvarint(key)
    to.uvarint(this.#parts.settledBelow())
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

  #values(from: Reader, call: OutgoingCall | undefined): ValueReader {
    const { references, valueLimits } = this.#parts
    return new ValueReader(from, call === undefined ? references.unwanted : references, valueLimits)
  }

  /** An answer that crossed with our giving up: what goes by reference in it is given back. */
  #late(values: ValueReader): void {
    try {
      values.read()
    } catch {
      // Parameters were to be restored, and what they were is not known any more: all of it is left where it is.
    }
  }

  #take(id: number): OutgoingCall | undefined {
    const call = this.#waiting.get(id)
    if (call === undefined && id > this.#lastId)
      throw new CallError('CALL_PROTOCOL', `call ${id} was not made`)
    this.#waiting.delete(id)
    return call
  }

  /** Calls on what this one gave are made by its reference from now on. */
  #finish(call: OutgoingCall, value: unknown): void {
    if (value === null || importOf(value as object) === undefined) return
    const { outbox } = this.#parts
    const to = outbox.begin(frames.finished)
    to.uvarint(call.id)
    outbox.end(to)
  }

  /** An object of the caller that cannot take its change is the caller's fault, not the peer's. */
  #restored(call: OutgoingCall, restored: Restored, values: ValueReader): unknown {
    try {
      const { value, bytes } = restore(values, restored)
      this.#parts.restored(bytes)
      return value
    } catch (error) {
      call.reject(error)
      if (error instanceof ValueError) return undefined
      throw error
    }
  }
}

/** Why a call fails whose answer cannot be read. */
function asProtocol(error: unknown): CallError {
  if (error instanceof CallError) return error
  return new CallError('CALL_PROTOCOL', error instanceof Error ? error.message : String(error), {
    cause: error,
  })
}
