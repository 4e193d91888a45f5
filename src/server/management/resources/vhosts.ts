// Virtual hosts and their limits.

import type { Broker } from '../../../broker/index.ts'
import { queueTypes, type Vhost, type VhostLimits, type VhostMetadata } from '../../../broker/vhosts.ts'
import { type Answer, badRequest, created, done, notFound, ok, type Shape } from '../answer.ts'
import type { Body } from '../body.ts'
import { listed, one } from '../listing.ts'
import { type Call, del, get, put, type Route, type Serving, schemas } from '../route.ts'
import { sumOfLevels } from '../stats.ts'

export const vhostRoutes: readonly Route[] = [
  get('/api/vhosts', {
    summary: 'Virtual hosts that the caller sees',
    isList: true,
    handle: call => {
      const items = call.broker.vhosts.list().filter(({ name }) => call.caller.sees(name))
      const shape = (vhost: Vhost) => vhostShape(call, vhost)
      return ok(listed({ items, shape, name: ({ name }) => name }, call.query))
    },
  }),
  get('/api/vhosts/{name}', {
    summary: 'One virtual host',
    handle: call => {
      call.caller.checkSees(call.at('name'))
      return ok(one(vhostShape(call, call.broker.vhosts.require(call.at('name'))), call.query))
    },
  }),
  put('/api/vhosts/{name}', {
    who: 'administrator',
    summary: 'Make a virtual host, with all permissions for the caller, or change its metadata',
    body: {
      description: schemas.text,
      tags: schemas.words,
      default_queue_type: { enum: queueTypes },
      tracing: { const: false },
    },
    handle: putVhost,
  }),
  del('/api/vhosts/{name}', {
    who: 'administrator',
    summary: "Delete a virtual host with everything in it; '/' stays",
    handle: async ({ broker, at }) => {
      await broker.vhosts.delete(at('name'))
      return done
    },
  }),
  get('/api/vhost-limits', {
    summary: 'Limits of all virtual hosts that the caller sees',
    isList: true,
    handle: ({ broker, caller, query }) => {
      const items = broker.vhosts.list().filter(({ name }) => caller.sees(name))
      return ok(listed({ items: items.flatMap(limitsShape), shape: shape => shape }, query))
    },
  }),
  get('/api/vhost-limits/{vhost}', {
    summary: 'Limits of a virtual host',
    isList: true,
    handle: ({ broker, caller, query, at }) => {
      caller.checkSees(at('vhost'))
      const items = limitsShape(broker.vhosts.require(at('vhost')))
      return ok(listed({ items, shape: shape => shape }, query))
    },
  }),
  put('/api/vhost-limits/{vhost}/{name}', {
    who: 'administrator',
    summary: 'Set a limit of a virtual host: max-connections or max-queues; below 0 for none',
    body: { 'value!': schemas.whole },
    handle: async ({ broker, body, at }) => {
      body.required('value')
      const { limits } = broker.vhosts.require(at('vhost'))
      await broker.vhosts.setLimits(at('vhost'), { ...limits, [limitKey(at('name'))]: body.whole('value') })
      return done
    },
  }),
  del('/api/vhost-limits/{vhost}/{name}', {
    who: 'administrator',
    summary: 'Take a limit away',
    handle: clearLimit,
  }),
]

/** RabbitMQ's names of limits. */
export const limitKeys = { 'max-connections': 'maxConnections', 'max-queues': 'maxQueues' } as const

function vhostShape({ broker, node }: Serving, vhost: Vhost): Shape {
  const { name, description = '', tags = [], defaultQueueType } = vhost
  const metadata = { description, tags, ...(defaultQueueType && { default_queue_type: defaultQueueType }) }
  return {
    name,
    ...metadata,
    metadata,
    tracing: false,
    cluster_state: { [node.name]: 'running' },
    ...sumOfLevels(broker.queues.list(name)),
  }
}

async function putVhost({ broker, caller, body, at }: Call): Promise<Answer> {
  const isNew = await broker.vhosts.put(at('name'), metadataOf(body))
  if (!isNew) return done
  const everything = { configure: '.*', write: '.*', read: '.*' }
  if (caller.isInternal) await broker.permissions.set({ user: caller.name, vhost: at('name'), ...everything })
  return created
}

/** What the fields of a body or of definitions say. Errors: 400. */
export function metadataOf(body: Body): VhostMetadata {
  const inner = body.object('metadata')
  const description = body.text('description') ?? inner.description
  const tags = body.words('tags') ?? inner.tags
  const given = body.text('default_queue_type') ?? inner.default_queue_type
  const defaultQueueType = queueTypes.find(type => type === given)
  if (typeof given === 'string' && given !== 'undefined' && defaultQueueType === undefined)
    throw badRequest(`default_queue_type '${given.slice(0, 40)}' is none of ${queueTypes.join(', ')}`)
  if (body.flag('tracing') === true) throw badRequest('tracing is not there: nothing would be traced')
  return {
    ...(typeof description === 'string' && { description }),
    ...(Array.isArray(tags) && { tags: tags.map(String) }),
    ...(defaultQueueType && { defaultQueueType }),
  }
}

/** The limits that are set, by RabbitMQ's names. */
export function limitsJson(limits: VhostLimits): Record<string, number> {
  const set: Record<string, number> = {}
  for (const [name, key] of Object.entries(limitKeys)) {
    const value = limits[key]
    if (value !== undefined) set[name] = value
  }
  return set
}

function limitsShape({ name, limits }: Vhost): Shape[] {
  const value = limitsJson(limits)
  return Object.keys(value).length === 0 ? [] : [{ vhost: name, value }]
}

/** Errors: 400. */
function limitKey(name: string): keyof VhostLimits {
  if (name === 'max-connections' || name === 'max-queues') return limitKeys[name]
  throw badRequest(
    `Unrecognised virtual host limit ${name.slice(0, 80)}: there are max-connections and max-queues`,
  )
}

async function clearLimit({ broker, at }: Call): Promise<Answer> {
  const { limits } = requireVhost(broker, at('vhost'))
  const { [limitKey(at('name'))]: cleared, ...rest } = limits
  if (cleared === undefined) throw notFound()
  await broker.vhosts.setLimits(at('vhost'), rest)
  return done
}

function requireVhost(broker: Broker, name: string): Vhost {
  const found = broker.vhosts.get(name)
  if (found === undefined) throw notFound()
  return found
}
