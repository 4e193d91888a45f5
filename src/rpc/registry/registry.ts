// Names of servers, so that clients need not know addresses (the book's directory server). A name is bound to one or more
// addresses, each under a lease that its server renews; when it does not, the address is forgotten. The registry is an object
// like others, and is served like others.

import { Waiters } from '../../flow/index.ts'
import { systemWorld, type Timer, type World } from '../../world/index.ts'
import { CallError } from '../engine/errors.ts'
import { callLimits } from '../engine/limits.ts'
import { Watch } from './watch.ts'

/** What a server gets for its name. */
export interface NameLease {
  /** By which it renews and gives back; nobody else's business. */
  readonly token: string
  /** Ms until it has to be renewed. */
  readonly leaseMs: number
}

/** A name and where its servers are. */
export interface BoundName {
  readonly name: string
  readonly addresses: readonly string[]
}

export interface RegistryOptions {
  readonly world?: World
  /** Bindings, of all names. */
  readonly boundNamesMax?: number
  /** Ms that a binding is kept unless it is renewed. */
  readonly boundNameMs?: number
}

const NAME_CHARACTERS_MAX = 256

interface Binding {
  readonly name: string
  readonly address: string
  readonly isExclusive: boolean
  timer: Timer
}

export class Registry {
  readonly #world: World
  readonly #max: number
  readonly #leaseMs: number
  readonly #byToken = new Map<string, Binding>()
  readonly #byName = new Map<string, Set<Binding>>()
  readonly #changes = new Waiters()

  constructor({ world = systemWorld, boundNamesMax, boundNameMs }: RegistryOptions = {}) {
    this.#world = world
    this.#max = boundNamesMax ?? callLimits.boundNamesMax
    this.#leaseMs = boundNameMs ?? callLimits.boundNameMs
  }

  /**
   * Binds an address to a name, beside those that are there; exclusive means alone. Errors: CALL_NAME_TAKEN,
   * CALL_TOO_MANY_NAMES, CALL_BAD_ARGUMENTS.
   */
  bind(name: string, address: string, isExclusive = false): NameLease {
    checkText('name', name)
    checkText('address', address)
    const others = this.#byName.get(name) ?? new Set()
    if ([...others].some(other => isExclusive || other.isExclusive))
      throw new CallError('CALL_NAME_TAKEN', name)
    if (this.#byToken.size >= this.#max) throw new CallError('CALL_TOO_MANY_NAMES', `at most ${this.#max}`)
    const token = this.#world.randomBytes(16).toString('hex')
    const binding = { name, address, isExclusive, timer: this.#lease(token) }
    this.#byToken.set(token, binding)
    this.#byName.set(name, others.add(binding))
    this.#changes.wake()
    return { token, leaseMs: this.#leaseMs }
  }

  /** Keeps a binding for another lease. Errors: CALL_NAME_UNKNOWN, when it was forgotten. */
  renew(token: string): NameLease {
    const binding = this.#byToken.get(token)
    if (binding === undefined) throw new CallError('CALL_NAME_UNKNOWN', 'the lease has ended: bind anew')
    binding.timer.cancel()
    binding.timer = this.#lease(token)
    return { token, leaseMs: this.#leaseMs }
  }

  /** Gives a binding back. Idempotent. */
  unbind(token: string): void {
    const binding = this.#byToken.get(token)
    if (binding === undefined) return
    binding.timer.cancel()
    this.#byToken.delete(token)
    const all = this.#byName.get(binding.name)
    all?.delete(binding)
    if (all?.size === 0) this.#byName.delete(binding.name)
    this.#changes.wake()
  }

  /** Where the servers of a name are. Errors: CALL_NAME_UNKNOWN. */
  lookUp(name: string): readonly string[] {
    const addresses = this.#addresses(name)
    if (addresses.length === 0)
      throw new CallError('CALL_NAME_UNKNOWN', String(name).slice(0, NAME_CHARACTERS_MAX))
    return addresses
  }

  /** All names that begin so, sorted. */
  list(prefix = ''): readonly BoundName[] {
    return [...this.#byName.keys()]
      .filter(name => name.startsWith(prefix))
      .sort()
      .map(name => ({ name, addresses: this.#addresses(name) }))
  }

  /** The addresses of a name now, and each time that they change. */
  watch(name: string): AsyncIterable<readonly string[]> {
    checkText('name', name)
    return { [Symbol.asyncIterator]: () => new Watch(this.#changes, () => this.#addresses(name)) }
  }

  /** Forgets everything; nothing is timed any more. */
  close(): void {
    for (const { timer } of this.#byToken.values()) timer.cancel()
    this.#byToken.clear()
    this.#byName.clear()
  }

  #addresses(name: string): readonly string[] {
    return [...new Set([...(this.#byName.get(name) ?? [])].map(binding => binding.address))]
  }

  #lease(token: string): Timer {
    return this.#world.after(this.#leaseMs, () => this.unbind(token))
  }
}

function checkText(what: string, text: unknown): void {
  if (typeof text !== 'string' || text === '' || text.length > NAME_CHARACTERS_MAX)
    throw new CallError('CALL_BAD_ARGUMENTS', `${what}: a text of 1 to ${NAME_CHARACTERS_MAX} characters`)
}
