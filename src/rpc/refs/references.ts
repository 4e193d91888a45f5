// What goes by reference between two peers, in both directions: the hooks by which values are written and read.

import { WritableStream } from 'node:stream/web'
import type { Calling } from '../engine/call.ts'
import { CallError } from '../engine/errors.ts'
import { callLimits } from '../engine/limits.ts'
import { functionStub, importOf, isStub, objectStub } from '../engine/stub.ts'
import type { IncomingReferences, OutgoingReferences, Reference } from '../value/index.ts'
import { isPlainMemory, kindOf, referenceKinds } from './by-reference.ts'
import { Exports, rootId, systemId } from './exports.ts'
import { type Import, Imports } from './imports.ts'
import { IncomingStream, type StreamReceiver } from './incoming-stream.ts'
import { OutgoingStream, type StreamSender } from './outgoing-stream.ts'
import { ReceivedStream, readableOf } from './received-stream.ts'
import { type RemoteSink, Sink, writableOf } from './sink.ts'

/** What references need of their session. */
export interface ReferencesParts {
  /** What is served at this end. */
  readonly root: object | undefined
  /** What every server offers beside it. */
  readonly system: object | undefined
  readonly referencesMax: number
  readonly calling: Calling
  readonly streams: Omit<StreamSender & StreamReceiver, 'over'>
  /** Tells the peer that we do not need it any more. */
  release(id: number, count: number): void
}

export class References implements OutgoingReferences, IncomingReferences {
  readonly #parts: ReferencesParts
  readonly #exports: Exports
  readonly #imports: Imports
  readonly #outgoing = new Map<number, OutgoingStream>()
  readonly #incoming = new Map<number, IncomingStream>()
  #nextStream = 1
  /** What the frame that is being written gives away: taken back when it cannot be sent. */
  #fresh: Reference[] = []

  constructor(parts: ReferencesParts) {
    this.#parts = parts
    this.#exports = new Exports(parts.referencesMax)
    this.#imports = new Imports(parts.referencesMax, parts.release)
  }

  /** Things of ours that the peer holds, and streams that it has or may read. */
  get held(): number {
    return this.#exports.size + this.#outgoing.size
  }

  /** Things of the peer that we hold. */
  get holding(): number {
    return this.#imports.size + this.#incoming.size
  }

  /** Whether the frame that is being written has references in it. */
  get hasFresh(): boolean {
    return this.#fresh.length > 0
  }

  /** The frame is on its way, or was taken back. */
  settle(sent: boolean): void {
    if (this.#fresh.length === 0) return
    if (!sent) for (const reference of this.#fresh) this.#takeBack(reference)
    this.#fresh = []
  }

  referenceOf(thing: object): Reference | undefined {
    if (isPlainMemory(thing)) return undefined
    const held = importOf(thing)
    if (held?.owner === this.#imports) {
      held.check()
      return { kind: referenceKinds.home, id: held.id }
    }
    const kind = isStub(thing) && typeof thing === 'object' ? referenceKinds.object : kindOf(thing)
    if (kind === undefined) return undefined
    const reference = { kind, id: this.#give(kind, thing) }
    this.#fresh.push(reference)
    return reference
  }

  valueOf({ kind, id }: Reference): unknown {
    switch (kind) {
      case referenceKinds.home:
        return this.thing(id)
      case referenceKinds.function:
        return this.#imports.receive(id, held => functionStub(this.#stubOf(held)))
      case referenceKinds.object:
        return this.#imports.receive(id, held => objectStub(this.#stubOf(held)))
      case referenceKinds.writable:
        return writableOf(this.#imports.receive(id, held => objectStub(this.#stubOf(held))) as RemoteSink)
      case referenceKinds.iterable:
        return new ReceivedStream(this.#stream(id))
      case referenceKinds.readable:
        return readableOf(this.#stream(id))
      default:
        throw new CallError('CALL_PROTOCOL', `a reference of the kind ${kind}`)
    }
  }

  /** For values that nobody wants any more: what the peer gave in them goes back to it. */
  readonly unwanted: IncomingReferences = { valueOf: reference => this.#refuse(reference) }

  #refuse({ kind, id }: Reference): undefined {
    const { release, streams } = this.#parts
    if (kind === referenceKinds.iterable || kind === referenceKinds.readable) streams.stop(id)
    else if (kind !== referenceKinds.home) release(id, 1)
  }

  /** Whether such a thing goes by reference and can be called on by the peer; its own things, which come home, are not. */
  isReference(thing: object): boolean {
    if (isPlainMemory(thing)) return false
    if (isStub(thing)) return importOf(thing)?.owner !== this.#imports
    const kind = kindOf(thing)
    return kind === referenceKinds.function || kind === referenceKinds.object
  }

  /** A thing of ours that the peer may call. Errors: CallError CALL_NO_REFERENCE. */
  thing(id: number): object {
    const { root, system } = this.#parts
    const found = id === rootId ? root : id === systemId ? system : this.#exports.get(id)
    if (found !== undefined) return found
    throw new CallError(
      'CALL_NO_REFERENCE',
      id === rootId ? 'nothing is served at this end' : `reference ${id}`,
    )
  }

  /** The peer gives something back. */
  released(id: number, count: number): void {
    this.#exports.release(id, count)
  }

  /** A stream of ours that the peer reads, if it has not ended. */
  outgoing(id: number): OutgoingStream | undefined {
    return this.#outgoing.get(id)
  }

  /** A stream of the peer that we read, if it has not ended. */
  incoming(id: number): IncomingStream | undefined {
    return this.#incoming.get(id)
  }

  /** The connection is over. */
  lose(reason: Error): void {
    for (const stream of [...this.#incoming.values()]) stream.end({ reason })
    for (const stream of [...this.#outgoing.values()]) stream.stop()
    this.#imports.lose(reason)
    this.#exports.clear()
  }

  #stubOf(held: Import) {
    return { calling: this.#parts.calling, target: held, prefix: '', options: {} }
  }

  #give(kind: number, thing: object): number {
    if (kind === referenceKinds.iterable || kind === referenceKinds.readable)
      return this.#open(thing as AsyncIterable<unknown>)
    return this.#exports.give(thing instanceof WritableStream ? new Sink(thing) : thing)
  }

  #open(source: AsyncIterable<unknown>): number {
    const { referencesMax, streams } = this.#parts
    if (this.#outgoing.size >= referencesMax)
      throw new CallError('CALL_TOO_MANY_REFERENCES', `${referencesMax} streams are open already`)
    const id = this.#nextStream++
    const over = (): void => void this.#outgoing.delete(id)
    const sender: StreamSender = {
      item: streams.item,
      ended: streams.ended,
      get room() {
        return streams.room
      },
      over,
    }
    this.#outgoing.set(id, new OutgoingStream(id, source, sender))
    return id
  }

  #stream(id: number): IncomingStream {
    const { referencesMax, streams } = this.#parts
    if (this.#incoming.has(id) || this.#incoming.size >= referencesMax)
      throw new CallError('CALL_PROTOCOL', `stream ${id} is open already, or too many are`)
    const over = (): void => void this.#incoming.delete(id)
    const { windowBytes = callLimits.windowBytes, credit, stop } = streams
    const stream = new IncomingStream(id, { windowBytes, credit, stop, over })
    this.#incoming.set(id, stream)
    return stream
  }

  #takeBack({ kind, id }: Reference): void {
    if (kind === referenceKinds.iterable || kind === referenceKinds.readable) this.#outgoing.get(id)?.stop()
    else this.#exports.release(id, 1)
  }
}
