// Several servers that offer the same, as one: each call goes to one of them.

import type { Calling, OutgoingCall, Target } from './call.ts'
import type { Connection } from './connection.ts'
import { CallError } from './errors.ts'

/**
 * Which server gets a call: the first that can be reached, each in its turn, or the one with the fewest calls that wait.
 * Servers that were not reached a moment ago are passed over while there are others.
 */
export type Balance = 'first' | 'round-robin' | 'least-waiting'

export class Balanced implements Calling {
  readonly #balance: Balance
  #connections: readonly Connection[] = []
  #turn = 0

  constructor(balance: Balance) {
    this.#balance = balance
  }

  get connections(): readonly Connection[] {
    return this.#connections
  }

  /** The servers from now on. Gives those that are not among them any more. */
  replace(connections: readonly Connection[]): readonly Connection[] {
    const gone = this.#connections.filter(one => !connections.includes(one))
    this.#connections = connections
    return gone
  }

  call(call: OutgoingCall): void {
    const connection = this.#pick(undefined)
    if (connection === undefined) call.reject(new CallError('CALL_UNREACHABLE', 'there is no server'))
    else connection.call(call)
  }

  semanticsOf(target: Target, method: string): OutgoingCall['semantics'] {
    return this.#connections[0]?.semanticsOf(target, method)
  }

  pinned(): Calling {
    return this.#pick(undefined) ?? this
  }

  /** Takes a call from a server that cannot have it to another; false when there is none that could be reached. */
  elsewhere(call: OutgoingCall, from: Connection): boolean {
    const other = this.#pick(from)
    if (other === undefined || !other.isReady) return false
    other.call(call)
    return true
  }

  #pick(except: Connection | undefined): Connection | undefined {
    const others = this.#connections.filter(one => one !== except)
    const ready = others.filter(one => one.isReady)
    const among = ready.length > 0 ? ready : others
    if (this.#balance === 'first') return among[0]
    const inTurn = among[this.#turn++ % Math.max(1, among.length)]
    if (this.#balance === 'round-robin') return inTurn
    return among.reduce((best, one) => (one.waiting < (best?.waiting ?? 0) ? one : best), inTurn)
  }
}
