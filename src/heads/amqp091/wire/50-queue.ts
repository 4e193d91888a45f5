// Class queue (50).

import { bit, long, short, shortstr, table } from './kinds.ts'
import { method } from './method.ts'

export const QueueDeclare = method(
  { class: 50, id: 10, name: 'queue.declare', from: 'client' },
  {
    reserved1: short().default(0),
    queue: shortstr(),
    passive: bit(),
    durable: bit(),
    exclusive: bit(),
    autoDelete: bit(),
    noWait: bit(),
    arguments: table(),
  },
)

export const QueueDeclareOk = method(
  { class: 50, id: 11, name: 'queue.declare-ok', from: 'server' },
  { queue: shortstr(), messageCount: long(), consumerCount: long() },
)

export const QueueBind = method(
  { class: 50, id: 20, name: 'queue.bind', from: 'client' },
  {
    reserved1: short().default(0),
    queue: shortstr(),
    exchange: shortstr(),
    routingKey: shortstr(),
    noWait: bit(),
    arguments: table(),
  },
)

export const QueueBindOk = method({ class: 50, id: 21, name: 'queue.bind-ok', from: 'server' }, {})

export const QueuePurge = method(
  { class: 50, id: 30, name: 'queue.purge', from: 'client' },
  { reserved1: short().default(0), queue: shortstr(), noWait: bit() },
)

export const QueuePurgeOk = method(
  { class: 50, id: 31, name: 'queue.purge-ok', from: 'server' },
  { messageCount: long() },
)

export const QueueDelete = method(
  { class: 50, id: 40, name: 'queue.delete', from: 'client' },
  { reserved1: short().default(0), queue: shortstr(), ifUnused: bit(), ifEmpty: bit(), noWait: bit() },
)

export const QueueDeleteOk = method(
  { class: 50, id: 41, name: 'queue.delete-ok', from: 'server' },
  { messageCount: long() },
)

export const QueueUnbind = method(
  { class: 50, id: 50, name: 'queue.unbind', from: 'client' },
  {
    reserved1: short().default(0),
    queue: shortstr(),
    exchange: shortstr(),
    routingKey: shortstr(),
    arguments: table(),
  },
)

export const QueueUnbindOk = method({ class: 50, id: 51, name: 'queue.unbind-ok', from: 'server' }, {})
