// Starts a broker in this process: HTTP (which says that it is starting), store, broker, heads, in that order; close()
// undoes it in the other, and so does a start that fails half way. Nothing is global: many fit in one process.

import { Broker, textFields } from '../broker/index.ts'
import { deferred } from '../flow/index.ts'
import type { Amqp } from '../heads/amqp091/index.ts'
import { Kafka } from '../heads/kafka/index.ts'
import type { LogStore } from '../log/index.ts'
import { type Reporter, silent, systemWorld } from '../world/index.ts'
import { manualTime, systemTime, type Time } from './clock.ts'
import { Closing } from './closing.ts'
import { listenError, ServerError } from './errors.ts'
import type { Served } from './health.ts'
import type { HttpPlan, OpenHttp } from './http.ts'
import type { ListenerFacts, Management } from './management/index.ts'
import { Life } from './phase.ts'
import { type Plan, planOf, type StartOptions } from './plan.ts'
import { type HttpFace, openListener, RunningBroker } from './running.ts'
import { openStorage } from './storage.ts'
import { configureUsers } from './users.ts'
import { packageVersion } from './version.ts'

/** Clients that do not read their answers are cut this long after close() began, in ms. */
const DRAIN_MS = 10_000
/** Then close() waits this much longer for them to be gone, in ms. */
const CUT_MS = 1000

/**
 * Starts a broker; resolves when clients can connect. Errors: ServerError (what was asked for cannot be: address taken,
 * listener without a login), LogError (LOG_LOCKED, LOG_FORMAT_UNKNOWN, ...), AuthError (a user), Node's own. What was
 * opened before the error is closed again.
 */
export async function start(options: StartOptions = {}): Promise<RunningBroker> {
  const plan = planOf(options)
  const { report = silent, world } = options
  const time = world === undefined && options.clock === 'manual' ? manualTime() : systemTime(world)
  const starting = new Starting(plan, time, report)
  try {
    return await starting.run()
  } catch (error) {
    await starting.closing.run().catch(() => {}) // the first error says more
    throw error
  }
}

class Starting {
  readonly closing = new Closing()
  readonly #plan: Plan
  readonly #time: Time
  readonly #report: Reporter
  readonly #life = new Life()
  readonly #served: { -readonly [K in keyof Served]: Served[K] }
  /** HTTP listeners as they are open, for the management API to tell of. */
  readonly #http: ListenerFacts[] = []
  #management: Promise<Management> | undefined

  constructor(plan: Plan, time: Time, report: Reporter) {
    this.#plan = plan
    this.#time = time
    this.#report = report
    this.#served = { life: this.#life, listeners: [] }
  }

  async run(): Promise<RunningBroker> {
    const plan = this.#plan
    const http = await this.#openHttp('http', plan.http)
    const management = await this.#openManagement()
    const store = await this.#openStore()
    const broker = await this.#openBroker(store)
    const head = await this.#openHead(broker)
    const amqp = await this.#openAmqp(broker)
    const listeners = plan.listeners.map(one => openListener(one, head.addresses(one.name)))
    Object.assign(this.#served, { head, store, listeners, ...(amqp && { amqp }) })
    this.#warnOfNoUsers(broker)
    this.#life.ready()
    return new RunningBroker({
      life: this.#life,
      clock: this.#time.clock,
      listeners,
      users: plan.users,
      http,
      management,
      amqp: amqp?.listeners ?? [],
      failed: store.failed,
      reset: () => this.#reset(store, head, amqp),
      queue: async (name, options) => {
        const { queueFace } = await import('./queue-face.ts')
        const fieldsOf = amqp === undefined ? textFields : (await amqpHead()).fieldsOf
        return queueFace(head.broker, name, options, fieldsOf)
      },
      close: () => {
        this.#life.draining()
        return this.closing.run()
      },
    })
  }

  async #openHttp(name: string, http: HttpPlan | undefined): Promise<HttpFace | undefined> {
    if (http === undefined) return undefined
    const opened = await this.#listenHttp(http).catch(error => {
      throw listenError(error, name, `${http.host}:${http.port}`)
    })
    this.closing.add(() => opened.close())
    const { host, port } = opened.face
    const tls = http.tls !== undefined
    const certificate = http.tls && { certificate: http.tls.cert }
    this.#http.push({ name, protocol: tls ? 'https' : 'http', host, port, tls, ...certificate })
    return opened.face
  }

  async #listenHttp(http: HttpPlan): Promise<OpenHttp> {
    const { openHttp } = await import('./http.ts')
    const management = () => this.#managementApi()
    return openHttp(http, { served: this.#served, report: this.#report, management })
  }

  async #openManagement(): Promise<HttpFace | undefined> {
    const { management } = this.#plan
    try {
      return await this.#openHttp('management', management)
    } catch (error) {
      const isTaken = error instanceof ServerError && error.code === 'SERVER_ADDRESS_IN_USE'
      if (management?.optional !== true || !isTaken) throw error
      this.#report.warn('the management API is not served: the address is taken', {
        address: `${management.host}:${management.port}`,
      })
      return undefined
    }
  }

  /** One for all listeners, loaded when somebody asks. */
  #managementApi(): Promise<Management> {
    this.#management ??= this.#makeManagement()
    return this.#management
  }

  async #makeManagement(): Promise<Management> {
    const { Management } = await import('./management/index.ts')
    const { version } = this.#plan.amqp.product
    const management = new Management({
      served: this.#served,
      world: this.#time.broker,
      report: this.#report,
      listeners: () => this.#listeners(),
      ...(version !== undefined && { rabbitVersion: version }),
    })
    this.closing.add(() => management.close())
    return management
  }

  #listeners(): ListenerFacts[] {
    const { listeners: kafka, amqp } = this.#plan
    const withTls = (protocol: string, tls: boolean) => (tls ? `${protocol}/ssl` : protocol)
    const certificates = new Map(
      [...kafka, ...amqp.listeners].flatMap(({ name, tls }) => (tls ? [[name, tls.cert] as const] : [])),
    )
    const certified = (name: string) => {
      const certificate = certificates.get(name)
      return certificate === undefined ? {} : { certificate }
    }
    const ofKafka = this.#served.listeners.flatMap(({ name, host, brokers, tls }) => {
      const from = kafka.find(one => one.name === name)?.port ?? 0
      return brokers.map((address, n) => ({
        ...{ name, host, tls, protocol: withTls('kafka', tls), ...certified(name) },
        port: from === 0 ? Number(/:(\d+)$/.exec(address)?.[1]) : from + n,
      }))
    })
    const ofAmqp = (this.#served.amqp?.listeners ?? []).map(one => ({
      ...one,
      ...{ protocol: withTls('amqp', one.tls), ...certified(one.name) },
    }))
    return [...ofAmqp, ...ofKafka, ...this.#http]
  }

  async #openStore(): Promise<LogStore> {
    // A store waits for its disk, whatever time it is for the broker.
    const store = await openStorage(this.#plan.storage, { world: this.#time.heads, report: this.#report })
    this.closing.add(() => store.close())
    this.closing.add(() => this.#served.broker?.close()) // the one that serves then: reset() makes another
    void store.failed.then(reason => {
      this.#life.failed(reason)
      this.#report.error('the store failed: nothing more is acknowledged', { reason: reason.message })
    })
    return store
  }

  async #openBroker(store: LogStore): Promise<Broker> {
    const { storage, settings, access, users, amqp } = this.#plan
    const fieldsOf = amqp.listeners.length > 0 ? (await amqpHead()).fieldsOf : undefined
    const broker = await Broker.open({
      ...(fieldsOf && { fieldsOf }),
      store,
      world: this.#time.broker,
      settings,
      access,
      ...(typeof storage === 'object' && 'directory' in storage && { dataPath: storage.directory }),
      onUpkeepFailure: ({ task, topic, partition, error }) =>
        this.#report.error(`${task} failed`, { topic, partition, error: String(error) }),
      onQueueFault: (queue, error) =>
        this.#report.error('a queue met an error', {
          queue: queue?.name ?? 'the schedule',
          error: String(error),
        }),
    })
    this.#served.broker = broker
    await configureUsers(users, broker.access.users)
    for (const { name, tags = [] } of users) {
      const isSuper = access.superUsers?.includes(`User:${name}`) === true
      broker.accounts.grantDefault(name, isSuper ? ['administrator', ...tags] : tags)
    }
    return broker
  }

  async #openHead(broker: Broker): Promise<Kafka> {
    const { listeners, brokers, limits } = this.#plan
    const head = await Kafka.open({
      broker,
      world: this.#time.heads,
      report: this.#report,
      brokers,
      listeners,
      limits,
    }).catch(error => {
      throw blamed(error, this.#plan)
    })
    this.closing.add(() => drained(head))
    return head
  }

  async #openAmqp(broker: Broker): Promise<Amqp | undefined> {
    const { listeners, limits, product } = this.#plan.amqp
    if (listeners.length === 0) return undefined
    const { Amqp } = await amqpHead()
    const head = await Amqp.open({
      broker,
      world: this.#time.heads,
      report: this.#report,
      listeners: listeners.filter(one => !one.optional),
      limits,
      product: {
        product: 'Posthorn',
        version: packageVersion(),
        platform: `Node.js ${process.versions.node}`,
        clusterName: broker.identity.clusterId,
        ...product,
      },
    }).catch(error => {
      throw amqpBlamed(error, listeners)
    })
    this.closing.add(() => drained(head))
    for (const listener of listeners.filter(one => one.optional)) await this.#listenIfFree(head, listener)
    return head
  }

  /** A listener that nobody asked for gives way to whoever has its address. */
  async #listenIfFree(head: Amqp, listener: Plan['amqp']['listeners'][number]): Promise<void> {
    try {
      await head.listen(listener)
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error
      this.#report.warn('AMQP clients are not served: the address is taken', {
        listener: listener.name,
        address: `${listener.host}:${listener.port}`,
      })
    }
  }

  /** A new broker over the emptied store takes the old one's place behind the same listeners. */
  async #reset(store: LogStore, head: Kafka, amqp: Amqp | undefined): Promise<void> {
    await head.broker.close()
    for (const name of [...store.list()]) await store.delete(name)
    const broker = await this.#openBroker(store)
    head.use(broker)
    amqp?.use(broker)
  }

  #warnOfNoUsers(broker: Broker): void {
    const asking = this.#plan.listeners.find(
      ({ mechanisms = [] }) => mechanisms.length > 0 && mechanisms.every(one => one.name !== 'EXTERNAL'),
    )
    if (asking !== undefined && broker.access.users.count === 0)
      this.#report.warn('a listener asks for a login, but there are no users', { listener: asking.name })
  }
}

/**
 * Closes the head. Members that wait for a rebalance are told to come again; what still does not end is cut. By the
 * real clock, whatever the broker's is.
 */
async function drained(head: Kafka | Amqp): Promise<void> {
  head.broker.groups.close()
  const cut = deferred()
  const timers = [
    systemWorld.after(DRAIN_MS, () => head.abort()),
    systemWorld.after(DRAIN_MS + CUT_MS, () => cut.resolve()),
  ]
  try {
    await Promise.race([head.close(), cut.promise])
  } finally {
    for (const timer of timers) timer.cancel()
  }
}

/** Loaded when it is asked for: a broker for Kafka clients alone starts without it. */
const amqpHead = () => import('../heads/amqp091/index.ts')

function amqpBlamed(error: unknown, listeners: Plan['amqp']['listeners']): unknown {
  const port = error instanceof Error && 'port' in error ? Number(error.port) : undefined
  const found = listeners.find(one => one.port === port) ?? listeners[0]
  return listenError(error, found?.name ?? 'amqp', `${found?.host}:${port ?? found?.port}`)
}

/** The error of opening the head, told of the listener that it belongs to: by its port, or by having TLS. */
function blamed(error: unknown, { listeners, brokers }: Plan): unknown {
  const port = error instanceof Error && 'port' in error ? Number(error.port) : undefined
  const found =
    listeners.find(({ port: from = 0 }) => port !== undefined && port >= from && port < from + brokers) ??
    listeners.find(({ tls }) => port === undefined && tls !== undefined) ??
    listeners[0]
  return listenError(error, found?.name ?? 'kafka', `${found?.host}:${port ?? found?.port}`)
}
