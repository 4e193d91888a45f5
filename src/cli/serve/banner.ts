// What `posthorn serve` says when it is ready: every address, where the data is, and how to connect; and what its owner
// should know before relying on it.

import type { OpenListener, RunningBroker, StartOptions } from '../../server/index.ts'
import type { Paint } from '../terminal.ts'
import { amqpSnippets, snippets } from './snippets.ts'

export interface BannerFacts {
  readonly version: string
  readonly broker: Pick<RunningBroker, 'kafka' | 'amqp' | 'http' | 'management'>
  readonly options: StartOptions
  readonly paint: Paint
}

/** The block for people. */
export function banner({ version, broker, options, paint }: BannerFacts): string {
  const { kafka, amqp, http, management } = broker
  const [first] = kafka.listeners
  const userName = options.users?.[0]?.name ?? '<user>'
  const rows = [
    ...kafka.listeners.map(listener => [titleOf(listener), addresses(listener)] as const),
    ...(amqp?.listeners ?? []).map(
      ({ name, host, port, tls }) => [tls ? `${name} (TLS)` : name, `${host}:${port}`] as const,
    ),
    ...(http === undefined
      ? []
      : ([
          ['health', `${http.url}/readyz`],
          ['metrics', `${http.url}/metrics`],
        ] as const)),
    ...(management === undefined ? [] : [['management', `${management.url}/api`] as const]),
    ['data', dataText(options)] as const,
  ]
  const clients = [...(first === undefined ? [] : snippets(first, userName)), ...amqpSnippets(amqp, userName)]
  const width = Math.max(...[...rows, ...clients].map(([name]) => name.length))
  const line = ([name, text]: readonly [string, string]) => `  ${paint('dim', name.padEnd(width))}  ${text}`
  return [
    `${paint('bold', `Posthorn ${version}`)} is ready`,
    '',
    ...rows.map(line),
    '',
    ...clients.map(line),
    '',
    'Ctrl-C stops it.',
  ].join('\n')
}

/** What should be known before anything is relied on. */
export function warnings(options: StartOptions, listeners: readonly OpenListener[]): string[] {
  const { storage = 'memory' } = options
  const found: string[] = []
  if (storage === 'memory' || 'memory' in storage)
    found.push('data is kept in memory only: all of it is lost when this process ends')
  else if (storage.flush === 'interval')
    found.push('flush is interval: what was acknowledged in the last moments is lost when the machine fails')
  else if (storage.flush === 'never')
    found.push('flush is never: what was acknowledged is lost when the machine fails')
  for (const { name, host, brokers } of listeners)
    if ((host === '0.0.0.0' || host === '::') && brokers[0]?.startsWith('127.0.0.1:'))
      found.push(
        `listener ${name} takes connections on every address, but tells clients to come to ${brokers[0]}: other machines need --advertise <host>`,
      )
  return found
}

/** Where the data is. */
export function dataPath({ storage = 'memory' }: StartOptions): string | undefined {
  return typeof storage === 'object' && 'directory' in storage ? storage.directory : undefined
}

function dataText(options: StartOptions): string {
  const { storage = 'memory' } = options
  if (storage === 'memory' || 'memory' in storage) return 'in memory'
  const { flush = 'always' } = storage
  return `${storage.directory} (${flush === 'always' ? 'every write is flushed' : `flush: ${flush}`})`
}

function titleOf({ name, tls, sasl }: OpenListener): string {
  const facts = [...(tls ? ['TLS'] : []), ...sasl]
  return facts.length === 0 ? name : `${name} (${facts.join(', ')})`
}

function addresses({ brokers }: OpenListener): string {
  return brokers.join(' ')
}
