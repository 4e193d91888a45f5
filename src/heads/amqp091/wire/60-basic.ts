// Class basic (60), with RabbitMQ's nack. Its content properties are in properties.ts.

import { bit, long, longlong, short, shortstr, table } from './kinds.ts'
import { method } from './method.ts'

/** The only class that has content. */
export const BASIC_CLASS = 60

export const BasicQos = method(
  { class: 60, id: 10, name: 'basic.qos', from: 'client' },
  { prefetchSize: long(), prefetchCount: short(), global: bit() },
)

export const BasicQosOk = method({ class: 60, id: 11, name: 'basic.qos-ok', from: 'server' }, {})

export const BasicConsume = method(
  { class: 60, id: 20, name: 'basic.consume', from: 'client' },
  {
    reserved1: short().default(0),
    queue: shortstr(),
    consumerTag: shortstr(),
    noLocal: bit(),
    noAck: bit(),
    exclusive: bit(),
    noWait: bit(),
    arguments: table(),
  },
)

export const BasicConsumeOk = method(
  { class: 60, id: 21, name: 'basic.consume-ok', from: 'server' },
  { consumerTag: shortstr() },
)

/** From the server when a queue vanishes under its consumer (RabbitMQ's consumer_cancel_notify). */
export const BasicCancel = method(
  { class: 60, id: 30, name: 'basic.cancel', from: 'both' },
  { consumerTag: shortstr(), noWait: bit() },
)

export const BasicCancelOk = method(
  { class: 60, id: 31, name: 'basic.cancel-ok', from: 'both' },
  { consumerTag: shortstr() },
)

export const BasicPublish = method(
  { class: 60, id: 40, name: 'basic.publish', from: 'client', content: true },
  {
    reserved1: short().default(0),
    exchange: shortstr(),
    routingKey: shortstr(),
    mandatory: bit(),
    immediate: bit(),
  },
)

export const BasicReturn = method(
  { class: 60, id: 50, name: 'basic.return', from: 'server', content: true },
  { replyCode: short(), replyText: shortstr(), exchange: shortstr(), routingKey: shortstr() },
)

export const BasicDeliver = method(
  { class: 60, id: 60, name: 'basic.deliver', from: 'server', content: true },
  {
    consumerTag: shortstr(),
    deliveryTag: longlong(),
    redelivered: bit(),
    exchange: shortstr(),
    routingKey: shortstr(),
  },
)

export const BasicGet = method(
  { class: 60, id: 70, name: 'basic.get', from: 'client' },
  { reserved1: short().default(0), queue: shortstr(), noAck: bit() },
)

export const BasicGetOk = method(
  { class: 60, id: 71, name: 'basic.get-ok', from: 'server', content: true },
  {
    deliveryTag: longlong(),
    redelivered: bit(),
    exchange: shortstr(),
    routingKey: shortstr(),
    messageCount: long(),
  },
)

export const BasicGetEmpty = method(
  { class: 60, id: 72, name: 'basic.get-empty', from: 'server' },
  { reserved1: shortstr().default('') },
)

/** From the server as a publisher confirm. */
export const BasicAck = method(
  { class: 60, id: 80, name: 'basic.ack', from: 'both' },
  { deliveryTag: longlong(), multiple: bit() },
)

export const BasicReject = method(
  { class: 60, id: 90, name: 'basic.reject', from: 'client' },
  { deliveryTag: longlong(), requeue: bit() },
)

export const BasicRecoverAsync = method(
  { class: 60, id: 100, name: 'basic.recover-async', from: 'client' },
  { requeue: bit() },
)

export const BasicRecover = method(
  { class: 60, id: 110, name: 'basic.recover', from: 'client' },
  { requeue: bit() },
)

export const BasicRecoverOk = method({ class: 60, id: 111, name: 'basic.recover-ok', from: 'server' }, {})

/** From the server as a refusing publisher confirm. */
export const BasicNack = method(
  { class: 60, id: 120, name: 'basic.nack', from: 'both' },
  { deliveryTag: longlong(), multiple: bit(), requeue: bit() },
)
