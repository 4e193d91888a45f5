// Calling what another process serves.

import {
  type DialOptions,
  connect as dial,
  type Peer,
  type Port,
  portStream,
  type Stream,
} from '../../transport/index.ts'
import type { RestoredBytes } from './arguments.ts'
import { type Balance, Balanced } from './balanced.ts'
import { type Calling, OutgoingCall, type RemoteCallOptions } from './call.ts'
import { Connection, type ConnectionParts, connectionDefaults } from './connection.ts'
import { Deadlines } from './deadlines.ts'
import { type Declarations, semanticsOf } from './declarations.ts'
import { CallError } from './errors.ts'
import { CLIENT_ID_BYTES } from './hello.ts'
import type { CallInterceptor } from './interceptors.ts'
import { callLimits } from './limits.ts'
import { faultOf, type PeerOptions, sessionLimits, worldOf } from './options.ts'
import { performer } from './perform.ts'
import { functionStub, objectStub, stubOf } from './stub.ts'
import type { Remote } from './types.ts'

export interface ConnectOptions extends PeerOptions, Omit<DialOptions, 'world' | 'signal'> {
  /** Calls the connecting off. */
  readonly signal?: AbortSignal
  /** Who calls: what the server's `admit` is given. */
  readonly credential?: string
  /** How often methods may run, as the server has declared it too. */
  readonly methods?: Declarations
  /** Ms that a call waits, also one of a reference, unless it says otherwise. Default 30,000; Infinity for ever. */
  readonly timeoutMs?: number
  /** Which of several servers gets a call. Default `first`. */
  readonly balance?: Balance
  /** Steps around each call of what is served, not of references; the first is the outermost. */
  readonly intercept?: readonly CallInterceptor[]
  /** What the other side may call, by `currentCall().back()`. */
  readonly implementation?: object
  /** Ms before the first try to connect anew, and at most. */
  readonly reconnectMs?: number
  readonly reconnectMsMax?: number
  /** How often a call that may run again is sent, in all. */
  readonly attemptsMax?: number
}

/** Addresses that change: each list that comes takes the place of the one before. */
export interface AddressSource {
  addresses(signal: AbortSignal): AsyncIterable<readonly string[]>
}

/** How a connection is. */
export interface ConnectionState {
  readonly address: string
  readonly isOpen: boolean
  /** Calls that wait, for answers or for a connection. */
  readonly waiting: number
  /** Things of the other side that we hold, and things of ours that it holds. */
  readonly holding: number
  readonly held: number
  readonly peer: Peer | undefined
}

/** The way to a server, or to several that offer the same. */
export interface RemoteConnection extends AsyncDisposable {
  readonly servers: readonly ConnectionState[]
  /** What parameters by copy and restore have brought so far, and what whole ones would have. */
  readonly restored: RestoredBytes
  /** Ends it; calls that wait fail with CALL_CLOSED. Idempotent. */
  close(): Promise<void>
}

/** What is served at an address, to be called; `await using` closes it. */
export type Connected<Api> = Remote<Api> & AsyncDisposable

/**
 * Connects to what `serve` serves: at an address of a stream, one of several, at a port of a thread, or wherever a source says.
 * Connections that are lost are made anew when somebody calls. Errors: CallError CALL_UNREACHABLE when no server can be
 * reached now; the signal's reason; AddressError.
 */
export async function connect<Api>(
  place: string | Port | readonly string[] | AddressSource,
  options: ConnectOptions = {},
): Promise<Connected<Api>> {
  const client = new Client(options)
  try {
    await client.begin(place)
  } catch (error) {
    await client.close()
    throw error
  }
  return client.stub() as Connected<Api>
}

/** The connection of what `connect` gave; undefined for anything else. */
export function connectionOf(connected: object): RemoteConnection | undefined {
  return clients.get(connected)
}

const clients = new WeakMap<object, Client>()

/** What all connections of a client have in common. */
type SharedParts = Omit<ConnectionParts, 'address' | 'dial' | 'redials' | 'elsewhere' | 'session'> & {
  readonly session: Omit<ConnectionParts['session'], 'clientId'>
}

class Client implements RemoteConnection {
  readonly #options: ConnectOptions
  readonly #balanced: Balanced
  readonly #deadlines: Deadlines
  readonly #ending = new AbortController()
  readonly #shared: SharedParts
  #watching: Promise<void> | undefined
  /** `connect` has given what it gives: its signal means nothing any more. */
  #hasBegun = false
  #restored: RestoredBytes = { sentBytes: 0, fullBytes: 0 }

  constructor(options: ConnectOptions) {
    const world = worldOf(options)
    const { methods = {}, implementation, credential = '' } = options
    this.#options = options
    this.#balanced = new Balanced(options.balance ?? 'first')
    this.#deadlines = new Deadlines(world)
    this.#shared = {
      world,
      semantics: semanticsOf(methods),
      waitingMax: options.waitingMax ?? connectionDefaults.waitingMax,
      reconnectMs: options.reconnectMs ?? connectionDefaults.reconnectMs,
      reconnectMsMax: options.reconnectMsMax ?? connectionDefaults.reconnectMsMax,
      attemptsMax: options.attemptsMax ?? connectionDefaults.attemptsMax,
      session: {
        world,
        limits: sessionLimits(options),
        root: implementation,
        perform: performer({}),
        deadlines: this.#deadlines,
        timeoutMs: options.timeoutMs ?? callLimits.timeoutMs,
        credential,
        replies: undefined,
        restored: bytes => this.#count(bytes),
        fault: faultOf(options),
        observe: options.onFrame,
      },
    }
  }

  get servers(): readonly ConnectionState[] {
    return this.#balanced.connections.map(({ address, session, waiting }) => ({
      address,
      isOpen: session !== undefined,
      waiting,
      holding: session?.holding ?? 0,
      held: session?.held ?? 0,
      peer: session?.peer,
    }))
  }

  get restored(): RestoredBytes {
    return this.#restored
  }

  async begin(place: string | Port | readonly string[] | AddressSource): Promise<void> {
    if (isSource(place)) await this.#watch(place)
    else {
      const places = isList(place) ? place : [place]
      if (places.length === 0) throw new CallError('CALL_UNREACHABLE', 'there is no address')
      this.#balanced.replace(places.map(one => this.#connection(one)))
    }
    await this.#reachOne()
    this.#hasBegun = true
  }

  /** A connection with one server needs nobody to choose. */
  stub(): object {
    const { intercept = [] } = this.#options
    const [only] = this.#balanced.connections
    const direct: Calling =
      only !== undefined && this.#watching === undefined && this.#balanced.connections.length === 1
        ? only
        : this.#balanced
    const calling = intercept.length === 0 ? direct : new Intercepted(direct, intercept)
    const stub = objectStub({
      calling,
      target: 0,
      prefix: '',
      options: {},
    })
    Object.defineProperty(stub, Symbol.asyncDispose, { value: () => this.close() })
    clients.set(stub, this)
    return stub
  }

  async close(): Promise<void> {
    this.#ending.abort()
    await Promise.all(this.#balanced.connections.map(one => one.close()))
    await this.#watching
    this.#deadlines.clear()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #count({ sentBytes, fullBytes }: RestoredBytes): void {
    const before = this.#restored
    this.#restored = { sentBytes: before.sentBytes + sentBytes, fullBytes: before.fullBytes + fullBytes }
  }

  /** Errors: those of the first server, when none can be reached. */
  async #reachOne(): Promise<void> {
    const { connections } = this.#balanced
    const tries = connections.map(one => one.connect())
    const [first] = await Promise.allSettled(tries.length === 1 ? tries : [Promise.any(tries)])
    if (first?.status !== 'rejected') return
    const { reason } = first
    throw reason instanceof AggregateError ? reason.errors[0] : reason
  }

  #connection(place: string | Port): Connection {
    const isPort = typeof place !== 'string'
    const { session, ...shared } = this.#shared
    // An id for each way: two addresses may lead to one server, and keys are counted for each way.
    const clientId = shared.world.randomBytes(CLIENT_ID_BYTES)
    const connection: Connection = new Connection({
      ...shared,
      session: { ...session, clientId },
      address: isPort ? 'thread' : place,
      redials: !isPort,
      dial: signal => (isPort ? Promise.resolve(portStream(place)) : this.#dial(place, signal)),
      elsewhere: call => this.#balanced.elsewhere(call, connection),
    })
    return connection
  }

  #dial(address: string, ending: AbortSignal): Promise<Stream> {
    const { signal, ...rest } = this.#options
    return dial(address, {
      ...rest,
      signal: signal === undefined || this.#hasBegun ? ending : AbortSignal.any([signal, ending]),
    })
  }

  /** Follows the source; resolves with the first addresses. */
  async #watch(source: AddressSource): Promise<void> {
    const lists = source.addresses(this.#ending.signal)[Symbol.asyncIterator]()
    const first = await lists.next()
    if (first.done) throw new CallError('CALL_UNREACHABLE', 'the source of addresses gave none')
    this.#follow(first.value)
    this.#watching = this.#followAll(lists)
  }

  async #followAll(lists: AsyncIterator<readonly string[]>): Promise<void> {
    try {
      for (;;) {
        const { done = false, value } = await lists.next()
        if (done) return
        this.#follow(value)
      }
    } catch (error) {
      if (!this.#ending.signal.aborted) faultOf(this.#options)('the source of addresses', error)
    }
  }

  #follow(addresses: readonly string[]): void {
    const known = new Map(this.#balanced.connections.map(one => [one.address, one]))
    const gone = this.#balanced.replace(addresses.map(one => known.get(one) ?? this.#connection(one)))
    for (const one of gone) void one.close()
  }
}

function isSource(place: object | string): place is AddressSource {
  return typeof place === 'object' && 'addresses' in place
}

function isList(place: string | Port | readonly string[]): place is readonly string[] {
  return Array.isArray(place)
}

/** Calls that go through steps before they are made. */
class Intercepted implements Calling {
  readonly #calling: Calling
  readonly #steps: readonly CallInterceptor[]

  constructor(calling: Calling, steps: readonly CallInterceptor[]) {
    this.#calling = calling
    this.#steps = steps
  }

  semanticsOf(...asked: Parameters<Calling['semanticsOf']>): OutgoingCall['semantics'] {
    return this.#calling.semanticsOf(...asked)
  }

  pinned(): Calling {
    return new Intercepted(this.#calling.pinned(), this.#steps)
  }

  call(call: OutgoingCall): void {
    const { method, args, options, target } = call
    type Next = Parameters<CallInterceptor>[1]
    const run = this.#steps.reduceRight<Next>(
      (next, step) => given => step(given, next),
      given => {
        const made = new OutgoingCall(
          target,
          given.method,
          given.args,
          given.options,
          this.#calling.semanticsOf(target, given.method),
        )
        this.#calling.call(made)
        return made.promise
      },
    )
    const made = new Promise<unknown>(resolve => resolve(run({ method, args, options })))
    made.then(
      value => call.resolve(value),
      reason => call.reject(reason),
    )
  }
}

/** The same thing of the other side, called with these options; those that were given before hold where they say nothing. */
export function calling<T extends object>(remote: T, options: RemoteCallOptions): T {
  const of = stubOf(remote)
  if (of === undefined) throw new TypeError('this is nothing of another process')
  const made = { ...of, options: { ...of.options, ...options }, keeps: remote }
  return (typeof remote === 'function' ? functionStub(made) : objectStub(made)) as T
}
