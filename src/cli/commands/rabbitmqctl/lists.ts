// The verbs that list something: where in the API it is, the columns that are shown unless others are asked for, and those
// whose name is not that of the API's field.

import { CommandError } from '../../exit.ts'
import { didYouMean } from '../../suggest.ts'
import { segment } from './client.ts'
import type { Column, Given, Verb } from './verb.ts'

interface List {
  /** `queues for vhost /` */
  readonly title: (given: Given) => string
  readonly path: (given: Given) => string
  /** Shown unless others are named. */
  readonly shown: readonly string[]
  /** That may be named too. */
  readonly others?: readonly string[]
  /** Fields of the API by the names that rabbitmqctl has for them. */
  readonly fields?: Readonly<Record<string, string>>
}

const inVhost = (what: string) => ({
  title: ({ vhost }: Given) => `${what} for vhost ${vhost}`,
  path: ({ vhost }: Given) => `/${what}/${segment(vhost)}`,
})

const counts = ['messages', 'messages_ready', 'messages_unacknowledged']

const lists: Readonly<Record<string, List>> = {
  list_users: {
    title: () => 'users',
    path: () => '/users',
    shown: ['user', 'tags'],
    fields: { user: 'name' },
  },
  list_vhosts: {
    title: () => 'vhosts',
    path: () => '/vhosts',
    shown: ['name'],
    others: ['tracing', 'description', 'tags', 'default_queue_type', 'cluster_state', 'metadata', ...counts],
  },
  list_permissions: {
    title: ({ vhost }) => `permissions for vhost "${vhost}"`,
    path: ({ vhost }) => `/vhosts/${segment(vhost)}/permissions`,
    shown: ['user', 'configure', 'write', 'read'],
  },
  list_policies: {
    ...inVhost('policies'),
    shown: ['vhost', 'name', 'pattern', 'apply-to', 'definition', 'priority'],
  },
  list_operator_policies: {
    title: ({ vhost }) => `operator policy overrides for vhost ${vhost}`,
    path: ({ vhost }) => `/operator-policies/${segment(vhost)}`,
    shown: ['vhost', 'name', 'pattern', 'apply-to', 'definition', 'priority'],
  },
  list_queues: {
    ...inVhost('queues'),
    shown: ['name', 'messages'],
    others: [
      ...[
        'messages_ready',
        'messages_unacknowledged',
        'consumers',
        'state',
        'type',
        'durable',
        'auto_delete',
      ],
      ...[
        'exclusive',
        'arguments',
        'policy',
        'operator_policy',
        'effective_policy_definition',
        'vhost',
        'node',
      ],
      ...['exclusive_consumer_tag', 'single_active_consumer_tag', 'leader', 'members', 'online', 'log_bytes'],
    ],
  },
  list_exchanges: {
    ...inVhost('exchanges'),
    shown: ['name', 'type'],
    others: ['durable', 'auto_delete', 'internal', 'arguments', 'policy', 'vhost'],
  },
  list_bindings: {
    ...inVhost('bindings'),
    shown: ['source_name', 'source_kind', 'destination_name', 'destination_kind', 'routing_key', 'arguments'],
    others: ['vhost'],
    fields: { source_name: 'source', destination_name: 'destination', destination_kind: 'destination_type' },
  },
  list_connections: {
    title: () => 'connections',
    path: () => '/connections',
    shown: ['user', 'peer_host', 'peer_port', 'state'],
    others: [
      ...[
        'pid',
        'name',
        'host',
        'port',
        'ssl',
        'auth_mechanism',
        'vhost',
        'protocol',
        'timeout',
        'frame_max',
      ],
      ...['channel_max', 'client_properties', 'recv_oct', 'send_oct', 'connected_at', 'channels', 'node'],
    ],
    fields: { pid: 'name' },
  },
  list_channels: {
    title: () => 'channels',
    path: () => '/channels',
    shown: ['pid', 'user', 'consumer_count', 'messages_unacknowledged'],
    others: [
      ...[
        'name',
        'number',
        'vhost',
        'connection',
        'transactional',
        'confirm',
        'messages_unconfirmed',
        'state',
      ],
      ...['prefetch_count', 'global_prefetch_count'],
    ],
    fields: { pid: 'name', connection: 'connection_details.name' },
  },
  list_consumers: {
    title: ({ vhost }) => `consumers in vhost ${vhost}`,
    path: ({ vhost }) => `/consumers/${segment(vhost)}`,
    shown: [
      'queue_name',
      'channel_pid',
      'consumer_tag',
      'ack_required',
      'prefetch_count',
      'active',
      'arguments',
    ],
    others: ['activity_status', 'exclusive', 'consumer_timeout'],
    fields: { queue_name: 'queue.name', channel_pid: 'channel_details.name' },
  },
}

/** A binding always leads from an exchange. */
const constant: Readonly<Record<string, string>> = { source_kind: 'exchange' }

export const listVerbs: Readonly<Record<string, Verb>> = Object.fromEntries(
  Object.entries(lists).map(([name, list]) => [name, verbOf(name, list)]),
)

function verbOf(verb: string, list: List): Verb {
  return {
    usage: '[COLUMN...]',
    words: [0, Number.POSITIVE_INFINITY],
    async run(given) {
      const columns = columnsOf(verb, list, given.words)
      const rows = await given.client.list(list.path(given))
      const said = `Listing ${list.title(given)} ...`
      return { at: 'rows', said, columns, rows: rows.map(row => ({ ...constant, ...row })) }
    },
  }
}

/** Errors: CommandError (usage) for a column that there is not. */
function columnsOf(
  verb: string,
  { shown, others = [], fields = {} }: List,
  words: readonly string[],
): Column[] {
  const known = [...shown, ...others]
  const wanted = words.flatMap(word => word.split(/[\s,]+/)).filter(word => word !== '')
  const unknown = wanted.find(name => !known.includes(name))
  if (unknown !== undefined)
    throw new CommandError(
      'usage',
      `${verb} has no column '${unknown}'${didYouMean(unknown, known)}: there are ${known.join(', ')}`,
    )
  return (wanted.length > 0 ? wanted : shown).map(name => ({ name, field: fields[name] ?? name }))
}
