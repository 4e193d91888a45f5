// Which connections and channels a caller sees, and how they are called.

import type { Channel } from '../../../heads/amqp091/channel.ts'
import type { Connection } from '../../../heads/amqp091/index.ts'
import type { Shape } from '../answer.ts'
import type { Call } from '../route.ts'

/** A channel and its connection, under the name that it has together with it. */
export interface Place {
  readonly title: string
  readonly connection: Connection
  readonly channel: Channel
}

/** Connections that are open, and the caller sees. */
export function seen({ node, caller }: Call): Connection[] {
  const open = [...(node.amqp?.connections ?? [])].filter(({ vhost }) => vhost !== '')
  return caller.is('monitoring') ? open : open.filter(({ user }) => user === caller.name)
}

export function channelsOf(connections: Iterable<Connection>): Place[] {
  return [...connections].flatMap(connection =>
    [...connection.channels.values()].map(channel => ({
      title: `${connection.name} (${channel.number})`,
      connection,
      channel,
    })),
  )
}

export function connectionDetails({ name, stream: { peer } }: Connection): Shape {
  return { name, peer_host: peer.address, peer_port: peer.port }
}
