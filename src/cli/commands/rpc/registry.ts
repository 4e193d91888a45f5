// `posthorn rpc registry`: a registry of names as a process of its own.

import { Registry } from '../../../rpc/index.ts'
import { defineCommand } from '../../command.ts'
import { listenerColumns, listenerOptions, serveUntil } from './listener.ts'

export const rpcRegistry = defineCommand({
  path: ['rpc', 'registry'],
  summary: 'Run a registry, where servers are known by names',
  description:
    'Servers bind their addresses to a name and renew that (`registerName`, or `posthorn rpc serve --name`); clients connect to the name (`named`, or --registry of the commands that call). An address whose server is silent for the lease is forgotten. Nothing is stored: after a restart servers bind anew by themselves.',
  examples: [
    { text: 'At a port of loopback', command: 'posthorn rpc registry --listen tcp://127.0.0.1:4100' },
    { text: 'What it knows', command: 'posthorn rpc names tcp://127.0.0.1:4100' },
  ],
  options: {
    ...listenerOptions,
    lease: { type: 'duration', default: '30s', summary: 'Forget an address that is not renewed for so long' },
  },
  columns: listenerColumns,
  result: 'record',
  async run(context) {
    const { world, options } = context
    const registry = new Registry({ world, boundNameMs: options.lease })
    try {
      return await serveUntil(context, registry, { name: 'registry' })
    } finally {
      registry.close()
    }
  },
})
