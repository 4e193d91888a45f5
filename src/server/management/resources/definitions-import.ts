// What definitions say, done: see definitions.ts.

import type { NewCredential } from '../../../broker/access/accounts.ts'
import { GUEST } from '../../../broker/access/accounts.ts'
import { hashMatches } from '../../../broker/access/password-hash.ts'
import { type Broker, BrokerError } from '../../../broker/index.ts'
import type { Json as KeptJson } from '../../../broker/journal.ts'
import { ApiError, badRequest } from '../answer.ts'
import { Body, isShape } from '../body.ts'
import { fieldsOf } from '../field-json.ts'
import { newExchange } from './exchanges.ts'
import { LIMITS, OPERATOR_POLICY, VHOST_LIMITS } from './kept-parameters.ts'
import { policyOf } from './policies.ts'
import { declareQueue, newQueue } from './queues.ts'
import { credentialOf, SCRAM_FIELD, tagsOf, userLimitsOf } from './users.ts'
import { limitKeys, metadataOf } from './vhosts.ts'

/** How one object of a list comes in; its virtual host is the import's own where that has one. */
type Import = (broker: Broker, item: Body, vhost: string) => Promise<unknown>

/** Only in definitions of everything. */
const wide: readonly (readonly [list: string, run: Import])[] = [
  ['vhosts', (broker, item) => broker.vhosts.put(item.requiredText('name'), metadataOf(item))],
  ['users', importUser],
  ['permissions', importPermissions],
  ['topic_permissions', importTopicPermissions],
  [
    'global_parameters',
    ({ parameters }, item) =>
      parameters.setGlobal({ name: item.requiredText('name'), value: item.required('value') as KeptJson }),
  ],
]

const local: readonly (readonly [list: string, run: Import])[] = [
  ['parameters', importParameter],
  ['policies', ({ policies }, item, vhost) => policies.set(policyOf(vhost, item.requiredText('name'), item))],
  ['exchanges', importExchange],
  ['queues', importQueue],
  ['bindings', importBinding],
]

/**
 * Adds what is not there and replaces what is; `vhost` takes all into that one. Errors: 400 naming the list, the object
 * and what is wrong with it: what came before it has been done.
 */
export async function importDefinitions(broker: Broker, body: Body, vhost?: string): Promise<void> {
  for (const [list, run] of vhost === undefined ? [...wide, ...local] : local)
    for (const item of body.objects(list)) {
      try {
        await run(broker, item, vhost ?? item.text('vhost') ?? '/')
      } catch (error) {
        if (!(error instanceof BrokerError) && !(error instanceof ApiError)) throw error
        const name = item.fields.name ?? item.fields.user ?? item.fields.source ?? ''
        throw badRequest(`${list}: '${String(name).slice(0, 80)}': ${error.message}`)
      }
    }
}

async function importUser({ accounts, userLimits }: Broker, item: Body): Promise<void> {
  const name = item.requiredText('name')
  const tags = tagsOf(item)
  const known = accounts.get(name)
  if (known?.source === 'configured') return // made where the server is started
  const credential = scramOf(item) ?? credentialOf(item)
  // As an ordinary user, it could be logged in as from everywhere.
  const isGuest =
    known?.source === 'built-in' && credential.kind === 'hash' && hashMatches(credential.hash, GUEST)
  if (isGuest) await accounts.setTags(name, tags)
  else await accounts.put(name, { tags, credential })
  if (isShape(item.any('limits'))) await userLimits.set(name, userLimitsOf(new Body(item.object('limits'))))
}

function scramOf(item: Body): NewCredential | undefined {
  if (item.any(SCRAM_FIELD) === undefined) return undefined
  const scram = item.object(SCRAM_FIELD)
  return { kind: 'scram', scram: scram as unknown as (NewCredential & { readonly kind: 'scram' })['scram'] }
}

function importPermissions({ permissions }: Broker, item: Body, vhost: string): Promise<void> {
  return permissions.set({
    user: item.requiredText('user'),
    vhost,
    configure: item.requiredText('configure'),
    write: item.requiredText('write'),
    read: item.requiredText('read'),
  })
}

function importTopicPermissions({ permissions }: Broker, item: Body, vhost: string): Promise<void> {
  return permissions.setTopic({
    user: item.requiredText('user'),
    vhost,
    exchange: item.requiredText('exchange'),
    write: item.requiredText('write'),
    read: item.requiredText('read'),
  })
}

/** Operators' policies and limits are parameters in RabbitMQ. */
function importParameter({ parameters, policies, vhosts }: Broker, item: Body, vhost: string): Promise<void> {
  const [component, name] = [item.requiredText('component'), item.requiredText('name')]
  const value = item.required('value')
  if (component === OPERATOR_POLICY)
    return policies.set(policyOf(vhost, name, new Body(item.object('value'))), 'operator')
  if (component === VHOST_LIMITS && name === LIMITS && isShape(value)) {
    const given = new Body(value)
    const limits = Object.entries(limitKeys).flatMap(([key, own]) => {
      const limit = given.whole(key)
      return limit === undefined ? [] : [[own, limit] as const]
    })
    return vhosts.setLimits(vhost, Object.fromEntries(limits))
  }
  return parameters.set({ component, vhost, name, value: value as KeptJson })
}

async function importExchange({ exchanges }: Broker, item: Body, vhost: string): Promise<void> {
  const name = item.requiredText('name')
  const isThere = name === '' || name.startsWith('amq.')
  if (!isThere) await exchanges.declare(vhost, newExchange(name, item))
}

/** Whoever imports is an administrator: nobody is asked for permissions. */
async function importQueue(broker: Broker, item: Body, vhost: string): Promise<void> {
  const wanted = newQueue(broker, vhost, item.requiredText('name'), item)
  await declareQueue(broker, wanted, () => {})
}

async function importBinding({ exchanges }: Broker, item: Body, vhost: string): Promise<void> {
  const kind = item.text('destination_type') ?? 'queue'
  if (kind !== 'queue' && kind !== 'exchange')
    throw badRequest(`destination_type is '${kind.slice(0, 40)}': it must be queue or exchange`)
  await exchanges.bind({
    vhost,
    source: item.requiredText('source'),
    kind,
    destination: item.requiredText('destination'),
    key: item.text('routing_key') ?? '',
    arguments: fieldsOf(item.object('arguments')),
  })
}
