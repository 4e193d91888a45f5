// The calling side: a service of a .proto file at an address as an object with a function for each method.

import type { Client } from '@grpc/grpc-js'
import type { ServiceDefinition } from '@grpc/proto-loader'
import { deferred, withSignal } from '../../flow/index.ts'
import type { TlsClientOptions } from '../../transport/index.ts'
import { systemWorld } from '../../world/index.ts'
import { inTime } from '../onc/in-time.ts'
import { connectTarget, grpcAddress } from './address.ts'
import { Calls, type GrpcCallOptions } from './calls.ts'
import { clientCredentials } from './credentials.ts'
import { GrpcError } from './errors.ts'
import { grpcLimits } from './limits.ts'
import { type GrpcPackage, loadPackages } from './packages.ts'
import { loadProto, namesOf, type ProtoOptions, serviceOf } from './proto.ts'

export interface GrpcConnectOptions extends ProtoOptions {
  /** The full name of the service, `package.Service`. */
  readonly service: string
  /** For tls:// addresses: how the server is checked, and our certificate. */
  readonly tls?: TlsClientOptions
  /** Ms until the deadline of calls that say nothing. Default: none, as everywhere in gRPC. */
  readonly timeoutMs?: number
  /** Bytes of one answer, also after decompression. Default 4 MiB. */
  readonly receivedBytesMax?: number
  /** Bytes of one request. Default: no limit of ours; the server has one. */
  readonly sentBytesMax?: number
  /** Calls that run or wait at a time. Default 65,536. */
  readonly runningMax?: number
  /** Ms that connecting may take. Default 10,000. */
  readonly connectMs?: number
  /** Ms that `close` waits for calls that run; then it cancels them. Default 5000. */
  readonly closeMs?: number
  /** Calls the connecting off. */
  readonly signal?: AbortSignal
  /** More options of @grpc/grpc-js, such as `grpc.default_compression_algorithm`. */
  readonly channelOptions?: Readonly<Record<string, string | number>>
}

/** What an (async) iterable of a handler is to a caller, who may give any iterable. */
type Given<Q> = Q extends AsyncIterable<infer M> ? AsyncIterable<M> | Iterable<M> : Q

type Answered<R> =
  Awaited<R> extends AsyncIterable<infer M> | readonly (infer M)[]
    ? AsyncIterableIterator<M>
    : Promise<Awaited<R>>

/**
 * An implementation as its callers see it: a promise of the answer, or an async iterable of answers. The same interface
 * describes both sides.
 */
export type GrpcClient<Api> = {
  readonly [K in keyof Api]: Api[K] extends (request: infer Q, ...rest: never[]) => infer R
    ? unknown extends Q
      ? (request?: object, options?: GrpcCallOptions) => Answered<R>
      : (request: Given<Q>, options?: GrpcCallOptions) => Answered<R>
    : never
} & GrpcClientEnding

export interface GrpcClientEnding extends AsyncDisposable {
  /** Takes no more calls, waits for those that run, and disconnects. Idempotent. */
  close(): Promise<void>
  /** Fails the calls that run with the reason, and disconnects now. Idempotent. */
  abort(reason?: Error): void
}

/** What a client is besides its methods, and `then`, which would make a promise of it. */
const reserved: ReadonlySet<string> = new Set(['close', 'abort', 'then'])

/**
 * Connects; a connection that is lost later comes back by itself. Errors: AddressError; the signal's reason; GrpcError
 * GRPC_UNAVAILABLE when nobody answers there, GRPC_PACKAGE_MISSING, GRPC_PROTO_INVALID, GRPC_SERVICE_UNKNOWN,
 * GRPC_METHOD_MISMATCH, GRPC_ADDRESS_UNSUPPORTED, GRPC_TLS_INVALID.
 */
export async function connectGrpc<Api>(
  address: string,
  options: GrpcConnectOptions,
): Promise<GrpcClient<Api>> {
  const { service: name, signal, tls, timeoutMs, runningMax: callsMax = grpcLimits.callsMax } = options
  signal?.throwIfAborted()
  const where = grpcAddress(address)
  const target = connectTarget(where)
  const { grpc, loader } = await loadPackages()
  const service = serviceOf(await loadProto(loader, options), name)
  const client = new grpc.Client(target, clientCredentials(grpc, where, tls), channelOptions(options))
  const calls = new Calls({ grpc, client, timeoutMs, callsMax })
  try {
    const methods = methodsOf(name, service, calls)
    await withSignal(connected(grpc, client, address, options), signal)
    return Object.assign(methods, endingOf(client, calls, options)) as GrpcClient<Api>
  } catch (error) {
    client.close()
    throw error
  }
}

function channelOptions({
  receivedBytesMax = grpcLimits.receivedBytesMax,
  sentBytesMax = -1,
  tls,
  channelOptions,
}: GrpcConnectOptions): Record<string, string | number> {
  return {
    'grpc.max_receive_message_length': receivedBytesMax,
    'grpc.max_send_message_length': sentBytesMax,
    ...(tls?.servername !== undefined && {
      'grpc.ssl_target_name_override': tls.servername,
      'grpc.default_authority': tls.servername,
    }),
    ...channelOptions,
  }
}

type Methods = Record<string, (request: unknown, options?: GrpcCallOptions) => unknown>

/** Each under its name in the file, and in camel case. */
function methodsOf(title: string, service: ServiceDefinition, calls: Calls): Methods {
  const methods: Methods = Object.create(null)
  for (const [name, method] of Object.entries(service)) {
    const names = namesOf(name, method).filter(one => !reserved.has(one))
    if (names.length === 0)
      throw new GrpcError(
        'GRPC_METHOD_MISMATCH',
        `${title}.${name}: a client has something else of this name`,
      )
    for (const one of names)
      methods[one] = method.responseStream
        ? (request, options) => calls.many(method, request, options)
        : (request, options) => calls.one(method, request, options)
  }
  return methods
}

/** Resolves with the first connection, and fails with the first attempt that does, instead of at some deadline. */
async function connected(
  { connectivityState }: GrpcPackage,
  client: Client,
  address: string,
  { connectMs = grpcLimits.connectMs }: GrpcConnectOptions,
): Promise<void> {
  const channel = client.getChannel()
  const until = systemWorld.now() + connectMs
  for (;;) {
    const state = channel.getConnectivityState(true)
    if (state === connectivityState.READY) return
    if (state === connectivityState.TRANSIENT_FAILURE)
      throw new GrpcError('GRPC_UNAVAILABLE', `no server of gRPC answers at ${address}`)
    const changed = deferred<Error | undefined>()
    channel.watchConnectivityState(state, until, changed.resolve)
    const late = await changed.promise
    if (late !== undefined)
      throw new GrpcError('GRPC_UNAVAILABLE', `${address}: no connection within ${connectMs} ms`, {
        cause: late,
      })
  }
}

function endingOf(client: Client, calls: Calls, options: GrpcConnectOptions): GrpcClientEnding {
  let closing: Promise<void> | undefined
  const abort = (reason: Error = new GrpcError('GRPC_CLOSED', options.service)): void => {
    calls.abort(reason)
    client.close()
  }
  const close = (): Promise<void> => {
    closing ??= inTime(calls.close(), options).then(() => abort())
    return closing
  }
  return { close, abort, [Symbol.asyncDispose]: close }
}
