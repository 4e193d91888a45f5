// `posthorn rpc serve`: a module's object, served without a program around it.

import { connect, type Registry, type Remote, registerName, type Server } from '../../../rpc/index.ts'
import { defineCommand } from '../../command.ts'
import { CommandError } from '../../exit.ts'
import { alsoByGrpc, checkGrpc, grpcOptions } from './grpc.ts'
import { listenerColumns, listenerOptions, serveUntil, type Tls } from './listener.ts'
import { implementationOf } from './module.ts'

export const rpcServe = defineCommand({
  path: ['rpc', 'serve'],
  summary: "Serve a module's object or class, so that others can call it",
  description: `Imports MODULE and serves what it exports by default, or by the name of --export: an object, a class (one object of it is made, without arguments), or a function. It serves until Ctrl-C, then it answers the calls that run and ends. Without --listen it takes a free port of loopback and says which.

An export \`methods\` of the module declares what is said of the methods, each by its name: { signature, doc, idempotent, atMostOnce, check }.

With --grpc clients of gRPC can call it, too: it is served as the service of a .proto file, whose methods it has by the same names or in camel case. Without --listen it is then served over gRPC alone. That needs the packages @grpc/grpc-js and @grpc/proto-loader.

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
    {
      text: 'For clients of gRPC',
      command:
        'posthorn rpc serve ./greeter.mjs --grpc tcp://127.0.0.1:50051 --proto greeter.proto --service hello.Greeter',
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
    ...grpcOptions,
  },
  columns: listenerColumns,
  result: 'record',
  async run(context) {
    const { options, output } = context
    const { name, registry, grpc, credential } = options
    if (name !== undefined && registry === undefined)
      throw new CommandError('usage', '--name needs --registry, where it is to be known')
    checkGrpc(options)
    if (grpc !== undefined && credential !== undefined)
      throw new CommandError('usage', 'gRPC has no --credential: use --client-ca, or serve it by itself')
    const { implementation, methods } = await implementationOf(context.arguments.module, options.export)
    const onFault = (title: string, error: unknown): void => output.note(`${title}: ${String(error)}`)
    return serveUntil(context, implementation, {
      name: `serving ${context.arguments.module}`,
      methods,
      // Who asks for gRPC alone gets that alone.
      ...(grpc !== undefined && name === undefined && { places: [] }),
      companions: [
        ...(grpc === undefined
          ? []
          : [(_: Server, tls: Tls | undefined) => alsoByGrpc(implementation, options, { tls, onFault })]),
        ...(name === undefined || registry === undefined
          ? []
          : [(server: Server) => bound(server, name, registry, onFault)]),
      ],
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
