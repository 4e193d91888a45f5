// Connections of AMQP clients, and their channels. Those of other protocols have no place in RabbitMQ's shapes.

import type { Connection } from '../../../heads/amqp091/index.ts'
import { type Answer, done, notAllowed, notFound, ok, type Shape } from '../answer.ts'
import { fieldsJson } from '../field-json.ts'
import { listed, one } from '../listing.ts'
import { type Call, del, get, type Route, type Serving } from '../route.ts'
import { connectionCounts } from '../stats.ts'
import { channelsOf, connectionDetails, type Place, seen } from './channel-places.ts'
import { consumersOfChannel } from './consumer-shape.ts'

export const connectionRoutes: readonly Route[] = [
  get('/api/connections', {
    summary: 'AMQP connections: all for monitoring, else the own ones',
    isList: true,
    handle: call => connectionList(call, seen(call)),
  }),
  get('/api/vhosts/{vhost}/connections', {
    summary: 'AMQP connections of a virtual host',
    isList: true,
    handle: call => {
      call.caller.checkSees(call.at('vhost'))
      return connectionList(
        call,
        seen(call).filter(({ vhost }) => vhost === call.at('vhost')),
      )
    },
  }),
  get('/api/connections/username/{user}', {
    summary: 'AMQP connections of a user',
    isList: true,
    handle: call =>
      connectionList(
        call,
        seen(call).filter(({ user }) => user === call.at('user')),
      ),
  }),
  del('/api/connections/username/{user}', {
    summary: 'Close the connections of a user',
    handle: call => {
      for (const connection of seen(call).filter(({ user }) => user === call.at('user')))
        close(call, connection)
      return done
    },
  }),
  get('/api/connections/{name}', {
    summary: 'One AMQP connection',
    handle: call => ok(one(connectionShape(call, named(call)), call.query)),
  }),
  del('/api/connections/{name}', {
    summary: 'Close a connection (320); the header X-Reason says why',
    handle: call => {
      close(call, named(call))
      return done
    },
  }),
  get('/api/connections/{name}/channels', {
    summary: 'Channels of a connection',
    isList: true,
    handle: call => channelList(call, [named(call)]),
  }),
  get('/api/channels', {
    summary: 'Channels of AMQP connections',
    isList: true,
    handle: call => channelList(call, seen(call)),
  }),
  get('/api/vhosts/{vhost}/channels', {
    summary: 'Channels of a virtual host',
    isList: true,
    handle: call => {
      call.caller.checkSees(call.at('vhost'))
      return channelList(
        call,
        seen(call).filter(({ vhost }) => vhost === call.at('vhost')),
      )
    },
  }),
  get('/api/channels/{name}', {
    summary: 'One channel, with its consumers',
    handle: call => {
      const found = channelsOf(seen(call)).find(({ title }) => title === call.at('name'))
      if (found === undefined) throw notFound()
      const consumer_details = consumersOfChannel(call, found)
      return ok(one({ ...channelShape(call, found), consumer_details }, call.query))
    },
  }),
]

function connectionList(call: Call, items: readonly Connection[]): Answer {
  const shape = (connection: Connection) => connectionShape(call, connection)
  return ok(listed({ items, shape, name: connection => connection.name }, call.query))
}

function channelList(call: Call, connections: readonly Connection[]): Answer {
  const shape = (place: Place) => channelShape(call, place)
  return ok(listed({ items: channelsOf(connections), shape, name: ({ title }) => title }, call.query))
}

/** Errors: 404; 401 for another user's. */
function named(call: Call): Connection {
  const found = [...(call.node.amqp?.connections ?? [])].find(({ name }) => name === call.at('name'))
  if (found === undefined) throw notFound()
  if (!call.caller.is('monitoring') && found.user !== call.caller.name)
    throw notAllowed('Not monitor user or connection owner')
  return found
}

/** Errors: 401 for who is neither its owner nor an administrator. */
function close({ caller, header }: Call, connection: Connection): void {
  if (!caller.is('administrator') && connection.user !== caller.name)
    throw notAllowed('Not administrator user or connection owner')
  connection.shut(header('x-reason') ?? 'Closed via management plugin')
}

function connectionShape({ node, rates }: Serving, connection: Connection): Shape {
  const { name, user, vhost, tuning, client, stream } = connection
  const { address, port, encrypted } = stream.peer
  const [, host = '', ownPort = ''] = / -> (.*):(\d+)$/.exec(name) ?? []
  return {
    name,
    node: node.name,
    vhost,
    user,
    user_who_performed_action: user,
    type: 'network',
    protocol: 'AMQP 0-9-1',
    state: connection.alarmState ?? connection.at,
    auth_mechanism: client.mechanism,
    host,
    port: Number(ownPort),
    peer_host: address,
    peer_port: port,
    ssl: encrypted,
    peer_cert_subject: stream.peer.certificate?.distinguishedName,
    channels: connection.channels.size,
    channel_max: tuning?.channelMax,
    frame_max: tuning?.frameMax,
    timeout: tuning?.heartbeat,
    connected_at: connection.since,
    client_properties: fieldsJson(client.properties),
    ...rates.withRates(connection, connectionCounts(connection)),
  }
}

function channelShape({ node }: Serving, { title, connection, channel }: Place): Shape {
  const { mode, credit, unacked } = channel
  const isLimited = credit.limit !== connection.serving.limits.unackedMax
  return {
    name: title,
    number: channel.number,
    node: node.name,
    vhost: connection.vhost,
    user: connection.user,
    user_who_performed_action: connection.user,
    state: 'running',
    prefetch_count: channel.prefetch,
    global_prefetch_count: isLimited ? credit.limit : 0,
    confirm: mode.at === 'confirm',
    transactional: mode.at === 'tx',
    messages_unacknowledged: unacked.size,
    messages_unconfirmed: mode.at === 'confirm' ? mode.confirms.waiting : 0,
    consumer_count: channel.consumers.size,
    connection_details: connectionDetails(connection),
  }
}
