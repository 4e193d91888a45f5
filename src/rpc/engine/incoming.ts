// One call of the peer, while it is answered.

import type { Peer } from '../../transport/index.ts'
import type { World } from '../../world/index.ts'
import { rootId } from '../refs/exports.ts'
import type { ParameterWatch } from '../restore/index.ts'
import type { Waiting } from './answers.ts'
import type { CallContext } from './context.ts'
import { Due } from './deadlines.ts'
import { callFlags } from './frames.ts'
import type { Metadata } from './metadata.ts'
import type { Reply } from './replies.ts'
import type { Remote } from './types.ts'

/** What all calls of a connection have in common. */
export interface Calls {
  readonly world: World
  readonly peer: Peer
  readonly caller: unknown
  back(): unknown
  /** The deadline of a call has passed. */
  expired(call: IncomingCall): void
}

export class IncomingCall extends Due implements CallContext {
  readonly id: number
  readonly flags: number
  readonly target: number
  readonly method: string
  /** Ms that the caller waits, from the arrival of the call on. */
  readonly deadlineMs: number
  readonly metadata: Metadata
  readonly key: number
  readonly #calls: Calls
  #abort: AbortController | undefined
  #abortReason: unknown
  /** Nobody waits for the answer, or it was given. */
  isOver = false
  /** Whether the callee knows it by its number. */
  isRegistered = false
  /** Whether the caller waits for the word that it has arrived. */
  awaitsDelivery: boolean
  args: readonly unknown[] = []
  /** Arguments that are restored at the caller. */
  watch: ParameterWatch | undefined
  /** With a key: calls of the client below this one have had their answers. */
  settledBelow = 0
  /** Bytes that it holds while it waits for its turn. */
  bytes = 0
  /** With a key: where its answer is kept, while it runs. */
  entry: Reply<Waiting> | undefined
  /** Calls that were made on its result. */
  followers: IncomingCall[] | undefined

  constructor(
    id: number,
    flags: number,
    target: number,
    method: string,
    deadlineMs: number,
    metadata: Metadata,
    key: number,
    calls: Calls,
  ) {
    super()
    this.id = id
    this.flags = flags
    this.target = target
    this.method = method
    this.deadlineMs = deadlineMs
    this.metadata = metadata
    this.key = key
    this.#calls = calls
    this.awaitsDelivery = (flags & callFlags.tellDelivered) !== 0
  }

  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      this.#abort = new AbortController()
      if (this.#abortReason !== undefined) this.#abort.abort(this.#abortReason)
    }
    return this.#abort.signal
  }
  get remainingMs(): number {
    if (this.dueList === undefined) return this.deadlineMs // it has just come, or never comes due
    return Math.max(0, this.dueAt - this.#calls.world.monotonic())
  }
  get peer(): Peer {
    return this.#calls.peer
  }
  get caller(): unknown {
    return this.#calls.caller
  }
  get isOneWay(): boolean {
    return (this.flags & callFlags.oneWay) !== 0
  }
  get isAgain(): boolean {
    return (this.flags & callFlags.again) !== 0
  }
  get isKeyed(): boolean {
    return (this.flags & callFlags.keyed) !== 0
  }

  back<Api>(): Remote<Api> {
    return this.#calls.back() as Remote<Api>
  }

  /** A call that is answered in another way than to this one's caller: it has no deadline, and outlives the connection. */
  putOff(method: string, args: readonly unknown[]): IncomingCall {
    const { id, metadata } = this
    const call = new IncomingCall(id, 0, rootId, method, Number.POSITIVE_INFINITY, metadata, 0, this.#calls)
    call.args = args
    return call
  }

  /** Nobody waits any more: the method is told, if it asked. */
  abandon(reason: unknown): void {
    if (this.isOver) return
    this.isOver = true
    this.#abortReason = reason
    this.#abort?.abort(reason)
  }

  override due(): void {
    this.#calls.expired(this)
  }
}
