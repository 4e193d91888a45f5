// What somebody who logged in may do, whatever it is decided by: the broker's permissions of a user, or the scopes of the
// token that came in the password's place. Whoever checks asks one of these and does not know which.

import type { PermissionKind, TopicVariables } from './permissions.ts'

/** The use of a routing key on a topic exchange. */
export interface TopicUse {
  readonly vhost: string
  readonly exchange: string
  readonly kind: 'write' | 'read'
  readonly routingKey: string
  readonly variables: TopicVariables
}

export interface Rights {
  /** Whether the virtual host may be entered at all. */
  mayEnter(vhost: string): boolean
  /** The name of the default exchange, '', is looked for as `amq.default`. */
  check(vhost: string, kind: PermissionKind, resource: string): boolean
  checkTopic(use: TopicUse): boolean
}
