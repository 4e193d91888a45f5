// `posthorn rpc list`: what can be called.

import { describe } from '../../../rpc/index.ts'
import { defineCommand } from '../../command.ts'
import { addressArgument, clientOptions, withServer } from './client.ts'

export const rpcList = defineCommand({
  path: ['rpc', 'list'],
  aliases: ['ls'],
  summary: 'List the methods of a server',
  description:
    'A signature is what the server declares; where it declares none, it is the number of parameters. `posthorn rpc describe` has the documentation, too.',
  examples: [{ text: 'All methods', command: 'posthorn rpc list tcp://127.0.0.1:4000' }],
  arguments: [addressArgument],
  options: clientOptions,
  columns: {
    method: { type: 'string', summary: 'Its name, to be called by' },
    signature: { type: 'string', summary: 'Parameters and result, as declared' },
    runs: { type: 'string', summary: 'How often it runs for one call' },
  },
  async run(context) {
    const { output } = context
    await withServer(context, context.arguments.address, async server => {
      const rows = (await describe(server)).map(({ name, signature, semantics }) => ({
        method: name,
        signature,
        runs: semantics,
      }))
      await output.rows(rows, { empty: 'the server offers no methods' })
    })
  },
})
