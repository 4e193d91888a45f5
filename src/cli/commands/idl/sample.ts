// `posthorn idl sample`: an .x file to start from, with its server and its client.

import { isSampleName, sample } from '../../../rpc/idl/index.ts'
import { defineCommand } from '../../command.ts'
import { CommandError } from '../../exit.ts'

export const idlSample = defineCommand({
  path: ['idl', 'sample'],
  summary: 'Print an .x file to start from, or a server or client of it',
  description:
    'The sample is a list that a server keeps, and a call that appends to it. It compiles as it is; change it to what you need.',
  examples: [
    { text: 'The interface', command: 'posthorn idl sample ledger > ledger.x' },
    { text: 'Its server', command: 'posthorn idl sample ledger --server > server.ts' },
    { text: 'Its client', command: 'posthorn idl sample ledger --client > client.ts' },
  ],
  arguments: [{ name: 'name', summary: 'What to call it: letters, digits and _', required: true }],
  options: {
    server: { type: 'boolean', summary: 'Print the server instead' },
    client: { type: 'boolean', summary: 'Print the client instead' },
  },
  async run({ arguments: { name }, options: { server, client }, output }) {
    if (!isSampleName(name))
      throw new CommandError(
        'usage',
        `a name is a letter, then letters, digits and _, up to 60; not '${name}'`,
      )
    if (server && client)
      throw new CommandError('usage', '--server and --client print one file each: ask for one')
    await output.text(sample(name, server ? 'server' : client ? 'client' : 'source'))
  },
})
