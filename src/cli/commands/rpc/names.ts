// `posthorn rpc names`: what a registry knows.

import type { Registry } from '../../../rpc/index.ts'
import { defineCommand } from '../../command.ts'
import { clientOptions, withServer } from './client.ts'

const { registry: _, ...options } = clientOptions

export const rpcNames = defineCommand({
  path: ['rpc', 'names'],
  summary: 'List the names that a registry knows',
  examples: [
    { text: 'All', command: 'posthorn rpc names tcp://127.0.0.1:4100' },
    { text: 'Those that begin so', command: 'posthorn rpc names tcp://127.0.0.1:4100 billing.' },
  ],
  arguments: [
    { name: 'address', summary: 'Where the registry is', required: true },
    { name: 'prefix', summary: 'Only names that begin so' },
  ],
  options,
  columns: {
    name: { type: 'string', summary: 'The name' },
    addresses: { type: 'json', summary: 'Where its servers are' },
  },
  async run(context) {
    const { output } = context
    const { address, prefix = '' } = context.arguments
    const settings = { ...context, options: { ...context.options, registry: undefined } }
    await withServer<Registry, void>(settings, address, async registry => {
      const rows = await registry.list(prefix)
      await output.rows(rows, { empty: 'no name is bound' })
    })
  },
})
