// The options of `posthorn serve`, and what it prints when it is ready.

import type { OptionSpecs } from '../option.ts'
import type { Columns } from '../output/columns.ts'

export const serveOptions = {
  config: {
    type: 'string',
    short: 'c',
    valueName: 'file',
    env: 'POSTHORN_CONFIG',
    summary: 'Read this configuration file (JSON, with comments)',
  },
  data: {
    type: 'string',
    short: 'd',
    valueName: 'folder',
    env: 'POSTHORN_DATA',
    summary: 'Keep data in this folder (./posthorn-data unless given)',
  },
  memory: { type: 'boolean', env: 'POSTHORN_MEMORY', summary: 'Keep data in memory only' },
  flush: {
    type: 'choice',
    choices: ['always', 'interval', 'never'],
    env: 'POSTHORN_FLUSH',
    summary: 'Flush before a write counts as done, now and then, or not at all',
  },
  listen: {
    type: 'string',
    short: 'l',
    repeated: true,
    valueName: 'name=address',
    env: 'POSTHORN_LISTEN',
    summary: 'Listen here: kafka=tcp://127.0.0.1:9092, amqp=tcp://127.0.0.1:5672, http=off',
  },
  advertise: {
    type: 'string',
    valueName: 'host[:port]',
    env: 'POSTHORN_ADVERTISE',
    summary: 'Tell clients to connect to this host',
  },
  brokers: {
    type: 'integer',
    min: 1,
    max: 100,
    env: 'POSTHORN_BROKERS',
    summary: 'Show as many brokers to Kafka clients, on ports one after the other',
  },
  set: {
    type: 'string',
    repeated: true,
    valueName: 'name=value',
    env: 'POSTHORN_SET',
    summary: "Set a broker setting by Kafka's name, such as num.partitions=3",
  },
  allowAnonymous: {
    type: 'boolean',
    env: 'POSTHORN_ALLOW_ANONYMOUS',
    summary: 'Serve other machines without a login',
  },
  logFormat: {
    type: 'choice',
    choices: ['text', 'json'],
    env: 'POSTHORN_LOG_FORMAT',
    summary: 'Write the log as text or as JSON lines (text on a terminal unless given)',
  },
  logLevel: {
    type: 'choice',
    choices: ['debug', 'info', 'warn', 'error'],
    env: 'POSTHORN_LOG_LEVEL',
    summary: 'Write log lines from this level up (info unless given)',
  },
  check: { type: 'boolean', summary: 'Check the configuration and end' },
} as const satisfies OptionSpecs

export const serveColumns = {
  version: { type: 'string', summary: 'Version of posthorn' },
  pid: { type: 'integer', summary: 'Process id' },
  listeners: { type: 'json', summary: 'Each listener: name, host, brokers, tls, sasl' },
  amqp: { type: 'json', summary: 'Each AMQP listener: name, host, port, tls' },
  http: { type: 'string', summary: 'Where health and metrics are', nullable: true },
  management: { type: 'string', summary: 'Where the management API is', nullable: true },
  data: { type: 'string', summary: 'Folder of the data; null when it is in memory', nullable: true },
  flush: { type: 'string', summary: 'When a write counts as done', nullable: true },
} as const satisfies Columns
