// The options of `posthorn rabbitmqctl`: how to reach the management API, how to print, and those of single verbs.

import type { OptionSpecs } from '../../option.ts'

export const rabbitmqctlOptions = {
  url: {
    type: 'string',
    env: 'POSTHORN_MANAGEMENT_URL',
    default: 'http://127.0.0.1:15672',
    summary: 'Where the management API is',
  },
  user: { type: 'string', env: 'POSTHORN_MANAGEMENT_USER', default: 'guest', summary: 'Log in as this user' },
  passwordFile: {
    type: 'string',
    valueName: 'file',
    summary: 'Read the password from this file (otherwise from POSTHORN_MANAGEMENT_PASSWORD, or guest)',
  },
  vhost: { type: 'string', short: 'p', default: '/', summary: 'The virtual host that it is about' },
  formatter: {
    type: 'choice',
    choices: ['table', 'json', 'csv'],
    default: 'table',
    summary: 'Print lists as columns with tabs between them, as JSON, or as CSV',
  },
  silent: { type: 'boolean', short: 's', summary: 'Neither sentences nor a line of column names' },
  noTableHeaders: { type: 'boolean', summary: 'No line of column names' },
  priority: {
    type: 'integer',
    default: 0,
    summary: 'set_policy: of several that match, the highest applies',
  },
  applyTo: { type: 'string', default: 'all', summary: 'set_policy: queues, exchanges, all, and so on' },
  description: { type: 'string', summary: 'add_vhost: what it is for' },
  tags: { type: 'string', summary: 'add_vhost: words, separated by commas' },
  defaultQueueType: { type: 'string', summary: 'add_vhost: classic, quorum or stream' },
  timeout: {
    type: 'duration',
    short: 't',
    default: '60s',
    summary: 'Give up when there is no answer for this long',
  },
} as const satisfies OptionSpecs
