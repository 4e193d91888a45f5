// A broker that runs in this process, as its owner sees it: addresses, time, reset and end.

import type { OpenAmqpListener } from '../heads/amqp091/index.ts'
import type { KafkaListenerOptions } from '../heads/kafka/index.ts'
import type { Clock } from './clock.ts'
import type { Life, Phase } from './phase.ts'
import type { QueueFace, QueueOptions } from './queue-face.ts'
import type { ConfiguredUser } from './users.ts'

/** One Kafka listener as it is open. */
export interface OpenListener {
  readonly name: string
  /** The host that it listens on. */
  readonly host: string
  /** `host:port` of every virtual broker, as clients are told. */
  readonly brokers: readonly string[]
  readonly tls: boolean
  /** Names of the logins that are offered; none when nobody needs to log in. */
  readonly sasl: readonly string[]
}

/** What kafkajs takes; other clients have the same facts under other names. */
export interface ClientConfig {
  readonly brokers: string[]
  readonly ssl?: true
  readonly sasl?: ClientLogin<'plain' | 'scram-sha-256' | 'scram-sha-512'>
}

/** One kind of object for each mechanism, as kafkajs declares it. */
type ClientLogin<Mechanism extends string> = Mechanism extends string
  ? { readonly mechanism: Mechanism; readonly username: string; readonly password: string }
  : never

export interface KafkaFace {
  /** `host:port` of every virtual broker on the first listener: a client's bootstrap list. Empty without a listener. */
  readonly brokers: readonly string[]
  readonly listeners: readonly OpenListener[]
  /**
   * Options for kafkajs' `new Kafka(...)`, by the first listener and as the user of that name, by default the first
   * configured one. Throws TypeError when a login is needed and no password is known, or when there is no listener.
   */
  clientConfig(user?: string): ClientConfig
}

export interface AmqpFace {
  readonly host: string
  readonly port: number
  /** For a client's connect: `amqp://guest:guest@127.0.0.1:5672`, as the first configured user where there is one. */
  readonly url: string
  readonly listeners: readonly OpenAmqpListener[]
}

export interface HttpFace {
  readonly host: string
  readonly port: number
  /** `http://host:port`, without a path. */
  readonly url: string
}

/** What the server hands over; RunningBroker adds nothing to open or close. */
export interface Parts {
  readonly life: Life
  readonly clock: Clock
  readonly listeners: readonly OpenListener[]
  readonly users: readonly ConfiguredUser[]
  readonly http: HttpFace | undefined
  readonly management: HttpFace | undefined
  readonly amqp: readonly OpenAmqpListener[]
  readonly failed: Promise<Error>
  readonly reset: () => Promise<void>
  readonly queue: (name: string, options: QueueOptions) => Promise<QueueFace>
  readonly close: () => Promise<void>
}

/** A broker in this process; `await using` closes it. */
export class RunningBroker {
  readonly kafka: KafkaFace
  /** AMQP 0-9-1; undefined when it was not asked for. */
  readonly amqp: AmqpFace | undefined
  /** Health and metrics, and the management API; undefined when they were not asked for. */
  readonly http: HttpFace | undefined
  /** The management API on its own listener; undefined when that was not asked for, or its address was taken. */
  readonly management: HttpFace | undefined
  readonly clock: Clock
  /** Resolves with the reason when the store can promise nothing any more: close the broker and look at the disk. */
  readonly failed: Promise<Error>
  readonly #parts: Parts
  #resetting: Promise<void> = Promise.resolve()
  #closing: Promise<void> | undefined

  constructor(parts: Parts) {
    this.#parts = parts
    this.http = parts.http
    this.management = parts.management
    this.amqp = amqpFace(parts)
    this.clock = parts.clock
    this.failed = parts.failed
    this.kafka = kafkaFace(parts)
  }

  get phase(): Phase['at'] {
    return this.#parts.life.phase.at
  }

  /**
   * A queue for this very program: found, or made as the options say. Gone after `reset`. Errors: BrokerError,
   * ServerError for the name of a stream or topic.
   */
  queue(name: string, options: QueueOptions = {}): Promise<QueueFace> {
    if (this.#closing !== undefined) return Promise.reject(new TypeError('the broker is closed'))
    return this.#parts.queue(name, options)
  }

  /** The addresses as environment variables, for a child process under test. */
  env(): Record<string, string> {
    const brokers = this.kafka.brokers.join(',')
    return {
      ...(brokers !== '' && { KAFKA_BOOTSTRAP_SERVERS: brokers, KAFKA_BROKERS: brokers }),
      ...(this.amqp && { AMQP_URL: this.amqp.url }),
      ...(this.http && { POSTHORN_HTTP_URL: this.http.url }),
      ...(this.management && { POSTHORN_MANAGEMENT_URL: this.management.url }),
    }
  }

  /**
   * Forgets all topics, groups, offsets, transactions, users, access control entries and changed settings, as if the
   * broker had just been started; addresses, time and counters stay. Connections on which a request is under way are
   * cut, and clients connect again by themselves.
   */
  reset(): Promise<void> {
    if (this.#closing !== undefined) return Promise.reject(new TypeError('the broker is closed'))
    this.#resetting = this.#resetting.then(() => this.#parts.reset())
    return this.#resetting
  }

  /** Answers what is under way, makes everything durable, and ends; no handle is left. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #close(): Promise<void> {
    await this.#resetting.catch(() => {})
    await this.#parts.close()
  }
}

/** A listener of the plan, with the addresses that it got. */
export function openListener(
  { name = 'kafka', host = '127.0.0.1', tls, mechanisms = [] }: KafkaListenerOptions,
  brokers: readonly string[],
): OpenListener {
  return { name, host, brokers, tls: tls !== undefined, sasl: mechanisms.map(one => one.name) }
}

function kafkaFace({ listeners, users }: Parts): KafkaFace {
  const [first] = listeners
  return {
    brokers: first?.brokers ?? [],
    listeners,
    clientConfig(user) {
      if (first === undefined) throw new TypeError('the broker has no Kafka listener: see the option kafka')
      const base = { brokers: [...first.brokers], ...(first.tls && { ssl: true as const }) }
      const mechanism = clientMechanisms.find(name => first.sasl.includes(name))
      if (mechanism === undefined) return base
      const found = users.find(one => 'password' in one && (user === undefined || one.name === user))
      if (found === undefined || !('password' in found))
        throw new TypeError(`no password of ${user ?? 'any user'} is configured: see the option users`)
      const sasl = { mechanism: lower[mechanism], username: found.name, password: found.password }
      return { ...base, sasl }
    },
  }
}

function amqpFace({ amqp, users }: Parts): AmqpFace | undefined {
  const [first] = amqp
  if (first === undefined) return undefined
  const { host, port, tls } = first
  const known = users.find(one => 'password' in one)
  const login =
    known !== undefined && 'password' in known
      ? `${encodeURIComponent(known.name)}:${encodeURIComponent(known.password)}`
      : 'guest:guest'
  const shown = host === '0.0.0.0' || host === '::' || host === '' ? '127.0.0.1' : host
  const url = `${tls ? 'amqps' : 'amqp'}://${login}@${shown.includes(':') ? `[${shown}]` : shown}:${port}`
  return { host, port, url, listeners: amqp }
}

const clientMechanisms = ['SCRAM-SHA-256', 'SCRAM-SHA-512', 'PLAIN'] as const
const lower = { 'SCRAM-SHA-256': 'scram-sha-256', 'SCRAM-SHA-512': 'scram-sha-512', PLAIN: 'plain' } as const
