// Definitions in RabbitMQ's format: everything but messages, out of one broker and into another. An import adds and replaces,
// and takes nothing away; it goes on in the order in which things need each other, and ends at the first that is refused.
//
// Not in it: the built-in account guest, whose password everybody knows; users of the configuration, which are made there;
// exclusive queues, which end with their connections. A user whose password only SCRAM knows has it in a field of ours.

import { algorithmName } from '../../../broker/access/password-hash.ts'
import type { Broker } from '../../../broker/index.ts'
import { type Answer, done, type Json, ok, type Shape } from '../answer.ts'
import { fieldsJson } from '../field-json.ts'
import { type Call, get, post, type Route, type Serving, schemas } from '../route.ts'
import { bindingShape } from './binding-shape.ts'
import { importDefinitions } from './definitions-import.ts'
import { LIMITS, OPERATOR_POLICY, VHOST_LIMITS } from './kept-parameters.ts'
import { globalShape, parameterShape } from './parameters.ts'
import { permissionShape, topicShape } from './permissions.ts'
import { policyShape } from './policies.ts'
import { SCRAM_FIELD, userLimitsJson } from './users.ts'
import { limitsJson } from './vhosts.ts'

const list = { type: 'array', items: schemas.object }
const inVhost = { parameters: list, policies: list, queues: list, exchanges: list, bindings: list }
const everything = {
  ...{ users: list, vhosts: list, permissions: list, topic_permissions: list, global_parameters: list },
  ...inVhost,
}

export const definitionRoutes: readonly Route[] = [
  get('/api/definitions', {
    who: 'administrator',
    summary: 'Everything but messages',
    query: { download: 'The name of a file to save it as' },
    handle: call => ok(allDefinitions(call)),
  }),
  post('/api/definitions', {
    who: 'administrator',
    summary: 'Add definitions',
    body: everything,
    handle: async call => {
      await importDefinitions(call.broker, call.body)
      return done
    },
  }),
  get('/api/definitions/{vhost}', {
    who: 'administrator',
    summary: 'Everything of a virtual host but messages',
    handle: call => {
      call.caller.checkSees(call.at('vhost'))
      return ok(vhostDefinitions(call, call.at('vhost')))
    },
  }),
  post('/api/definitions/{vhost}', {
    who: 'administrator',
    summary: 'Add definitions to a virtual host',
    body: inVhost,
    handle: importToVhost,
  }),
]

async function importToVhost({ broker, body, at }: Call): Promise<Answer> {
  broker.vhosts.require(at('vhost'))
  await importDefinitions(broker, body, at('vhost'))
  return done
}

function versions({ node }: Serving): Shape {
  return {
    rabbit_version: node.rabbitVersion,
    rabbitmq_version: node.rabbitVersion,
    product_name: 'Posthorn',
    product_version: node.version,
  }
}

function allDefinitions(serving: Serving): Shape {
  const { broker } = serving
  const vhosts = broker.vhosts.list().map(({ name }) => name)
  const users = new Set(userDefinitions(broker).map(({ name }) => name))
  const isKnown = ({ user }: { readonly user: string }) => users.has(user)
  return {
    ...versions(serving),
    users: userDefinitions(broker),
    vhosts: broker.vhosts.list().map(({ name, description = '', tags = [], defaultQueueType }) => {
      const metadata = {
        description,
        tags,
        ...(defaultQueueType && { default_queue_type: defaultQueueType }),
      }
      return { name, ...metadata, metadata }
    }),
    permissions: broker.permissions.list().filter(isKnown).map(permissionShape),
    topic_permissions: broker.permissions.topics().filter(isKnown).map(topicShape),
    parameters: vhosts.flatMap(name => parametersOf(broker, name)),
    global_parameters: broker.parameters.globals().map(globalShape),
    policies: broker.policies.list().map(policyShape),
    queues: vhosts.flatMap(name => queuesOf(broker, name)),
    exchanges: vhosts.flatMap(name => exchangesOf(broker, name)),
    bindings: vhosts.flatMap(name => bindingsIn(broker, name)),
  }
}

function vhostDefinitions(serving: Serving, vhost: string): Shape {
  const { broker } = serving
  const bare = (shapes: readonly Shape[]) => shapes.map(({ vhost: _, ...rest }) => rest)
  return {
    ...versions(serving),
    parameters: bare(parametersOf(broker, vhost)),
    policies: bare(broker.policies.list(vhost).map(policyShape)),
    queues: bare(queuesOf(broker, vhost)),
    exchanges: bare(exchangesOf(broker, vhost)),
    bindings: bare(bindingsIn(broker, vhost)),
  }
}

function userDefinitions({ accounts, userLimits }: Broker): (Shape & { readonly name: string })[] {
  return accounts.list().flatMap(({ name, source }) => {
    const found = source === 'stored' ? accounts.definition(name) : undefined
    if (found === undefined) return []
    const { tags, hash, scram } = found
    return [
      {
        name,
        tags,
        ...(hash && { password_hash: hash.hash, hashing_algorithm: algorithmName(hash) }),
        ...(scram && { [SCRAM_FIELD]: scram as unknown as Json }),
        limits: userLimitsJson(userLimits.get(name)),
      },
    ]
  })
}

function parametersOf({ parameters, policies, vhosts }: Broker, vhost: string): Shape[] {
  const operators = policies.list(vhost, 'operator').map(policy => {
    const { name, vhost: _, ...value } = policyShape(policy)
    return { component: OPERATOR_POLICY, vhost, name, value }
  })
  const value = limitsJson(vhosts.require(vhost).limits)
  const limits =
    Object.keys(value).length === 0 ? [] : [{ component: VHOST_LIMITS, vhost, name: LIMITS, value }]
  return [...parameters.list({ vhost }).map(parameterShape), ...limits, ...operators]
}

function queuesOf({ queues }: Broker, vhost: string): Shape[] {
  return [...queues.list(vhost)].flatMap(entity => {
    const { definition } = entity
    if (definition === undefined || definition.exclusive) return []
    const { name, type, durable, autoDelete, arguments: args } = definition
    const shown = { ...fieldsJson(args), ...(args.has('x-queue-type') ? {} : { 'x-queue-type': type }) }
    return [{ name, vhost, durable, auto_delete: autoDelete, arguments: shown }]
  })
}

function exchangesOf({ exchanges }: Broker, vhost: string): Shape[] {
  return exchanges
    .list(vhost)
    .filter(({ predeclared }) => !predeclared)
    .map(({ name, type, durable, autoDelete, internal, arguments: args }) => {
      return { name, vhost, type, durable, auto_delete: autoDelete, internal, arguments: fieldsJson(args) }
    })
}

/** But those of exclusive queues. */
function bindingsIn({ exchanges, queues }: Broker, vhost: string): Shape[] {
  return [...exchanges.bindings(vhost)]
    .filter(
      ({ kind, destination }) =>
        kind === 'exchange' || !queues.get(vhost, destination)?.definition?.exclusive,
    )
    .map(binding => {
      const { properties_key: _, ...shape } = bindingShape(binding)
      return shape
    })
}
