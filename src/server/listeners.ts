// Listeners as their owner asks for them, checked and translated into what the heads take. The rule that matters: what
// can be reached from other machines asks for a login, unless its owner said by name that it shall not.

import {
  amqplain,
  type CertificateIdentity,
  external,
  plain,
  type SaslMechanism,
  type ScramName,
  scram,
} from '../auth/index.ts'
import type { AmqpListenerOptions } from '../heads/amqp091/index.ts'
import type { KafkaListenerOptions } from '../heads/kafka/index.ts'
import type { TlsServerOptions } from '../transport/index.ts'
import { type Duration, milliseconds } from '../world/index.ts'
import { ServerError } from './errors.ts'

/** Logins that a listener can offer, by their registered names. */
export const saslNames = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512', 'EXTERNAL'] as const

export type SaslName = (typeof saslNames)[number]

/** A place where Kafka clients connect. */
export interface KafkaListener {
  /** Told apart by name; clients are told the addresses of the listener that they came by. Default 'kafka'. */
  readonly name?: string
  /** Default 127.0.0.1. */
  readonly host?: string
  /** Virtual broker n listens on port + n; 0, the default, takes free ports. */
  readonly port?: number
  /** What clients are told to connect to. Default: the host, or 127.0.0.1 when it is a wildcard. */
  readonly advertisedHost?: string
  readonly advertisedPort?: number
  readonly tls?: TlsServerOptions
  /** Logins that are offered, of which a client must use one; none means that nobody needs to log in. */
  readonly sasl?: readonly SaslName[]
  /** How long a login is good for, then it must be renewed (Kafka: connections.max.reauth.ms). Default: for ever. */
  readonly reauth?: Duration
  /** How a verified client certificate names its user. */
  readonly certificateIdentity?: CertificateIdentity
  /** Serves whoever can reach it without a login, also from other machines. */
  readonly allowAnonymous?: boolean
  /** Offers PLAIN, whose passwords anybody on the way can read, also without TLS and from other machines. */
  readonly allowPlainWithoutTls?: boolean
}

/** Logins that an AMQP listener can offer. */
export const amqpSaslNames = ['PLAIN', 'AMQPLAIN', 'EXTERNAL'] as const

export type AmqpSaslName = (typeof amqpSaslNames)[number]

/** A place where AMQP 0-9-1 clients connect. They always log in: as guest from this machine, or as a user. */
export interface AmqpListener {
  /** Told apart by name. Default 'amqp'. */
  readonly name?: string
  /** Default 127.0.0.1. */
  readonly host?: string
  /** 0, the default, takes a free port. */
  readonly port?: number
  readonly tls?: TlsServerOptions
  /** Default PLAIN and AMQPLAIN. */
  readonly sasl?: readonly AmqpSaslName[]
  /** How a verified client certificate names its user. */
  readonly certificateIdentity?: CertificateIdentity
  /** Takes passwords, which anybody on the way can read, also without TLS and from other machines. */
  readonly allowPlainWithoutTls?: boolean
  /** Goes without this listener when its address is taken: for one that nobody asked for. */
  readonly optional?: boolean
}

/** Where health and metrics are served, and the management API beside them. */
export interface HttpListener {
  /** Default 127.0.0.1. */
  readonly host?: string
  /** Default 0: a free port. */
  readonly port?: number
  /** Serves health and metrics to whoever can reach it, also from other machines. */
  readonly allowAnonymous?: boolean
  /**
   * Serves the management API, whose logins anybody on the way can read, also to other machines. Without it, a listener that
   * they can reach has no API.
   */
  readonly allowPlainWithoutTls?: boolean
}

/** Where the management API is served, which always asks for a login. */
export interface ManagementListener {
  /** Default 127.0.0.1. */
  readonly host?: string
  /** Default 0: a free port. */
  readonly port?: number
  readonly tls?: TlsServerOptions
  /** Takes passwords, which anybody on the way can read, also without TLS and from other machines. */
  readonly allowPlainWithoutTls?: boolean
  /** Goes without this listener when its address is taken: for one that nobody asked for. */
  readonly optional?: boolean
}

/** Most virtual brokers of one process. */
export const BROKERS_MAX = 100

/** What the Kafka head takes. Errors: SERVER_CONFIG_INVALID, SERVER_LISTENER_OPEN, SERVER_PASSWORDS_READABLE. */
export function kafkaListeners(
  listeners: readonly KafkaListener[],
  { allowAnonymous, reauthMs }: { readonly allowAnonymous: boolean; readonly reauthMs: number },
): KafkaListenerOptions[] {
  checkNames(listeners)
  return listeners.map(listener => {
    const { name = 'kafka', host = '127.0.0.1', port = 0, sasl = [], reauth, tls } = listener
    const { allowAnonymous: _, allowPlainWithoutTls: __, sasl: ___, reauth: ____, ...rest } = listener
    checkLogin({ ...listener, name, host, sasl }, allowAnonymous)
    if (sasl.includes('EXTERNAL') && (tls?.clientCertificate ?? 'none') === 'none')
      throw invalid(name, 'EXTERNAL logs in by client certificate, which the listener does not ask for')
    return {
      ...rest,
      name,
      host,
      port,
      mechanisms: sasl.map(one => mechanismOf(one, listener)),
      reauthMs: reauth === undefined ? reauthMs : milliseconds(reauth),
    }
  })
}

/** What the AMQP head takes. Errors: SERVER_CONFIG_INVALID, SERVER_PASSWORDS_READABLE. */
export function amqpListeners(
  listeners: readonly AmqpListener[],
): (AmqpListenerOptions & { optional: boolean })[] {
  checkNames(listeners.map(one => ({ name: 'amqp', ...one })))
  return listeners.map(listener => {
    const { name = 'amqp', host = '127.0.0.1', port = 0, tls, sasl = ['PLAIN', 'AMQPLAIN'] } = listener
    const { certificateIdentity, allowPlainWithoutTls = false, optional = false } = listener
    const hasPasswords = sasl.some(one => one !== 'EXTERNAL')
    if (hasPasswords && tls === undefined && !isLoopback(host) && !allowPlainWithoutTls)
      throw passwordsReadable(name, host)
    if (sasl.includes('EXTERNAL') && (tls?.clientCertificate ?? 'none') === 'none')
      throw invalid(name, 'EXTERNAL logs in by client certificate, which the listener does not ask for')
    const mechanisms = sasl.map(one =>
      one === 'AMQPLAIN'
        ? amqplain
        : one === 'PLAIN'
          ? plain
          : external({ identity: certificateIdentity, ignoreResponse: true }),
    )
    return {
      name,
      host,
      port,
      mechanisms,
      optional,
      ...(tls && { tls }),
      ...(certificateIdentity && { certificateIdentity }),
    }
  })
}

/** Throws SERVER_LISTENER_OPEN when other machines can reach it and nobody said that they may. */
export function checkHttpListener(
  { host = '127.0.0.1', allowAnonymous }: HttpListener,
  forAll: boolean,
): void {
  if (!isLoopback(host) && !allowAnonymous && !forAll) throw open('http', host)
}

/** Throws SERVER_PASSWORDS_READABLE when its logins could be read on the way and nobody said that they may. */
export function checkManagementListener({
  host = '127.0.0.1',
  tls,
  allowPlainWithoutTls = false,
}: ManagementListener): void {
  if (tls === undefined && !isLoopback(host) && !allowPlainWithoutTls)
    throw passwordsReadable('management', host, 'takes logins')
}

/** Throws SERVER_CONFIG_INVALID when two listeners want the same port of the same address. */
export function checkPorts(
  listeners: readonly { readonly name: string; readonly host: string; readonly port: number }[],
  brokers: number,
): void {
  const taken = new Map<string, string>()
  for (const { name, host, port } of listeners) {
    if (port === 0) continue
    const count = name.startsWith('kafka') ? brokers : 1
    for (let at = port; at < port + count; at++) {
      const key = `${isWildcard(host) ? '*' : host}:${at}`
      const other = taken.get(key) ?? taken.get(`*:${at}`)
      if (at > 65_535) throw invalid(name, `broker ${at - port} would listen on port ${at}, above 65535`)
      if (other !== undefined) throw invalid(name, `port ${at} is also wanted by listener '${other}'`)
      taken.set(key, name)
    }
  }
}

/** Whether only this machine can reach the address. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)
}

/** Whether it stands for every address of this machine. */
export function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '::' || host === ''
}

function checkNames(listeners: readonly { readonly name?: string }[]): void {
  const names = new Set<string>()
  for (const { name = 'kafka' } of listeners) {
    if (names.has(name)) throw invalid(name, 'there are two of this name')
    names.add(name)
  }
}

function checkLogin(
  listener: KafkaListener & {
    readonly name: string
    readonly host: string
    readonly sasl: readonly SaslName[]
  },
  allowAnonymous: boolean,
): void {
  const { name, host, sasl, tls } = listener
  if (isLoopback(host)) return
  const asks = sasl.length > 0 || tls?.clientCertificate === 'required'
  if (!asks && !allowAnonymous && listener.allowAnonymous !== true) throw open(name, host)
  if (sasl.includes('PLAIN') && tls === undefined && listener.allowPlainWithoutTls !== true)
    throw passwordsReadable(name, host)
}

function passwordsReadable(name: string, host: string, what = 'offers PLAIN'): ServerError {
  return new ServerError(
    'SERVER_PASSWORDS_READABLE',
    `listener '${name}' on ${host} ${what} without TLS: passwords could be read on the way`,
    { listener: name, host },
  )
}

function mechanismOf(name: SaslName, { certificateIdentity }: KafkaListener): SaslMechanism {
  if (name === 'PLAIN') return plain
  if (name === 'EXTERNAL') return external({ identity: certificateIdentity })
  return scram(name satisfies ScramName)
}

function open(name: string, host: string): ServerError {
  return new ServerError(
    'SERVER_LISTENER_OPEN',
    `listener '${name}' on ${host} can be reached from other machines and asks for no login`,
    { listener: name, host },
  )
}

function invalid(name: string, what: string): ServerError {
  return new ServerError('SERVER_CONFIG_INVALID', `listener '${name}': ${what}`, { listener: name })
}
