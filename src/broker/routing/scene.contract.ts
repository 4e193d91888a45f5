// For tests: exchanges over a metadata log, with queues, virtual hosts and policies in the test's hand.

import { openMemoryStore } from '../../log/index.ts'
import { ManualWorld } from '../../world/index.ts'
import { type FieldValue, noFields } from '../field-value.ts'
import { fillable } from '../fillable.contract.ts'
import { Journal } from '../journal.ts'
import type { NewBinding } from './binding.ts'
import type { ExchangeDefinition } from './exchange.ts'
import { Exchanges } from './exchanges.ts'

interface Queue {
  readonly name: string
  readonly kept: boolean
}

export async function scene({ from }: { readonly from?: ReturnType<typeof openMemoryStore> } = {}) {
  const disk = { full: false }
  const queues = new Map<string, Queue>()
  const vhosts = new Set(['/', 'other'])
  const policies = new Map<string, string>()
  let lookups = 0
  const store = openMemoryStore(from === undefined ? {} : { from })
  const world = new ManualWorld()
  const exchanges = new Exchanges<Queue>({
    world,
    vhosts,
    queues: {
      get: (vhost, name) => {
        lookups++
        return queues.get(`${vhost} ${name}`)
      },
      isKept: queue => queue.kept,
    },
    alternateByPolicy: (_vhost, exchange) => policies.get(exchange),
  })
  const journal = await Journal.open(
    fillable(store, () => disk.full),
    world,
    exchanges.sections,
  )
  exchanges.attach(journal)
  return {
    store,
    disk,
    exchanges,
    journal,
    vhosts,
    policies,
    lookups: () => lookups,
    queue(name: string, { kept = true, vhost = '/' } = {}): void {
      queues.set(`${vhost} ${name}`, { name, kept })
    },
    loseQueue: (name: string) => queues.delete(`/ ${name}`),
    declare: (name: string, options: Partial<ExchangeDefinition> = {}) =>
      exchanges.declare('/', { ...plain, name, ...options }),
    bind: (from: string, to: string, key = '', args: Record<string, FieldValue> = {}) =>
      exchanges.bind(binding(from, to, key, args)),
    unbind: (from: string, to: string, key = '', args: Record<string, FieldValue> = {}) =>
      exchanges.unbind(binding(from, to, key, args)),
    route(exchange: string, routingKey = '', more: readonly string[] = []): string[] {
      const into = new Set<Queue>()
      exchanges.route('/', exchange, { routingKey, routingKeys: more, headers: noFields }, into)
      return [...into].map(one => one.name).sort()
    },
  }
}

const plain: Omit<ExchangeDefinition, 'name'> = {
  type: 'direct',
  durable: true,
  autoDelete: false,
  internal: false,
  arguments: noFields,
}

/** `x:name` leads to the exchange of that name. */
function binding(source: string, to: string, key: string, args: Record<string, FieldValue>): NewBinding {
  const kind = to.startsWith('x:') ? 'exchange' : 'queue'
  const destination = kind === 'queue' ? to : to.slice(2)
  return { vhost: '/', source, kind, destination, key, arguments: new Map(Object.entries(args)) }
}
