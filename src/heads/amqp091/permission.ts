// What the user of a connection may do with the queues and exchanges of its virtual host, with RabbitMQ's words.

import type { PermissionKind } from '../../broker/access/permissions.ts'
import { AmqpError } from './errors.ts'
import type { Host } from './host.ts'

/** Errors: ACCESS_REFUSED. */
export function demand(host: Host, kind: PermissionKind, what: 'queue' | 'exchange', name: string): void {
  const { vhost, user, rights } = host
  if (rights.check(vhost, kind, name)) return
  throw new AmqpError(
    'ACCESS_REFUSED',
    `${kind} access to ${what} '${name}' in vhost '${vhost}' refused for user '${user}'`,
  )
}

/** Whether the key may be used on a topic exchange. Errors: ACCESS_REFUSED. */
export function demandTopic(host: Host, kind: 'write' | 'read', exchange: string, routingKey: string): void {
  const { vhost, user, rights } = host
  const variables = { username: user, vhost }
  if (rights.checkTopic({ vhost, exchange, kind, routingKey, variables })) return
  throw new AmqpError(
    'ACCESS_REFUSED',
    `${kind} access to topic '${routingKey}' in exchange '${exchange}' in vhost '${vhost}' refused for user '${user}'`,
  )
}
