// What start() is asked for, with everything checked that can be checked without opening anything: `posthorn serve
// --check` stops here.

import { AuthError, type OauthSettings, TokenLogins } from '../auth/index.ts'
import type { BrokerOptions } from '../broker/index.ts'
import type { AmqpLimits, AmqpListenerOptions, Product } from '../heads/amqp091/index.ts'
import type { KafkaLimits, KafkaListenerOptions } from '../heads/kafka/index.ts'
import type { Reporter, World } from '../world/index.ts'
import { ServerError } from './errors.ts'
import type { HttpPlan } from './http.ts'
import {
  type AmqpListener,
  amqpListeners,
  BROKERS_MAX,
  checkHttpListener,
  checkManagementListener,
  checkPorts,
  type HttpListener,
  isLoopback,
  type KafkaListener,
  kafkaListeners,
  type ManagementListener,
} from './listeners.ts'
import { type SettingValue, sortSettings } from './settings.ts'
import type { Storage } from './storage.ts'
import type { ConfiguredUser } from './users.ts'

export interface StartOptions {
  /** Where data is kept: 'memory', the default, keeps nothing beyond this process. */
  readonly storage?: Storage
  /** One Kafka listener, or several of different names; false is none. Default: one on a free port of 127.0.0.1. */
  readonly kafka?: KafkaListener | readonly KafkaListener[] | false
  /** Where AMQP 0-9-1 clients (RabbitMQ's) connect: one listener or several; true is one on a free port. Default: none. */
  readonly amqp?: AmqpListener | readonly AmqpListener[] | boolean
  /** As how many brokers the process shows itself to Kafka clients: 1, the default, to 100. */
  readonly brokers?: number
  /** Users that can log in, beside those that are kept in the data. */
  readonly users?: readonly ConfiguredUser[]
  /** Tokens of an OAuth 2 server in the place of passwords, for AMQP and the management API. Default: not taken. */
  readonly oauth?: OauthSettings
  /** Principals that may do everything: `User:admin`. */
  readonly superUsers?: readonly string[]
  /** What holds for a resource without any access control entry. Default 'allow'. */
  readonly acl?: 'allow' | 'deny'
  /** Lets every listener serve other machines without a login. */
  readonly allowAnonymous?: boolean
  /** Broker-wide settings by Kafka's names, such as `num.partitions`. */
  readonly settings?: Readonly<Record<string, SettingValue>>
  /** Health and metrics over HTTP; true takes a free port of 127.0.0.1. Default: none. */
  readonly http?: boolean | HttpListener
  /** The management API on a listener of its own; true takes a free port of 127.0.0.1. Default: none but that of `http`. */
  readonly management?: boolean | ManagementListener
  /** 'manual' lets time stand still until `broker.clock.advance`. Default 'system'. */
  readonly clock?: 'system' | 'manual'
  /** Hears what the broker has to say. Default: nobody. */
  readonly report?: Reporter
  /** Time and luck for simulations; wins over `clock`. */
  readonly world?: World
}

/** Options with defaults, checked, in the terms of the rooms that take them. */
export interface Plan {
  readonly storage: Storage
  readonly listeners: readonly KafkaListenerOptions[]
  readonly brokers: number
  readonly access: NonNullable<BrokerOptions['access']>
  readonly users: readonly ConfiguredUser[]
  readonly settings: Readonly<Record<string, SettingValue>>
  readonly limits: Partial<KafkaLimits>
  readonly amqp: {
    readonly listeners: readonly (AmqpListenerOptions & { readonly optional: boolean })[]
    readonly limits: Partial<AmqpLimits>
    readonly product: Partial<Product>
  }
  readonly http: HttpPlan | undefined
  readonly management: (HttpPlan & { readonly optional: boolean }) | undefined
}

/** Errors: SERVER_CONFIG_INVALID, SERVER_LISTENER_OPEN, SERVER_PASSWORDS_READABLE. */
export function planOf(options: StartOptions): Plan {
  const { storage = 'memory', brokers = 1, users = [], superUsers = [], acl = 'allow' } = options
  const { allowAnonymous = false, settings = {} } = options
  if (!Number.isInteger(brokers) || brokers < 1 || brokers > BROKERS_MAX)
    throw invalid(`brokers is ${brokers}: it must be a whole number from 1 to ${BROKERS_MAX}`)
  const sorted = sortSettings(settings)
  const listeners = kafkaListeners(kafkaOf(options.kafka), { allowAnonymous, reauthMs: sorted.reauthMs })
  const http = httpOf(options.http, allowAnonymous)
  const amqp = amqpListeners(amqpOf(options.amqp))
  const management = managementOf(options.management, http)
  const named = [
    ...(http ? [{ name: 'http', ...http }] : []),
    ...(management ? [{ name: 'management', ...management }] : []),
  ]
  checkPorts([...listeners, ...amqp, ...named].map(placed), brokers)
  checkUsers(users)
  checkPrincipals(superUsers)
  checkOauth(options.oauth)
  return {
    storage,
    listeners,
    brokers,
    access: { superUsers, allowIfNone: acl === 'allow', ...(options.oauth && { oauth: options.oauth }) },
    users,
    settings: sorted.broker,
    limits: sorted.limits,
    amqp: { listeners: amqp, limits: sorted.amqpLimits, product: sorted.product },
    http,
    management,
  }
}

function kafkaOf(kafka: StartOptions['kafka'] = {}): readonly KafkaListener[] {
  if (kafka === false) return []
  const listeners = [kafka].flat()
  if (listeners.length === 0)
    throw invalid('kafka is an empty list: name a listener, or write false for none')
  return listeners
}

function amqpOf(amqp: StartOptions['amqp'] = false): readonly AmqpListener[] {
  if (amqp === false) return []
  return amqp === true ? [{}] : [amqp].flat()
}

function placed({
  name = 'kafka',
  host = '127.0.0.1',
  port = 0,
}: Pick<KafkaListenerOptions, 'name' | 'host' | 'port'>) {
  return { name, host, port }
}

function httpOf(http: StartOptions['http'], allowAnonymous: boolean): Plan['http'] {
  if (http === undefined || http === false) return undefined
  const listener = http === true ? {} : http
  checkHttpListener(listener, allowAnonymous)
  const { host = '127.0.0.1', port = 0, allowPlainWithoutTls = false } = listener
  return { host, port, pages: true, api: isLoopback(host) || allowPlainWithoutTls }
}

/** One that nobody asked for is not there when the listener `http`, which serves the same, has its port. */
function managementOf(management: StartOptions['management'], http: Plan['http']): Plan['management'] {
  if (management === undefined || management === false) return undefined
  const listener = management === true ? {} : management
  checkManagementListener(listener)
  const { host = '127.0.0.1', port = 0, tls, optional = false } = listener
  if (optional && port !== 0 && http?.port === port) return undefined
  return { host, port, pages: false, api: true, optional, ...(tls && { tls }) }
}

function checkUsers(users: readonly ConfiguredUser[]): void {
  const names = new Set<string>()
  for (const { name } of users) {
    if (names.has(name)) throw invalid(`there are two users '${name}'`)
    names.add(name)
  }
}

function checkPrincipals(superUsers: readonly string[]): void {
  for (const one of superUsers)
    if (!/^User:./.test(one)) throw invalid(`super user '${one}' must be of the form User:name`)
}

function checkOauth(oauth: OauthSettings | undefined): void {
  try {
    if (oauth !== undefined) new TokenLogins(oauth)
  } catch (error) {
    if (!(error instanceof AuthError)) throw error
    throw invalid(`auth.oauth: ${error.message}`)
  }
}

function invalid(what: string): ServerError {
  return new ServerError('SERVER_CONFIG_INVALID', what)
}
