// The serving side: an implementation of each service, at an address.

import type { ChannelOptions, Server } from '@grpc/grpc-js'
import type { PackageDefinition } from '@grpc/proto-loader'
import { formatAddress } from '../../transport/index.ts'
import { removeStale, socketName } from '../../transport/socket-file.ts'
import { systemWorld } from '../../world/index.ts'
import { inTime } from '../onc/in-time.ts'
import { type GrpcAddress, grpcAddress, listenTarget } from './address.ts'
import { type GrpcServerTls, serverCredentials } from './credentials.ts'
import { GrpcError } from './errors.ts'
import { type Health, noHealth, withHealth, withReflection } from './extras.ts'
import { type HandlerParts, handlersOf, reportingService } from './handlers.ts'
import { grpcLimits } from './limits.ts'
import { loadPackages } from './packages.ts'
import { loadProto, type ProtoOptions, serviceOf } from './proto.ts'

export interface GrpcServeOptions extends ProtoOptions {
  /**
   * An implementation for each service by its full name: an object with a method for each of the service, named as in the
   * file or in camel case. It takes the request, or an async iterable of requests, and the call; it returns the answer, a
   * promise of it, or an (async) iterable of answers. Methods that are not there are answered with UNIMPLEMENTED.
   */
  readonly services: Readonly<Record<string, object>>
  /** For tls:// addresses. */
  readonly tls?: GrpcServerTls
  /** Bytes of one request, also after decompression. Default 4 MiB. */
  readonly receivedBytesMax?: number
  /** Bytes of one answer. Default: no limit of ours; the caller has one. */
  readonly sentBytesMax?: number
  /** Calls of one connection that run at a time; more wait at the caller. Default 1024. */
  readonly runningMax?: number
  /** Ms that `close` waits for calls that run; then it cuts. Default 5000. */
  readonly closeMs?: number
  /** Serves grpc.health.v1.Health, too: needs the package grpc-health-check. */
  readonly health?: boolean
  /** Serves grpc.reflection.v1.ServerReflection, too: needs the package @grpc/reflection. */
  readonly reflection?: boolean
  /** More options of @grpc/grpc-js, such as `grpc.keepalive_time_ms`. */
  readonly channelOptions?: Readonly<Record<string, string | number>>
  /** A handler threw something that is no status, or its answer does not fit its type; `title` says which. */
  readonly onFault?: (title: string, error: unknown) => void
}

/** A server that listens. */
export interface GrpcServer extends AsyncDisposable {
  /** Where it listens, with the real port or file. */
  readonly address: string
  /** With the option `health`: what is said of a service, '' for the whole. Errors: TypeError without the option. */
  setServing(service: string, isServing: boolean): void
  /** Takes no more calls, waits for those that run, and ends the connections. Idempotent. */
  close(): Promise<void>
  /** Ends the calls that run, and the connections, now. Idempotent. */
  abort(): void
}

/**
 * Serves at `tcp://host:port`, `tls://host:port` or `ipc://path`. Errors: AddressError; GrpcError GRPC_PACKAGE_MISSING,
 * GRPC_PROTO_INVALID, GRPC_SERVICE_UNKNOWN, GRPC_METHOD_MISMATCH, GRPC_ADDRESS_UNSUPPORTED, GRPC_TLS_INVALID,
 * GRPC_LISTEN_FAILED.
 */
export async function serveGrpc(address: string, options: GrpcServeOptions): Promise<GrpcServer> {
  const { target, real: wanted } = listenTarget(grpcAddress(address), systemWorld)
  const { grpc, loader } = await loadPackages()
  const loaded = await loadProto(loader, options)
  const credentials = serverCredentials(grpc, wanted, options.tls)
  const server = new grpc.Server(serverOptions(options))
  let real = wanted
  const { onFault = () => undefined } = options
  addServices(server, loaded, options, { grpc, address: () => real, onFault })
  const health = options.health === true ? await withHealth(server, Object.keys(options.services)) : noHealth
  if (options.reflection === true) await withReflection(server, loaded, Object.keys(options.services))
  const bind = (): Promise<number> => bound(server, target, credentials)
  const port = await bind().catch(error => again(error, wanted, bind))
  if (real.scheme !== 'ipc') real = { ...real, port }
  return endingOf(server, formatAddress(real), health, options)
}

function serverOptions(options: GrpcServeOptions): ChannelOptions {
  const {
    receivedBytesMax = grpcLimits.receivedBytesMax,
    sentBytesMax = -1,
    runningMax = grpcLimits.runningMax,
    channelOptions,
  } = options
  return {
    'grpc.max_receive_message_length': receivedBytesMax,
    'grpc.max_send_message_length': sentBytesMax,
    'grpc.max_concurrent_streams': runningMax,
    ...channelOptions,
  }
}

function addServices(
  server: Server,
  loaded: PackageDefinition,
  { services }: GrpcServeOptions,
  parts: HandlerParts,
): void {
  for (const [name, implementation] of Object.entries(services)) {
    const service = serviceOf(loaded, name)
    server.addService(reportingService(service, parts), handlersOf(name, service, implementation, parts))
  }
}

function bound(
  server: Server,
  target: string,
  credentials: ReturnType<typeof serverCredentials>,
): Promise<number> {
  return new Promise((resolve, reject) =>
    server.bindAsync(target, credentials, (error, port) => (error === null ? resolve(port) : reject(error))),
  )
}

/** The file of a Unix-domain socket that a dead process left is taken away, once. */
async function again(error: unknown, address: GrpcAddress, bind: () => Promise<number>): Promise<number> {
  const failed = (cause: unknown): GrpcError => {
    const why = cause instanceof Error ? cause.message : String(cause)
    return new GrpcError('GRPC_LISTEN_FAILED', `${formatAddress(address)}: ${why}`, { cause })
  }
  const name = address.scheme === 'ipc' ? socketName(address.path) : undefined
  if (name?.kind !== 'file' || !(await removeStale(name.path))) throw failed(error)
  return bind().catch(second => {
    throw failed(second)
  })
}

function endingOf(server: Server, address: string, health: Health, options: GrpcServeOptions): GrpcServer {
  let closing: Promise<void> | undefined
  const abort = (): void => server.forceShutdown()
  const close = (): Promise<void> => {
    closing ??= closed(server, health, options)
    return closing
  }
  return { address, setServing: health.setServing, close, abort, [Symbol.asyncDispose]: close }
}

async function closed(server: Server, health: Health, options: GrpcServeOptions): Promise<void> {
  health.ending()
  const quiet = new Promise<void>(resolve => server.tryShutdown(() => resolve()))
  await inTime(quiet, options)
  server.forceShutdown()
  await quiet
}
