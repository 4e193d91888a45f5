// The same object, also for clients of gRPC: `posthorn rpc serve --grpc`.

import { GrpcError, grpcErrors, serveGrpc } from '../../../rpc/grpc/index.ts'
import { CommandError, type ExitName } from '../../exit.ts'

/** What has to be said for gRPC: unlike `serve`, it needs to know the types. */
export const grpcOptions = {
  grpc: {
    type: 'string',
    valueName: 'address',
    summary: 'Listen there for clients of gRPC, too: tcp://, tls://, ipc://; needs --proto and --service',
  },
  proto: {
    type: 'string',
    repeated: true,
    valueName: 'file',
    summary: 'gRPC: the .proto file of the service',
  },
  protoPath: {
    type: 'string',
    short: 'I',
    repeated: true,
    valueName: 'folder',
    summary: 'gRPC: look for .proto files here',
  },
  service: {
    type: 'string',
    valueName: 'name',
    summary: 'gRPC: the full name of the service, package.Service',
  },
  reflection: { type: 'boolean', summary: 'gRPC: tell clients what the service is' },
} as const

/** Those options as given. */
export interface GrpcSettings {
  readonly grpc: string | undefined
  readonly proto: readonly string[]
  readonly protoPath: readonly string[]
  readonly service: string | undefined
  readonly reflection: boolean
}

interface Tls {
  readonly cert: Buffer
  readonly key: Buffer
  readonly ca?: Buffer
}

/** What was given for gRPC, when it was. Errors: CommandError, when something is missing or would be ignored. */
export function checkGrpc({ grpc, proto, protoPath, service, reflection }: GrpcSettings): void {
  if (grpc !== undefined && (proto.length === 0 || service === undefined))
    throw new CommandError('usage', '--grpc needs --proto, the file, and --service, the name in it')
  if (grpc === undefined && (proto.length + protoPath.length > 0 || service !== undefined || reflection))
    throw new CommandError('usage', '--proto, --proto-path, --service and --reflection go with --grpc')
}

/** Serves it over gRPC. Errors: CommandError. */
export async function alsoByGrpc(
  implementation: object,
  { grpc = '', proto, protoPath, service = '', reflection }: GrpcSettings,
  more: { readonly tls: Tls | undefined; onFault(title: string, error: unknown): void },
): Promise<{ readonly addresses: readonly string[] } & AsyncDisposable> {
  const { tls, onFault } = more
  try {
    const server = await serveGrpc(grpc, {
      proto,
      includeDirs: protoPath,
      services: { [service]: implementation },
      reflection,
      onFault,
      ...(tls && { tls: { ...tls, ...(tls.ca && { clientCertificate: 'required' as const }) } }),
    })
    return {
      addresses: [`grpc ${server.address}`],
      [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
    }
  } catch (error) {
    if (!(error instanceof GrpcError)) throw error
    const exit: ExitName = error.code === 'GRPC_LISTEN_FAILED' ? 'tryAgain' : 'notFound'
    throw new CommandError(exit, error.message, grpcErrors[error.code].next, error)
  }
}
