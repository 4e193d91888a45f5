// Bindings: listed, made, taken away. In a path the default exchange is called `amq.default`.

import type { Binding, DestinationKind } from '../../../broker/routing/binding.ts'
import { type Answer, done, notFound, ok } from '../answer.ts'
import { fieldsOf } from '../field-json.ts'
import { listed } from '../listing.ts'
import { type Call, del, get, post, type Route, schemas } from '../route.ts'
import { bindingShape, bindingsOf } from './binding-shape.ts'

const body = { routing_key: schemas.text, arguments: schemas.object }

const kinds = [
  { kind: 'queue', path: '/api/bindings/{vhost}/e/{exchange}/q/{queue}', ends: 'an exchange and a queue' },
  { kind: 'exchange', path: '/api/bindings/{vhost}/e/{exchange}/e/{destination}', ends: 'two exchanges' },
] as const

export const bindingRoutes: readonly Route[] = [
  get('/api/bindings', {
    summary: 'All bindings of virtual hosts that the caller sees',
    isList: true,
    handle: call => {
      const vhosts = call.broker.vhosts.list().filter(({ name }) => call.caller.sees(name))
      return bindingList(
        call,
        vhosts.flatMap(({ name }) => bindingsOf.vhost(call.broker, name)),
      )
    },
  }),
  get('/api/bindings/{vhost}', {
    summary: 'All bindings of a virtual host',
    isList: true,
    handle: call => {
      call.caller.checkSees(call.at('vhost'))
      return bindingList(call, bindingsOf.vhost(call.broker, call.at('vhost')))
    },
  }),
  ...kinds.flatMap(({ kind, path, ends }) => [
    get(path, {
      summary: `Bindings between ${ends}`,
      isList: true,
      handle: call => bindingList(call, between(call, kind)),
    }),
    post(path, { summary: `Bind ${ends}`, body, handle: call => bind(call, kind) }),
    get(`${path}/{props}`, {
      summary: `One binding between ${ends}`,
      handle: call => ok(bindingShape(named(call, kind))),
    }),
    del(`${path}/{props}`, {
      summary: `Take away a binding between ${ends}`,
      handle: call => unbind(call, kind),
    }),
  ]),
]

export function bindingList({ query }: Call, items: readonly Binding[]): Answer {
  return ok(listed({ items, shape: bindingShape }, query))
}

/** The name of an exchange in a path. */
export function exchangeName(segment: string): string {
  return segment === 'amq.default' ? '' : segment
}

interface Ends {
  readonly vhost: string
  readonly source: string
  readonly kind: DestinationKind
  readonly destination: string
}

function endsOf({ at }: Call, kind: DestinationKind): Ends {
  const destination = kind === 'queue' ? at('queue') : exchangeName(at('destination'))
  return { vhost: at('vhost'), source: exchangeName(at('exchange')), kind, destination }
}

/** Errors: 404 when one of the ends is not there; 401. */
function between(call: Call, kind: DestinationKind): Binding[] {
  const { broker, caller } = call
  const { vhost, source, destination } = endsOf(call, kind)
  caller.checkSees(vhost)
  broker.exchanges.require(vhost, source)
  if (kind === 'exchange') broker.exchanges.require(vhost, destination)
  else broker.queues.require(vhost, destination)
  const all =
    kind === 'queue'
      ? bindingsOf.queue(broker, vhost, destination)
      : bindingsOf.destination(broker, vhost, destination)
  return all.filter(binding => binding.source === source)
}

function named(call: Call, kind: DestinationKind): Binding {
  // The properties key is itself encoded as in a query string, and then as a segment; tools send it as it was given.
  const props = call.at('props')
  const encoded = encodeURIComponent(props).replace(/[!'()*]/g, one => `%${one.charCodeAt(0).toString(16)}`)
  const found = between(call, kind).find(
    ({ propertiesKey, key }) =>
      propertiesKey === props || (key === props && propertiesKey.toUpperCase() === encoded.toUpperCase()),
  )
  if (found === undefined) throw notFound()
  return found
}

async function bind(call: Call, kind: DestinationKind): Promise<Answer> {
  const ends = endsOf(call, kind)
  demandEnds(call, ends)
  const key = call.body.text('routing_key') ?? ''
  if (call.broker.exchanges.require(ends.vhost, ends.source).type === 'topic')
    call.caller.demandTopic(ends.vhost, 'read', ends.source, key)
  const { propertiesKey } = await call.broker.exchanges.bind({
    ...ends,
    key,
    arguments: fieldsOf(call.body.object('arguments')),
  })
  // Relative to the request, as RabbitMQ's: clients take the key of the binding from behind its only slash.
  const location = [ends.destination, propertiesKey].map(encodeURIComponent).join('/')
  return { status: 201, location }
}

async function unbind(call: Call, kind: DestinationKind): Promise<Answer> {
  demandEnds(call, endsOf(call, kind))
  await call.broker.exchanges.unbind(named(call, kind))
  return done
}

/** As for queue.bind: write on what takes messages, read on where they come from. Errors: 401. */
function demandEnds({ caller }: Call, { vhost, source, kind, destination }: Ends): void {
  caller.demand(vhost, 'write', kind, destination)
  caller.demand(vhost, 'read', 'exchange', source)
}
