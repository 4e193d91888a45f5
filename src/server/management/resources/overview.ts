// The whole at a glance, nodes, and what the API says of itself.

import type { Broker } from '../../../broker/index.ts'
import { exchangeTypes } from '../../../broker/routing/kinds.ts'
import { type Answer, badRequest, done, notFound, ok, type Shape } from '../answer.ts'
import { listed, one } from '../listing.ts'
import type { ListenerFacts, ManagementNode } from '../node.ts'
import type { Counts, Sampled } from '../rates.ts'
import { type Call, get, put, type Route, type Serving, schemas } from '../route.ts'
import { sumOfLevels } from '../stats.ts'

/** RabbitMQ's name of the global parameter that holds the cluster's name. */
const CLUSTER_NAME = 'cluster_name'

export const overviewRoutes: readonly Route[] = [
  get('/api/overview', {
    summary: 'Versions, listeners, and counts of everything that the caller sees',
    handle: call => ok(one(overview(call), call.query)),
  }),
  get('/api/cluster-name', {
    summary: 'The name of the cluster',
    handle: ({ broker }) => ok({ name: clusterName(broker) }),
  }),
  put('/api/cluster-name', {
    who: 'administrator',
    summary: 'Name the cluster',
    body: { 'name!': schemas.text },
    handle: async ({ broker, body }) => {
      await broker.parameters.setGlobal({ name: CLUSTER_NAME, value: body.requiredText('name') })
      return done
    },
  }),
  get('/api/nodes', {
    who: 'monitoring',
    summary: 'The one node',
    isList: true,
    handle: async call => {
      const node = await nodeShape(call)
      return ok(listed({ items: [node], shape: shape => shape }, call.query))
    },
  }),
  get('/api/nodes/{name}', {
    who: 'monitoring',
    summary: 'One node',
    handle: async call => {
      checkNode(call)
      return ok(one(await nodeShape(call), call.query))
    },
  }),
  put('/api/nodes/{name}/memory-high-watermark', {
    who: 'administrator',
    summary:
      'Let publishers wait while the process has more than this part of the memory; null lets them never wait. Not in RabbitMQ',
    body: { value: { type: ['number', 'null'], minimum: 0, maximum: 1 } },
    handle: setWatermark,
  }),
  get('/api/extensions', { summary: 'Extensions of the user interface: none', handle: () => ok([]) }),
  get('/api/feature-flags', {
    who: 'administrator',
    summary: 'What RabbitMQ can switch on, and is always on here',
    isList: true,
    handle: ({ query }) => ok(listed({ items: featureFlags, shape: flag => ({ ...flag }) }, query)),
  }),
  put('/api/feature-flags/{name}/enable', {
    who: 'administrator',
    summary: 'Switch one of them on, which it is',
    handle: ({ at }) => {
      if (!featureFlags.some(({ name }) => name === at('name'))) throw badRequest('unsupported')
      return done
    },
  }),
  get('/api/auth', {
    who: 'anybody',
    summary: 'Whether a web page would log in by OAuth 2: there is none',
    handle: () => ok({ oauth_enabled: false }),
  }),
  get('/api/whoami', {
    summary: 'The caller and its tags',
    handle: ({ caller }) => ok({ name: caller.name, tags: caller.tags, is_internal_user: caller.isInternal }),
  }),
]

/** Errors: 404 for the name of another node. */
export function checkNode({ at, node }: Call): void {
  if (at('name') !== node.name) throw notFound()
}

/** What the head and this API count, for rates of the whole. */
export function overviewSample({ broker, node }: Pick<Serving, 'broker' | 'node'>): Sampled {
  return { key: broker, counts: () => ({ ...messageCounts(node), ...sumOfLevels(broker.queues.list()) }) }
}

function overview({ broker, caller, node, rates }: Call): Shape {
  const vhosts = broker.vhosts.list().filter(({ name }) => caller.sees(name))
  const names = vhosts.map(({ name }) => name)
  const connections = [...(node.amqp?.connections ?? [])].filter(({ vhost }) => names.includes(vhost))
  const channels = connections.flatMap(({ channels }) => [...channels.values()])
  const levels = sumOfLevels(seenQueues(broker, names))
  const isAll = caller.is('monitoring')
  return {
    management_version: node.rabbitVersion,
    rates_mode: 'basic',
    sample_retention_policies: { global: [], basic: [], detailed: [] },
    exchange_types: exchangeTypes.map(name => ({ name, description: '', enabled: true })),
    product_version: node.version,
    product_name: 'Posthorn',
    rabbitmq_version: node.rabbitVersion,
    cluster_name: clusterName(broker),
    node: node.name,
    message_stats: isAll ? rates.withRates(broker, messageCounts(node)) : {},
    queue_totals: isAll ? rates.withRates(broker, levels) : levels,
    object_totals: {
      connections: connections.length,
      channels: channels.length,
      consumers: channels.reduce((sum, { consumers }) => sum + consumers.size, 0),
      exchanges: names.reduce((sum, name) => sum + broker.exchanges.list(name).length, 0),
      queues: names.reduce((sum, name) => sum + broker.queues.count(name), 0),
    },
    churn_rates: churn(node),
    listeners: isAll ? node.listeners.map(one => listenerShape(one, node)) : [],
    contexts: isAll ? node.listeners.filter(isHttp).map(one => contextShape(one, node)) : [],
  }
}

function* seenQueues(broker: Broker, vhosts: readonly string[]) {
  for (const vhost of vhosts) yield* broker.queues.list(vhost)
}

/** Of the AMQP head and this API: what other protocols write and read does not count. */
function messageCounts({ amqp, counts }: ManagementNode): Counts {
  const metrics = amqp?.metrics
  return {
    publish: (metrics?.published ?? 0) + counts.published,
    confirm: metrics?.confirmed ?? 0,
    return_unroutable: metrics?.returned ?? 0,
    deliver_get: (metrics?.delivered ?? 0) + counts.fetched,
    ack: metrics?.acknowledged ?? 0,
  }
}

function churn({ amqp }: ManagementNode): Shape {
  const metrics = amqp?.metrics
  return {
    connection_created: metrics?.connectionsAccepted ?? 0,
    connection_closed: metrics?.connectionsClosed ?? 0,
    channel_created: metrics?.channelsOpened ?? 0,
    channel_closed: metrics?.channelsClosed ?? 0,
  }
}

export function clusterName(broker: Broker): string {
  const given = broker.parameters.global(CLUSTER_NAME)?.value
  return typeof given === 'string' ? given : broker.identity.clusterId
}

function listenerShape({ protocol, host, port }: ListenerFacts, node: ManagementNode): Shape {
  return { node: node.name, protocol, ip_address: host, port, socket_opts: {} }
}

function contextShape({ host, port, tls }: ListenerFacts, node: ManagementNode): Shape {
  const ssl = tls ? { ssl: true } : {}
  return { node: node.name, description: 'Posthorn Management', path: '/', ip: host, port, ...ssl }
}

function isHttp({ protocol }: ListenerFacts): boolean {
  return protocol.startsWith('http')
}

async function nodeShape({ node, broker }: Call): Promise<Shape> {
  const { watermark } = node
  return {
    name: node.name,
    type: 'disc',
    running: true,
    being_drained: false,
    os_pid: String(process.pid),
    uptime: node.uptimeMs,
    processors: node.processors,
    mem_used: node.residentBytes,
    mem_limit: watermark.limit,
    mem_alarm: watermark.isRaised,
    mem_calculation_strategy: 'rss',
    disk_free: await node.diskFree(),
    disk_free_alarm: node.isDiskFull,
    sockets_used: node.amqp?.connections.size ?? 0,
    rates_mode: 'basic',
    partitions: [],
    enabled_plugins: [],
    exchange_types: exchangeTypes.map(name => ({ name, description: '', enabled: true })),
    auth_mechanisms: ['PLAIN', 'AMQPLAIN', 'EXTERNAL'].map(name => ({
      name,
      description: '',
      enabled: true,
    })),
    applications: [{ name: 'posthorn', description: 'Posthorn', version: node.version }],
    contexts: node.listeners.filter(isHttp).map(one => contextShape(one, node)),
    db_dir: broker.dataPath,
    log_files: [],
    config_files: [],
    cluster_links: [],
  }
}

function setWatermark(call: Call): Answer {
  checkNode(call)
  const value = call.body.any('value')
  if (value !== undefined && (typeof value !== 'number' || value < 0 || value > 1))
    throw badRequest(`'value' must be a number from 0 to 1, or null; it is ${JSON.stringify(value)}`)
  call.node.watermark.set(value)
  return done
}

const featureFlags = [
  flag('quorum_queue', 'Queues of type quorum: kept as durable as classic ones'),
  flag('stream_queue', 'Queues of type stream'),
  flag('user_limits', 'Limits of users: connections and channels'),
  flag('virtual_host_metadata', 'Description and tags of virtual hosts'),
] as const

function flag(name: string, desc: string, state: 'enabled' | 'disabled' = 'enabled') {
  return { name, desc, doc_url: '', state, stability: 'stable', provided_by: 'posthorn' }
}
