// `posthorn rpc serve`: a module's object, served without a program around it.

import { connect, type Registry, type Remote, registerName, type Server } from '../../../rpc/index.ts'
import { defineCommand } from '../../command.ts'
import { CommandError } from '../../exit.ts'
import { listenerColumns, listenerOptions, serveUntil } from './listener.ts'
import { implementationOf } from './module.ts'

export const rpcServe = defineCommand({
  path: ['rpc', 'serve'],
  summary: "Serve a module's object or class, so that others can call it",
  description: `Imports MODULE and serves what it exports by default, or by the name of --export: an object, a class (one object of it is made, without arguments), or a function. It serves until Ctrl-C, then it answers the calls that run and ends. Without --listen it takes a free port of loopback and says which.

An export \`methods\` of the module declares what is said of the methods, each by its name: { signature, doc, idempotent, atMostOnce, check }.

MODULE is JavaScript (.js, .mjs); TypeScript where Node takes it by itself (22.18 and later).

Whoever reaches the address can call every public method. Private ones (#name, _name), \`constructor\` and what an object inherits from the language cannot be reached.`,
  examples: [
    { text: 'The default export of a module', command: 'posthorn rpc serve ./ledger.mjs' },
    {
      text: 'At a port and at a file',
      command: 'posthorn rpc serve ./ledger.mjs --listen tcp://127.0.0.1:4000 --listen ipc:///tmp/ledger',
    },
    {
      text: 'Known by a name',
      command: 'posthorn rpc serve ./ledger.mjs --name ledger --registry tcp://127.0.0.1:4100',
    },
  ],
  arguments: [{ name: 'module', summary: 'A file, or the name of a package', required: true }],
  options: {
    ...listenerOptions,
    export: { type: 'string', valueName: 'name', default: 'default', summary: 'Serve this export' },
    name: {
      type: 'string',
      summary: 'Bind the first address to this name of --registry, as long as it serves',
    },
    registry: {
      type: 'string',
      valueName: 'address',
      env: 'POSTHORN_RPC_REGISTRY',
      summary: 'The registry for --name',
    },
  },
  columns: listenerColumns,
  result: 'record',
  async run(context) {
    const { options, output } = context
    const { name, registry } = options
    if (name !== undefined && registry === undefined)
      throw new CommandError('usage', '--name needs --registry, where it is to be known')
    const { implementation, methods } = await implementationOf(context.arguments.module, options.export)
    const isNamed = name !== undefined && registry !== undefined
    return serveUntil(context, implementation, {
      name: `serving ${context.arguments.module}`,
      methods,
      ...(isNamed && {
        began: server =>
          bound(server, name, registry, (title, error) => output.warn(`${title}: ${String(error)}`)),
      }),
    })
  },
})

async function bound(
  server: Server,
  name: string,
  registry: string,
  onFault: (title: string, error: unknown) => void,
): Promise<AsyncDisposable> {
  const names = await connect<Registry>(registry)
  try {
    const registration = await registerName(names as Remote<Registry>, name, server.address, { onFault })
    return {
      async [Symbol.asyncDispose]() {
        // A registry that is gone forgets the name by itself.
        await registration.close().catch(error => onFault(`giving ${name} back`, error))
        await names[Symbol.asyncDispose]()
      },
    }
  } catch (error) {
    await names[Symbol.asyncDispose]()
    throw error
  }
}
