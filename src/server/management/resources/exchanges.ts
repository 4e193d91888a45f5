// Exchanges: listed, declared, deleted, published to.

import type { Exchange, ExchangeDefinition } from '../../../broker/routing/exchange.ts'
import { routableOf } from '../../../heads/amqp091/publishing.ts'
import { type Answer, badRequest, created, done, notAllowed, notFound, ok, type Shape } from '../answer.ts'
import type { Body } from '../body.ts'
import { fieldsJson, fieldsOf } from '../field-json.ts'
import { listed, one } from '../listing.ts'
import { propertiesOf } from '../properties-json.ts'
import { type Call, del, get, post, put, type Route, type Serving, schemas } from '../route.ts'
import { exchangeCounts } from '../stats.ts'
import { bindingsOf } from './binding-shape.ts'
import { bindingList, exchangeName } from './bindings.ts'
import { stored } from './publishing.ts'

type AnyExchange = Exchange<unknown>

export const exchangeRoutes: readonly Route[] = [
  get('/api/exchanges', {
    summary: 'Exchanges of all virtual hosts that the caller sees',
    isList: true,
    handle: call => {
      const vhosts = call.broker.vhosts.list().filter(({ name }) => call.caller.sees(name))
      return exchangeList(
        call,
        vhosts.flatMap(({ name }) => call.broker.exchanges.list(name)),
      )
    },
  }),
  get('/api/exchanges/{vhost}', {
    summary: 'Exchanges of a virtual host',
    isList: true,
    handle: call => {
      call.caller.checkSees(call.at('vhost'))
      return exchangeList(call, call.broker.exchanges.list(call.at('vhost')))
    },
  }),
  get('/api/exchanges/{vhost}/{name}', {
    summary: 'One exchange',
    handle: call =>
      ok(one({ ...exchangeShape(call, seenExchange(call)), incoming: [], outgoing: [] }, call.query)),
  }),
  put('/api/exchanges/{vhost}/{name}', {
    summary: 'Declare an exchange',
    body: {
      'type!': schemas.text,
      durable: schemas.flag,
      auto_delete: schemas.flag,
      internal: schemas.flag,
      arguments: schemas.object,
    },
    handle: declare,
  }),
  del('/api/exchanges/{vhost}/{name}', {
    summary: 'Delete an exchange with its bindings',
    query: { 'if-unused': 'Only when no bindings lead from it' },
    handle: remove,
  }),
  get('/api/exchanges/{vhost}/{name}/bindings/source', {
    summary: 'Bindings that lead from an exchange',
    isList: true,
    handle: call => {
      const { vhost, name } = seenExchange(call)
      return bindingList(call, bindingsOf.source(call.broker, vhost, name))
    },
  }),
  get('/api/exchanges/{vhost}/{name}/bindings/destination', {
    summary: 'Bindings that lead to an exchange',
    isList: true,
    handle: call => {
      const { vhost, name } = seenExchange(call)
      return bindingList(call, bindingsOf.destination(call.broker, vhost, name))
    },
  }),
  post('/api/exchanges/{vhost}/{name}/publish', {
    summary: 'Publish a message; answered when it is as durable as its queues keep it',
    body: {
      'properties!': schemas.object,
      'routing_key!': schemas.text,
      'payload!': schemas.text,
      'payload_encoding!': { enum: ['string', 'base64'] },
    },
    handle: publish,
  }),
]

function exchangeList(call: Call, items: readonly AnyExchange[]): Answer {
  const shape = (exchange: AnyExchange) => exchangeShape(call, exchange)
  return ok(listed({ items, shape, name: exchange => exchange.name }, call.query))
}

/** Errors: 404, 401. */
function seenExchange({ broker, caller, at }: Call): AnyExchange {
  caller.checkSees(at('vhost'))
  const exchange = broker.exchanges.get(at('vhost'), exchangeName(at('name')))
  if (exchange === undefined) throw notFound()
  return exchange
}

function exchangeShape({ broker, rates }: Serving, exchange: AnyExchange): Shape {
  const { vhost, name, type, durable, autoDelete, internal } = exchange
  return {
    name,
    vhost,
    type,
    durable,
    auto_delete: autoDelete,
    internal,
    arguments: fieldsJson(exchange.arguments),
    policy: broker.policies.forExchange(vhost, name).policy?.name,
    message_stats: rates.withRates(exchange, exchangeCounts(exchange)),
  }
}

async function declare({ broker, caller, body, at }: Call): Promise<Answer> {
  const [vhost, name] = [at('vhost'), exchangeName(at('name'))]
  caller.demand(vhost, 'configure', 'exchange', name)
  const known = broker.exchanges.get(vhost, name)
  const wanted = newExchange(name, body)
  const alternate = wanted.arguments.get('alternate-exchange')
  if (typeof alternate === 'string') {
    caller.demand(vhost, 'read', 'exchange', name)
    caller.demand(vhost, 'write', 'exchange', alternate)
  }
  await broker.exchanges.declare(vhost, wanted)
  return known === undefined ? created : done
}

/** What the fields of a body or of definitions ask for. Errors: 400. */
export function newExchange(name: string, body: Body): ExchangeDefinition {
  return {
    name,
    type: body.requiredText('type'),
    durable: body.flag('durable') ?? true,
    autoDelete: body.flag('auto_delete') ?? false,
    internal: body.flag('internal') ?? false,
    arguments: fieldsOf(body.object('arguments')),
  }
}

async function remove(call: Call): Promise<Answer> {
  const { vhost, name } = seenExchange(call)
  call.caller.demand(vhost, 'configure', 'exchange', name)
  await call.broker.exchanges.delete(vhost, name, { ifUnused: call.query.get('if-unused') === 'true' })
  return done
}

async function publish(call: Call): Promise<Answer> {
  const { broker, caller, body, node } = call
  const exchange = seenExchange(call)
  const { vhost, name } = exchange
  body.required('properties')
  const routingKey = body.requiredText('routing_key')
  const bytes = payloadOf(body)
  const properties = propertiesOf(body.object('properties'))
  caller.demand(vhost, 'write', 'exchange', name)
  if (exchange.internal)
    throw notAllowed(`ACCESS_REFUSED - cannot publish to internal exchange '${name}' in vhost '${vhost}'`)
  if (exchange.type === 'topic') caller.demandTopic(vhost, 'write', name, routingKey)
  const { userId } = properties
  if (userId !== undefined && userId !== caller.name && !caller.tags.includes('impersonator'))
    throw badRequest(`user_id property set to '${userId}' but authenticated user was '${caller.name}'`)
  const message = { exchange: name, routingKey, properties, body: bytes, nowMs: broker.world.now() }
  const count = await stored(broker, vhost, routableOf(message, exchange.delayed))
  node.counts.published++
  return ok({ routed: count > 0 })
}

/** Errors: 400. */
function payloadOf(body: Body): Buffer {
  const text = body.requiredText('payload')
  const encoding = body.requiredText('payload_encoding')
  if (encoding === 'string') return Buffer.from(text)
  if (encoding !== 'base64')
    throw badRequest(`Unsupported payload encoding: ${encoding}. Please use "string" or "base64"`)
  const bytes = Buffer.from(text, 'base64')
  if (bytes.toString('base64').replace(/=+$/, '') === text.replace(/=+$/, '')) return bytes
  throw badRequest('the payload is not base64')
}
