// The Kafka head: answers Kafka's protocol on its listeners, for one broker. Everything that a request does lives in
// verbs/; here connections come and go.

import type { CertificateIdentity, Principal, SaslMechanism } from '../../auth/index.ts'
import { certificateUser, user } from '../../auth/index.ts'
import type { Broker } from '../../broker/index.ts'
import { type Listener, listenTcp, type Stream, type TlsServerOptions } from '../../transport/index.ts'
import type { Reporter, Timer, World } from '../../world/index.ts'
import { Cluster } from './cluster.ts'
import { Connection } from './connection.ts'
import { limits as defaultLimits, type Limits } from './limits.ts'
import { RequestMetrics } from './metrics.ts'
import type { Serving } from './serving.ts'
import { Session } from './session.ts'
import { ShareSessions } from './share-sessions.ts'

export interface KafkaListenerOptions {
  /** Told apart by name; clients are told the addresses of the listener that they came by. Default 'kafka'. */
  readonly name?: string
  /** Default 127.0.0.1. */
  readonly host?: string
  /** Virtual broker n listens on port + n; 0 takes free ports. Default 9092. */
  readonly port?: number
  /** What clients are told to connect to. Default: the host, or this machine's name when it is a wildcard. */
  readonly advertisedHost?: string
  readonly advertisedPort?: number
  readonly tls?: TlsServerOptions
  /** Logins that are offered; none means that nobody needs to log in. */
  readonly mechanisms?: readonly SaslMechanism[]
  /** How a verified client certificate names its user. */
  readonly certificateIdentity?: CertificateIdentity
  /** How long a login is good for, ms; 0, the default, for ever. */
  readonly reauthMs?: number
}

export interface KafkaOptions {
  readonly broker: Broker
  readonly world: World
  readonly report: Reporter
  readonly listeners: readonly KafkaListenerOptions[]
  /** How many brokers to appear as. Default 1. */
  readonly brokers?: number
  readonly limits?: Partial<Limits>
}

const IDLE_CHECK_MS = 30_000

export class Kafka implements Serving {
  readonly world: World
  readonly report: Reporter
  readonly cluster: Cluster
  readonly limits: Limits
  readonly metrics = new RequestMetrics()
  readonly shareSessions = new ShareSessions()
  readonly #listeners: Listener[] = []
  readonly #connections = new Set<Connection>()
  #broker: Broker
  #idleTimer: Timer | undefined
  #heldBytes = 0
  #remembered = 0
  #closing: Promise<void> | undefined

  private constructor({ broker, world, report, brokers = 1, limits }: KafkaOptions) {
    this.#broker = broker
    this.world = world
    this.report = report
    this.cluster = new Cluster(broker.identity.clusterId, brokers)
    this.limits = { ...defaultLimits, ...limits }
  }

  /** Listens. Errors: Node's own (EADDRINUSE, EACCES, ...); what was opened before is closed again. */
  static async open(options: KafkaOptions): Promise<Kafka> {
    const head = new Kafka(options)
    try {
      for (const listener of options.listeners)
        for (const nodeId of head.cluster.nodeIds) await head.#listen(listener, nodeId)
    } catch (error) {
      await head.close()
      throw error
    }
    head.#checkIdle()
    return head
  }

  get broker(): Broker {
    return this.#broker
  }

  hold(bytes: number): number {
    this.#heldBytes += bytes
    return this.#heldBytes
  }

  remember(partitions: number): number {
    this.#remembered += partitions
    return this.#remembered
  }

  get connectionCount(): number {
    return this.#connections.size
  }

  /**
   * Serves another broker from now on, under the same addresses and cluster id. Connections with a request under way
   * are cut, because the broker that it waits for is gone; the others stay.
   */
  use(broker: Broker): void {
    this.#broker = broker
    this.shareSessions.clear()
    for (const connection of this.#connections)
      if (!connection.isIdle) connection.abort('the broker was replaced')
  }

  /** `host:port` of every virtual broker on a listener, for a client's bootstrap list. */
  addresses(listener = 'kafka'): string[] {
    return this.cluster
      .nodes(listener)
      .map(({ host, port }) => `${host.includes(':') ? `[${host}]` : host}:${port}`)
  }

  /** Takes no more connections and requests, answers what is under way, then ends. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  /** Ends every connection now. */
  abort(): void {
    for (const connection of this.#connections) connection.abort('the broker stops')
  }

  async #close(): Promise<void> {
    this.#idleTimer?.cancel()
    const listening = this.#listeners.map(one => one.close())
    await Promise.allSettled([...this.#connections].map(one => one.drain()))
    await Promise.all(listening)
  }

  async #listen(options: KafkaListenerOptions, nodeId: number): Promise<void> {
    const { name = 'kafka', host = '127.0.0.1', port = 9092, advertisedHost, advertisedPort } = options
    const listener = await listenTcp(
      {
        host,
        port: port === 0 ? 0 : port + nodeId,
        connectionsMax: this.limits.connectionsMax,
        ...(options.tls && { tls: options.tls }),
        onRefused: (reason, address) =>
          this.report.warn('a TLS handshake failed', { peer: address, reason: reason.message }),
      },
      stream => this.#accept(stream, options, name, nodeId),
    )
    this.#listeners.push(listener)
    const told = advertisedPort === undefined ? listener.port : advertisedPort + nodeId
    this.cluster.place(name, nodeId, { host: advertisedHost ?? reachable(host), port: told })
  }

  #accept(stream: Stream, options: KafkaListenerOptions, listener: string, nodeId: number): void {
    if (this.#closing !== undefined) {
      stream.abort()
      return
    }
    this.metrics.connectionsAccepted++
    const session = new Session({
      mechanisms: options.mechanisms ?? [],
      reauthMs: options.reauthMs ?? 0,
      begin: mechanism => mechanism.start(this.broker.access.users, stream.peer, this.world),
      ...peerOf(stream, options),
    })
    const connection = new Connection({ kafka: this, stream, session, nodeId, listener })
    this.#connections.add(connection)
    void connection.serve().finally(() => this.#connections.delete(connection))
  }

  #checkIdle(): void {
    this.#idleTimer = this.world.after(Math.min(IDLE_CHECK_MS, this.limits.idleMsMax), () => {
      const before = this.world.monotonic() - this.limits.idleMsMax
      for (const connection of this.#connections)
        if (connection.isIdle && connection.lastRequestAt < before)
          connection.abort('no request for too long')
      this.#checkIdle()
    })
  }
}

function peerOf(
  stream: Stream,
  { certificateIdentity = 'distinguished_name' }: KafkaListenerOptions,
): { peer?: Principal } {
  const { certificate } = stream.peer
  const name = certificate && certificateUser(certificate, certificateIdentity)
  return name === undefined ? {} : { peer: user(name) }
}

/** What clients can connect to when the listener takes connections on every address. */
function reachable(host: string): string {
  return host === '0.0.0.0' || host === '::' || host === '' ? '127.0.0.1' : host
}
