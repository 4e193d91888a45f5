// What the management API says of queues, exchanges and bindings, as far as our commands show it. Servers leave things
// out: a queue that has just been declared has no counts yet, and RabbitMQ has no `type` before 3.8.

import { CommandError } from '../exit.ts'
import type { Json } from '../output/columns.ts'
import { type Management, ManagementFault } from './client.ts'

type Fields = Readonly<Record<string, Json | undefined>>

export interface QueueView {
  readonly name: string
  readonly type: string
  readonly durable: boolean
  readonly autoDelete: boolean
  readonly exclusive: boolean
  readonly arguments: Json
  readonly policy: string | null
  readonly state: string | null
  readonly ready: number
  readonly unacknowledged: number
  readonly messages: number
  readonly consumers: number
  /** Bytes of all bodies, where the server counts them. */
  readonly bytes: number | null
  readonly memory: number | null
}

export interface ExchangeView {
  readonly name: string
  readonly type: string
  readonly durable: boolean
  readonly autoDelete: boolean
  readonly internal: boolean
  readonly arguments: Json
  readonly policy: string | null
}

export interface BindingView {
  readonly source: string
  readonly destination: string
  readonly destinationType: 'queue' | 'exchange'
  readonly routingKey: string
  readonly arguments: Json
}

export async function queueViews(api: Management): Promise<QueueView[]> {
  return rows(await api.get('queues', ['queues', api.vhost])).map(queueView)
}

/** Errors: CommandError (notFound) naming the queue. */
export async function queueViewOf(api: Management, name: string): Promise<QueueView> {
  return queueView(one(await named(api, `queue ${name}`, ['queues', api.vhost, name])))
}

export async function exchangeViews(api: Management): Promise<ExchangeView[]> {
  return rows(await api.get('exchanges', ['exchanges', api.vhost])).map(exchangeView)
}

/** Errors: CommandError (notFound) naming the exchange. */
export async function exchangeViewOf(api: Management, name: string): Promise<ExchangeView> {
  return exchangeView(one(await named(api, `exchange ${name}`, ['exchanges', api.vhost, name])))
}

/** All bindings of the virtual host, those that every queue has with the default exchange included. */
export async function bindingViews(api: Management): Promise<BindingView[]> {
  return rows(await api.get('bindings', ['bindings', api.vhost])).map(bindingView)
}

async function named(api: Management, what: string, path: readonly string[]): Promise<unknown> {
  try {
    return await api.get(what, path)
  } catch (error) {
    if (!(error instanceof ManagementFault) || error.status !== 404) throw error
    throw new CommandError('notFound', `there is no ${what} in virtual host ${api.vhost}`, undefined, error)
  }
}

function queueView(fields: Fields): QueueView {
  return {
    name: text(fields.name),
    type: fields.type === undefined ? 'classic' : text(fields.type),
    durable: fields.durable === true,
    autoDelete: fields.auto_delete === true,
    exclusive: fields.exclusive === true,
    arguments: fields.arguments ?? {},
    policy: textOrNull(fields.policy),
    state: textOrNull(fields.state),
    ready: number(fields.messages_ready) ?? 0,
    unacknowledged: number(fields.messages_unacknowledged) ?? 0,
    messages: number(fields.messages) ?? 0,
    consumers: number(fields.consumers) ?? 0,
    bytes: number(fields.message_bytes),
    memory: number(fields.memory),
  }
}

function exchangeView(fields: Fields): ExchangeView {
  return {
    name: text(fields.name),
    type: text(fields.type),
    durable: fields.durable === true,
    autoDelete: fields.auto_delete === true,
    internal: fields.internal === true,
    arguments: fields.arguments ?? {},
    policy: textOrNull(fields.policy),
  }
}

function bindingView(fields: Fields): BindingView {
  return {
    source: text(fields.source),
    destination: text(fields.destination),
    destinationType: fields.destination_type === 'exchange' ? 'exchange' : 'queue',
    routingKey: text(fields.routing_key),
    arguments: fields.arguments ?? {},
  }
}

/** Errors: CommandError when the answer is no list of objects. */
export function rows(answer: unknown): Fields[] {
  if (!Array.isArray(answer)) throw unexpected()
  return answer.map(one)
}

function one(answer: unknown): Fields {
  if (typeof answer !== 'object' || answer === null) throw unexpected()
  return answer as Fields
}

function unexpected(): CommandError {
  return new CommandError('unreachable', 'the management API answers something else than was asked for')
}

export function text(value: Json | undefined): string {
  return typeof value === 'string' ? value : ''
}

function textOrNull(value: Json | undefined): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}

export function number(value: Json | undefined): number | null {
  return typeof value === 'number' ? value : null
}
