// Queues and streams: listed, declared, deleted, purged.

import type { Broker } from '../../../broker/index.ts'
import type { NewQueue } from '../../../broker/queues/declaration.ts'
import { Queue } from '../../../broker/queues/queue.ts'
import { type QueueType, queueTypes } from '../../../broker/queues/queue-settings.ts'
import type { Entity } from '../../../broker/queues/queues.ts'
import { type Answer, badRequest, created, done, notAllowed, notFound, ok, type Shape } from '../answer.ts'
import type { Body } from '../body.ts'
import { fieldsJson, fieldsOf } from '../field-json.ts'
import { listed, one } from '../listing.ts'
import { type Call, del, get, post, put, type Route, type Serving, schemas } from '../route.ts'
import { queueCounts, queueLevels } from '../stats.ts'
import { bindingShape, bindingsOf } from './binding-shape.ts'
import { consumersOf } from './consumer-shape.ts'

export const queueRoutes: readonly Route[] = [
  get('/api/queues', {
    summary: 'Queues and streams that were declared, of all virtual hosts that the caller sees',
    isList: true,
    handle: call =>
      queueList(
        call,
        [...call.broker.queues.list()].filter(({ vhost }) => call.caller.sees(vhost)),
      ),
  }),
  get('/api/queues/{vhost}', {
    summary: 'Queues and streams of a virtual host',
    isList: true,
    handle: call => {
      call.caller.checkSees(call.at('vhost'))
      return queueList(call, [...call.broker.queues.list(call.at('vhost'))])
    },
  }),
  get('/api/queues/{vhost}/{name}', {
    summary: 'One queue or stream, with its consumers',
    handle: call => {
      const entity = seenQueue(call)
      const consumer_details = consumersOf(call, entity)
      return ok(
        one({ ...queueShape(call, entity), consumer_details, incoming: [], deliveries: [] }, call.query),
      )
    },
  }),
  put('/api/queues/{vhost}/{name}', {
    summary: 'Declare a queue or a stream',
    body: {
      durable: schemas.flag,
      auto_delete: schemas.flag,
      arguments: schemas.object,
      node: schemas.text,
    },
    handle: declare,
  }),
  del('/api/queues/{vhost}/{name}', {
    summary: 'Delete a queue with its messages and bindings',
    query: { 'if-empty': 'Only when it is empty', 'if-unused': 'Only when it has no consumers' },
    handle: remove,
  }),
  get('/api/queues/{vhost}/{name}/bindings', {
    summary: 'Bindings that lead to a queue, that from the default exchange among them',
    isList: true,
    handle: call => {
      const { vhost, name } = seenQueue(call)
      const items = bindingsOf.queue(call.broker, vhost, name)
      return ok(listed({ items, shape: bindingShape }, call.query))
    },
  }),
  del('/api/queues/{vhost}/{name}/contents', {
    summary: 'Delete the messages that are ready',
    handle: purge,
  }),
  post('/api/queues/{vhost}/{name}/actions', {
    summary: 'What RabbitMQ does to mirrored queues, of which there are none: refused',
    body: { 'action!': schemas.text },
    handle: call => {
      changeableQueue(call)
      throw badRequest(`unknown action '${call.body.requiredText('action')}'`)
    },
  }),
]

function queueList(call: Call, items: readonly Entity[]): Answer {
  const shape = (entity: Entity) => queueShape(call, entity)
  return ok(listed({ items, shape, name: entity => entity.name }, call.query))
}

/** The queue of the path. Errors: 404, 401. */
export function seenQueue({ broker, caller, at }: Call): Entity {
  caller.checkSees(at('vhost'))
  const entity = broker.queues.get(at('vhost'), at('name'))
  if (entity === undefined) throw notFound()
  return entity
}

/** As `seenQueue`, for somebody who wants to do something with it. */
export function changeableQueue({ broker, caller, at }: Call): Entity {
  caller.checkEnters(at('vhost'))
  const entity = broker.queues.get(at('vhost'), at('name'))
  if (entity === undefined) throw notFound()
  broker.queues.checkOwner(entity, undefined)
  return entity
}

export function queueShape({ broker, node, rates }: Serving, entity: Entity): Shape {
  const { vhost, name } = entity
  const type = typeOf(entity)
  const { policy, operatorPolicy, definition } = broker.policies.forQueue(vhost, name, type)
  const { durable = true, autoDelete = false, exclusive = false } = entity.definition ?? {}
  const replicated =
    type === 'classic' ? {} : { leader: node.name, members: [node.name], online: [node.name] }
  return {
    name,
    vhost,
    type,
    durable,
    auto_delete: autoDelete,
    exclusive,
    arguments: fieldsJson(entity.definition?.arguments ?? new Map()),
    node: node.name,
    state: 'running',
    policy: policy?.name,
    operator_policy: operatorPolicy?.name,
    effective_policy_definition: { ...definition },
    ...rates.withRates(entity, queueLevels(entity)),
    message_stats: rates.withRates(entity, queueCounts(entity)),
    ...consumerFacts(entity),
    log_bytes: entity.logBytes,
    ...replicated,
  }
}

function consumerFacts(entity: Entity): Shape {
  if (!(entity instanceof Queue)) return { consumers: entity.consumers.size }
  const { consumers, active } = entity.subscription
  return {
    consumers: consumers.size,
    exclusive_consumer_tag: consumers.exclusive?.options.tag,
    single_active_consumer_tag: active?.options.tag,
  }
}

export function typeOf(entity: Entity): QueueType {
  return entity.definition?.type ?? 'stream'
}

async function declare(call: Call): Promise<Answer> {
  const { broker, caller, body, at } = call
  const [vhost, name] = [at('vhost'), at('name')]
  caller.demand(vhost, 'configure', 'queue', name)
  const isNew = await declareQueue(broker, newQueue(broker, vhost, name, body), (kind, what, resource) =>
    caller.demand(vhost, kind, what, resource),
  )
  return isNew ? created : done
}

/** Asks for a permission. Errors: 401. */
type Demand = (kind: 'read' | 'write', what: 'queue' | 'exchange', name: string) => void

/** What the fields of a body or of definitions ask for. Errors: 400. */
export function newQueue(broker: Broker, vhost: string, name: string, body: Body): NewQueue {
  const durable = body.flag('durable') ?? true
  const autoDelete = body.flag('auto_delete') ?? false
  const args = fieldsOf(body.object('arguments'))
  // Clients with a field for it send it empty; RabbitMQ looks at the argument only.
  const given = body.text('type') || body.text('queue_type') || undefined
  const named = queueTypes.find(one => one === given)
  if (given !== undefined && named === undefined)
    throw badRequest(`queue type '${given.slice(0, 40)}' is none of ${queueTypes.join(', ')}`)
  const byVhost = durable && !autoDelete ? broker.vhosts.get(vhost)?.defaultQueueType : undefined
  const type = named ?? byVhost
  return { vhost, name, durable, autoDelete, arguments: args, ...(type && { type }) }
}

/** Whether it is new. Errors: as `Queues.declare`; 401 for a name or a dead-letter exchange that is not the caller's. */
export async function declareQueue(broker: Broker, wanted: NewQueue, demand: Demand): Promise<boolean> {
  const { vhost, name, arguments: args } = wanted
  const known = broker.queues.get(vhost, name)
  if (known === undefined && name.startsWith('amq.'))
    throw notAllowed(`ACCESS_REFUSED - queue name '${name}' contains reserved prefix 'amq.*'`)
  const deadLetters = args?.get('x-dead-letter-exchange')
  if (typeof deadLetters === 'string') {
    demand('read', 'queue', name)
    demand('write', 'exchange', deadLetters)
  }
  if (known === undefined) broker.vhosts.checkQueues(vhost, broker.queues.count(vhost))
  await broker.queues.declare(wanted)
  return known === undefined
}

async function remove(call: Call): Promise<Answer> {
  const { vhost, name } = changeableQueue(call)
  call.caller.demand(vhost, 'configure', 'queue', name)
  await call.broker.queues.delete(vhost, name, {
    ifEmpty: call.query.get('if-empty') === 'true',
    ifUnused: call.query.get('if-unused') === 'true',
  })
  return done
}

function purge(call: Call): Answer {
  const entity = changeableQueue(call)
  call.caller.demand(entity.vhost, 'read', 'queue', entity.name)
  if (!(entity instanceof Queue)) throw badRequest(`NOT_IMPLEMENTED - ${entity.title} cannot be purged`)
  entity.purge()
  return done
}
