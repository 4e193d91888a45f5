// What the two sides tell of themselves in connection.start and start-ok. A client switches features on by the server's
// capabilities, and kombu also by its product and version; the server does by the client's capabilities.

import { type FieldTable, type FieldValue, isFieldTable } from '../../broker/field-value.ts'

/** RabbitMQ's extensions that are served. */
export const serverCapabilities = [
  'publisher_confirms',
  'exchange_exchange_bindings',
  'basic.nack',
  'consumer_cancel_notify',
  'connection.blocked',
  'consumer_priorities',
  'authentication_failure_close',
  'per_consumer_qos',
  'direct_reply_to',
] as const

/** Extensions of the client that change what it is sent. */
export interface ClientCapabilities {
  /** May be sent basic.cancel when a queue vanishes. */
  readonly consumerCancelNotify: boolean
  /** Wants connection.blocked and unblocked. */
  readonly connectionBlocked: boolean
  /** Is told of a refused login by connection.close 403. */
  readonly authenticationFailureClose: boolean
  /** Understands basic.nack as a confirm. */
  readonly basicNack: boolean
  readonly publisherConfirms: boolean
}

/** How this server names itself; clients take decisions by it. */
export interface Product {
  readonly product: string
  readonly version: string
  readonly platform: string
  readonly clusterName: string
}

/** The server-properties of connection.start, as RabbitMQ orders them. */
export function serverProperties({ product, version, platform, clusterName }: Product): FieldTable {
  return new Map<string, FieldValue>([
    ['capabilities', new Map(serverCapabilities.map(name => [name, true]))],
    ['cluster_name', clusterName],
    ['copyright', 'The Posthorn authors'],
    ['information', 'Licensed under the Apache License 2.0'],
    ['platform', platform],
    ['product', product],
    ['version', version],
  ])
}

/** What the client-properties of start-ok say. */
export function clientCapabilities(properties: FieldTable): ClientCapabilities {
  const capabilities = properties.get('capabilities')
  const has = (name: string) => isFieldTable(capabilities) && capabilities.get(name) === true
  return {
    consumerCancelNotify: has('consumer_cancel_notify'),
    connectionBlocked: has('connection.blocked'),
    authenticationFailureClose: has('authentication_failure_close'),
    basicNack: has('basic.nack'),
    publisherConfirms: has('publisher_confirms'),
  }
}
