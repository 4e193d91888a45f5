// Class exchange (40), with RabbitMQ's bindings between exchanges.

import { bit, short, shortstr, table } from './kinds.ts'
import { method } from './method.ts'

export const ExchangeDeclare = method(
  { class: 40, id: 10, name: 'exchange.declare', from: 'client' },
  {
    reserved1: short().default(0),
    exchange: shortstr(),
    type: shortstr(),
    passive: bit(),
    durable: bit(),
    autoDelete: bit(),
    internal: bit(),
    noWait: bit(),
    arguments: table(),
  },
)

export const ExchangeDeclareOk = method(
  { class: 40, id: 11, name: 'exchange.declare-ok', from: 'server' },
  {},
)

export const ExchangeDelete = method(
  { class: 40, id: 20, name: 'exchange.delete', from: 'client' },
  { reserved1: short().default(0), exchange: shortstr(), ifUnused: bit(), noWait: bit() },
)

export const ExchangeDeleteOk = method({ class: 40, id: 21, name: 'exchange.delete-ok', from: 'server' }, {})

export const ExchangeBind = method(
  { class: 40, id: 30, name: 'exchange.bind', from: 'client' },
  {
    reserved1: short().default(0),
    destination: shortstr(),
    source: shortstr(),
    routingKey: shortstr(),
    noWait: bit(),
    arguments: table(),
  },
)

export const ExchangeBindOk = method({ class: 40, id: 31, name: 'exchange.bind-ok', from: 'server' }, {})

export const ExchangeUnbind = method(
  { class: 40, id: 40, name: 'exchange.unbind', from: 'client' },
  {
    reserved1: short().default(0),
    destination: shortstr(),
    source: shortstr(),
    routingKey: shortstr(),
    noWait: bit(),
    arguments: table(),
  },
)

/** 51, not 41: RabbitMQ's number, which every client has. */
export const ExchangeUnbindOk = method({ class: 40, id: 51, name: 'exchange.unbind-ok', from: 'server' }, {})
