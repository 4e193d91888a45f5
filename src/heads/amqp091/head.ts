// The AMQP 0-9-1 head: answers RabbitMQ's clients on its listeners, for one broker. Everything that a method does lives in
// verbs/; here connections come and go.

import {
  type CertificateIdentity,
  type Credentials,
  type SaslMechanism,
  tokenUser,
} from '../../auth/index.ts'
import type { Broker } from '../../broker/index.ts'
import { type Listener, listenTcp, type Stream, type TlsServerOptions } from '../../transport/index.ts'
import type { Reporter, Timer, World } from '../../world/index.ts'
import { type Product, serverProperties } from './capabilities.ts'
import { Connection } from './connection.ts'
import { DirectReplies } from './direct-replies.ts'
import { limits as defaultLimits, type Limits } from './limits.ts'
import { HeadMetrics } from './metrics.ts'
import type { Serving } from './serving.ts'

export interface AmqpListenerOptions {
  /** Told apart by name. Default 'amqp'. */
  readonly name?: string
  /** Default 127.0.0.1. */
  readonly host?: string
  /** 0 takes a free port. Default 5672. */
  readonly port?: number
  readonly tls?: TlsServerOptions
  /** Logins that are offered, in this order. */
  readonly mechanisms: readonly SaslMechanism[]
  /** How a verified client certificate names its user. */
  readonly certificateIdentity?: CertificateIdentity
}

export interface AmqpOptions {
  readonly broker: Broker
  readonly world: World
  readonly report: Reporter
  readonly listeners: readonly AmqpListenerOptions[]
  /** How the server names itself; some clients take decisions by it. */
  readonly product: Product
  readonly limits?: Partial<Limits>
}

/** An AMQP listener as it is open. */
export interface OpenAmqpListener {
  readonly name: string
  readonly host: string
  readonly port: number
  readonly tls: boolean
}

/** How often the store is asked whether its disk is full, in ms. */
const ALARM_CHECK_MS = 500

export class Amqp implements Serving {
  readonly world: World
  readonly report: Reporter
  readonly limits: Limits
  readonly metrics = new HeadMetrics()
  readonly replies: DirectReplies
  readonly #product: Product
  readonly #listeners: Listener[] = []
  readonly #open: OpenAmqpListener[] = []
  readonly #connections = new Set<Connection>()
  /** Connections until they are over. */
  readonly #served = new Set<Promise<void>>()
  #broker: Broker
  #alarm: string | undefined
  #isLowOnMemory = false
  #alarmTimer: Timer | undefined
  #heldBytes = 0
  #closing: Promise<void> | undefined

  private constructor({ broker, world, report, product, limits }: AmqpOptions) {
    this.#broker = broker
    this.world = world
    this.report = report
    this.#product = product
    this.limits = { ...defaultLimits, ...limits }
    this.replies = new DirectReplies(world)
    this.#attend(broker)
  }

  /** Listens. Errors: Node's own (EADDRINUSE, EACCES, ...); what was opened before is closed again. */
  static async open(options: AmqpOptions): Promise<Amqp> {
    const head = new Amqp(options)
    try {
      for (const listener of options.listeners) await head.listen(listener)
    } catch (error) {
      await head.close()
      throw error
    }
    head.#checkAlarm()
    return head
  }

  get broker(): Broker {
    return this.#broker
  }
  get listeners(): readonly OpenAmqpListener[] {
    return this.#open
  }
  get connections(): ReadonlySet<Connection> {
    return this.#connections
  }
  get alarm(): string | undefined {
    return this.#alarm
  }

  /** Raises or ends the alarm that memory is short: while it lasts, publishers are told (connection.blocked) and wait. */
  setMemoryAlarm(isLow: boolean): void {
    this.#isLowOnMemory = isLow
    this.#alarmMayHaveChanged()
  }

  connectionsIn(vhost: string): number {
    let count = 0
    for (const one of this.#connections) if (one.vhost === vhost) count++
    return count
  }

  connectionsOf(user: string): number {
    let count = 0
    for (const one of this.#connections) if (one.user === user && one.vhost !== '') count++
    return count
  }

  channelsOf(user: string): number {
    let count = 0
    for (const one of this.#connections) if (one.user === user) count += one.channels.size
    return count
  }

  hold(bytes: number): number {
    this.#heldBytes += bytes
    return this.#heldBytes
  }

  /** Serves another broker from now on, under the same addresses; connections end, because their queues are gone. */
  use(broker: Broker): void {
    this.#broker = broker
    this.#attend(broker)
    for (const one of this.#connections) one.abort('the broker was replaced')
  }

  /** Takes no more connections, tells those that are there, and resolves when they are over. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  /** Ends every connection now. */
  abort(): void {
    for (const one of this.#connections) one.abort('the broker stops')
  }

  async #close(): Promise<void> {
    this.#alarmTimer?.cancel()
    const listening = this.#listeners.map(one => one.close())
    for (const one of this.#connections) one.shut("broker forced connection closure with reason 'shutdown'")
    await Promise.all([...this.#served, ...listening])
  }

  /** Listens at one more address. Errors: Node's own. */
  async listen(options: AmqpListenerOptions): Promise<void> {
    const { name = 'amqp', host = '127.0.0.1', port = 5672, tls } = options
    const listener = await listenTcp(
      {
        host,
        port,
        connectionsMax: this.limits.connectionsMax,
        ...(tls && { tls }),
        onRefused: (reason, address) =>
          this.report.warn('a TLS handshake failed', { peer: address, reason: reason.message }),
      },
      stream => this.#accept(stream, options, name, listener.port),
    )
    this.#listeners.push(listener)
    this.#open.push({ name, host, port: listener.port, tls: tls !== undefined })
  }

  #accept(stream: Stream, options: AmqpListenerOptions, listener: string, port: number): void {
    if (this.#closing !== undefined) {
      stream.abort()
      return
    }
    this.metrics.connectionsAccepted++
    const { host = '127.0.0.1', mechanisms } = options
    const connection = new Connection({
      serving: this,
      stream,
      listener,
      mechanisms,
      name: `${stream.peer.address}:${stream.peer.port} -> ${host}:${port}`,
      properties: serverProperties(this.#product),
      begin: mechanism => mechanism.start(this.#credentials(stream), peerOf(stream), this.world),
    })
    this.#connections.add(connection)
    const served = connection.serve().finally(() => {
      this.#connections.delete(connection)
      this.#served.delete(served)
      this.metrics.connectionsClosed++
    })
    this.#served.add(served)
  }

  /** Passwords are checked by the broker's accounts, which know who may come from where. */
  #credentials({ peer }: Stream): Credentials {
    const { access, accounts } = this.#broker
    const loopback = isLoopback(peer.address)
    return {
      scram: (user, mechanism) => access.users.scram(user, mechanism),
      checkPassword: async (user, password) => {
        const found = await accounts.authenticate(user, password, { loopback })
        if (found.at === 'known') return found.grant ? tokenUser(found.user, found.grant) : 'right'
        if (found.at === 'refused')
          this.report.info('a login was refused', { peer: peer.address, reason: found.reason })
        return found.at === 'busy' ? 'busy' : 'wrong'
      },
    }
  }

  /** Connections end with their virtual host, and with their user, as RabbitMQ has it. */
  #attend(broker: Broker): void {
    broker.vhosts.onRemoved(name => this.#shut(one => one.vhost === name, `vhost '${name}' is deleted`))
    broker.accounts.onDeleted(name => this.#shut(one => one.user === name, `user '${name}' is deleted`))
  }

  #shut(isMeant: (connection: Connection) => boolean, reason: string): void {
    for (const one of this.#connections) if (isMeant(one)) one.shut(reason)
  }

  #checkAlarm(): void {
    this.#alarmTimer = this.world.after(ALARM_CHECK_MS, () => {
      this.#alarmMayHaveChanged()
      this.#checkAlarm()
    })
  }

  #alarmMayHaveChanged(): void {
    const reasons = [
      ...(this.#isLowOnMemory ? ['low on memory'] : []),
      ...(this.#broker.store.isFull ? ['low on disk'] : []),
    ]
    const alarm = reasons.length === 0 ? undefined : reasons.join(' and ')
    if (alarm === this.#alarm) return
    this.#alarm = alarm
    for (const one of this.#connections) one.alarmed()
  }
}

function peerOf({ peer: { address, certificate } }: Stream) {
  return { address, ...(certificate && { certificate }) }
}

function isLoopback(address: string): boolean {
  return address === '::1' || address === '' || address.startsWith('127.')
}
