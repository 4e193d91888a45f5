// Serving a plain object: its methods are what others can call.

import {
  formatAddress,
  type ListenAtOptions,
  listen,
  type Peer,
  type Port,
  portStream,
  type Stream,
} from '../../transport/index.ts'
import type { Waiting } from './answers.ts'
import { Deadlines } from './deadlines.ts'
import type { Declarations } from './declarations.ts'
import { CLIENT_ID_BYTES } from './hello.ts'
import type { ServeInterceptor } from './interceptors.ts'
import { callLimits } from './limits.ts'
import { faultOf, type PeerOptions, sessionLimits, worldOf } from './options.ts'
import { performer } from './perform.ts'
import { Replies, type RepliesLimits } from './replies.ts'
import { Session, type SessionParts } from './session.ts'
import { System } from './system.ts'

export interface ServeOptions extends PeerOptions, Omit<ListenAtOptions, 'world'> {
  /** What is said of the methods: how often they may run, what they take, what they are for. */
  readonly methods?: Declarations
  /** Who a caller is, from the credential that he gave; what it throws refuses him. */
  readonly admit?: (credential: string, peer: Peer) => unknown
  /** Steps around each call; the first is the outermost. */
  readonly intercept?: readonly ServeInterceptor[]
  /** Answers that are kept for calls at most once. */
  readonly replies?: Partial<RepliesLimits>
  /** Results that are kept for clients that poll, and ms that each is. */
  readonly ticketsMax?: number
  readonly ticketMs?: number
  /** Calls that run at a time for clients to whom the results are brought later. */
  readonly deferredMax?: number
}

/** Something that is served. */
export interface Server extends AsyncDisposable {
  /** Where it listens, with the real ports, in the order in which they were given; ports of threads have none. */
  readonly addresses: readonly string[]
  /** The first of them. */
  readonly address: string
  /** Connections that are there. */
  readonly connections: number
  /** Things of ours that clients hold. */
  readonly held: number
  /** Takes no more calls, and tells clients to go elsewhere; those that run go on. Health says so. */
  drain(): void
  /** Answers the calls that run, then ends. Idempotent. */
  close(): Promise<void>
}

/**
 * Serves an object, or a function, at addresses of streams (`tcp://127.0.0.1:*`, tls, ipc, ws, wss, inproc) and at ports of
 * worker threads. Default: a port of loopback that the system chooses. Errors: as transport's `listen`.
 */
export async function serve(
  implementation: object,
  places: string | Port | readonly (string | Port)[] = 'tcp://127.0.0.1:*',
  options: ServeOptions = {},
): Promise<Server> {
  const server = new ObjectServer(implementation, options)
  try {
    for (const place of isList(places) ? places : [places]) await server.open(place)
  } catch (error) {
    await server.close()
    throw error
  }
  return server
}

function isList(places: string | Port | readonly (string | Port)[]): places is readonly (string | Port)[] {
  return Array.isArray(places)
}

class ObjectServer implements Server {
  readonly addresses: string[] = []
  readonly #options: ServeOptions
  readonly #sessions = new Set<Session>()
  readonly #endpoints: { close(): Promise<void> }[] = []
  readonly #parts: Omit<SessionParts, 'stream' | 'ended'>
  readonly #deadlines: Deadlines
  readonly #system: System
  #isDraining = false

  constructor(implementation: object, options: ServeOptions) {
    const world = worldOf(options)
    const { methods = {}, admit, ticketsMax, ticketMs } = options
    const perform = performer(methods, options.intercept)
    this.#options = options
    this.#deadlines = new Deadlines(world)
    this.#system = new System({
      root: implementation,
      world,
      methods,
      perform,
      isDraining: () => this.#isDraining,
      ticketsMax: ticketsMax ?? callLimits.ticketsMax,
      ticketMs: ticketMs ?? callLimits.ticketMs,
      deferredMax: options.deferredMax ?? callLimits.deferredMax,
    })
    this.#parts = {
      world,
      limits: sessionLimits(options),
      root: implementation,
      system: this.#system,
      perform,
      deadlines: this.#deadlines,
      timeoutMs: callLimits.timeoutMs,
      clientId: world.randomBytes(CLIENT_ID_BYTES),
      credential: '',
      replies: new Replies<Waiting>(world, options.replies),
      ...(admit && { admit }),
      settledBelow: () => 0,
      takeBack: () => false,
      restored: () => {},
      draining: () => {},
      fault: faultOf(options),
      observe: options.onFrame,
    }
  }

  get address(): string {
    return this.addresses[0] ?? ''
  }
  get connections(): number {
    return this.#sessions.size
  }
  get held(): number {
    let held = 0
    for (const session of this.#sessions) held += session.held
    return held
  }

  async open(place: string | Port): Promise<void> {
    if (typeof place !== 'string') return this.#accept(portStream(place))
    const { connectionsMax = callLimits.connectionsMax } = this.#options
    const endpoint = await listen(place, { ...this.#options, connectionsMax }, stream => this.#accept(stream))
    this.#endpoints.push(endpoint)
    this.addresses.push(formatAddress(endpoint.address))
  }

  drain(): void {
    this.#isDraining = true
    for (const session of this.#sessions) session.drain()
  }

  async close(): Promise<void> {
    this.#isDraining = true
    await Promise.all(this.#endpoints.map(endpoint => endpoint.close()))
    await Promise.all([...this.#sessions].map(session => session.close()))
    this.#system[Symbol.dispose]()
    this.#deadlines.clear()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #accept(stream: Stream): void {
    const session: Session = new Session({
      ...this.#parts,
      stream,
      ended: (reason, waiting) => {
        this.#sessions.delete(session)
        for (const call of waiting) call.reject(reason)
      },
    })
    this.#sessions.add(session)
    if (this.#isDraining) session.drain()
  }
}
