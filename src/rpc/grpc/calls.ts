// Calls of a client, of the four kinds. A call begins when its method is called; its messages are asked for as they are
// read. Whatever ends it early (a signal, leaving the iteration, the client's closing) cancels it at the server.

import type { CallOptions, Client, Metadata, ServiceError } from '@grpc/grpc-js'
import { deferred } from '../../flow/index.ts'
import { systemWorld } from '../../world/index.ts'
import { codeOfStatus, GrpcError } from './errors.ts'
import { Incoming } from './incoming.ts'
import { grpcLimits } from './limits.ts'
import { fromWire, type GrpcMetadata, type ReceivedMetadata, toWire } from './metadata.ts'
import { isMessages, sendAll } from './outgoing.ts'
import type { GrpcPackage } from './packages.ts'
import { hasNoFields, type Method } from './proto.ts'

/** How a call is made. */
export interface GrpcCallOptions {
  /** Gives up the call, here and at the server; it fails with the signal's reason. */
  readonly signal?: AbortSignal | undefined
  /** Ms until the deadline, which the server is told of. Default: that of the client. */
  readonly timeoutMs?: number | undefined
  readonly metadata?: GrpcMetadata | undefined
  /** Told of the headers, before the first message. */
  readonly onHeaders?: ((metadata: ReceivedMetadata) => void) | undefined
  /** Told of the trailers, before the call ends for its caller; those of an error are in it, too. */
  readonly onTrailers?: ((metadata: ReceivedMetadata) => void) | undefined
}

export interface CallsParts {
  readonly grpc: GrpcPackage
  readonly client: Client
  /** Ms until the deadline; undefined: none. */
  readonly timeoutMs: number | undefined
  readonly callsMax: number
}

/** What the four kinds of calls of @grpc/grpc-js have. */
interface Surface {
  cancel(): void
  on(event: 'metadata', listener: (metadata: Metadata) => void): unknown
  on(event: 'status', listener: (status: { readonly metadata: Metadata }) => void): unknown
}

/** One call under way. */
interface Running {
  /** Ends it with this reason, and cancels it at the server. */
  fail(reason: unknown): void
}

export class Calls {
  readonly #parts: CallsParts
  readonly #running = new Map<Running, Promise<void>>()
  #isClosed = false

  constructor(parts: CallsParts) {
    this.#parts = parts
  }

  /** One answer. */
  one(method: Method, request: unknown, options: GrpcCallOptions = {}): Promise<unknown> {
    const answer = deferred<unknown>()
    try {
      const requests = method.requestStream ? messagesOf(method, request) : undefined
      const message = requests === undefined ? messageOf(method, request) : undefined
      const begun = this.#begin(method, options, answer.reject)
      const { client } = this.#parts
      const { path, requestSerialize, responseDeserialize } = method
      const settle = (error: ServiceError | null, value?: unknown): void => {
        begun.end()
        if (error === null) answer.resolve(value)
        else answer.reject(errorOf(error, path))
      }
      const codec = [path, requestSerialize as Encode, responseDeserialize] as const
      if (requests !== undefined) {
        const surface = client.makeClientStreamRequest(...codec, begun.metadata, begun.options, settle)
        begun.started(surface)
        void begun.send(requests, surface)
      } else {
        begun.started(client.makeUnaryRequest(...codec, message, begun.metadata, begun.options, settle))
      }
    } catch (error) {
      answer.reject(error)
    }
    return answer.promise
  }

  /** A stream of answers. Errors: as `#begin`. */
  many(method: Method, request: unknown, options: GrpcCallOptions = {}): AsyncIterableIterator<unknown> {
    const { client } = this.#parts
    const { path, requestSerialize, responseDeserialize } = method
    const requests = method.requestStream ? messagesOf(method, request) : undefined
    const message = method.requestStream ? undefined : messageOf(method, request)
    const begun = this.#begin(method, options, reason => answers.interrupt(reason))
    const codec = [path, requestSerialize as Encode, responseDeserialize] as const
    const duplex =
      requests === undefined
        ? undefined
        : client.makeBidiStreamRequest(...codec, begun.metadata, begun.options)
    const surface = duplex ?? client.makeServerStreamRequest(...codec, message, begun.metadata, begun.options)
    const answers = new Incoming(surface, {
      left: () => begun.leave(),
      failure: error => errorOf(error as ServiceError, path),
    })
    begun.started(surface)
    if (requests !== undefined && duplex !== undefined) void begun.send(requests, duplex)
    return answers
  }

  /** Takes no more calls, and resolves when those that run have ended. */
  async close(): Promise<void> {
    this.#isClosed = true
    await Promise.all(this.#running.values())
  }

  /** Fails what runs and what follows. */
  abort(reason: unknown): void {
    this.#isClosed = true
    for (const one of this.#running.keys()) one.fail(reason)
  }

  /** Errors: the signal's reason; GrpcError GRPC_CLOSED, GRPC_TOO_MANY_CALLS, GRPC_METADATA_INVALID. */
  #begin(method: Method, options: GrpcCallOptions, reject: (reason: unknown) => void): Begun {
    const { grpc, callsMax, timeoutMs } = this.#parts
    options.signal?.throwIfAborted()
    if (this.#isClosed) throw new GrpcError('GRPC_CLOSED', method.path)
    if (this.#running.size >= callsMax)
      throw new GrpcError('GRPC_TOO_MANY_CALLS', `${method.path}: ${callsMax} run already`)
    const begun = new Begun(
      toWire(grpc, options.metadata),
      deadlineOf(options.timeoutMs ?? timeoutMs),
      options,
      reject,
      () => this.#running.delete(begun),
    )
    this.#running.set(begun, begun.ended)
    return begun
  }
}

type Encode = (value: unknown) => Buffer

/** From its beginning to its end: what has to be taken away again then. */
class Begun implements Running {
  readonly metadata: Metadata
  readonly options: CallOptions
  readonly #told: GrpcCallOptions
  readonly #reject: (reason: unknown) => void
  readonly #onEnd: () => void
  readonly #over = new AbortController()
  readonly #ended = deferred()
  readonly #aborted = (): void => this.fail(this.#told.signal?.reason)
  #surface: Surface | undefined

  constructor(
    metadata: Metadata,
    options: CallOptions,
    told: GrpcCallOptions,
    reject: (reason: unknown) => void,
    onEnd: () => void,
  ) {
    this.#onEnd = onEnd
    this.metadata = metadata
    this.options = options
    this.#told = told
    this.#reject = reject
    told.signal?.addEventListener('abort', this.#aborted, { once: true })
  }

  get ended(): Promise<void> {
    return this.#ended.promise
  }

  started(surface: Surface): void {
    this.#surface = surface
    surface.on('metadata', metadata => this.#tell(this.#told.onHeaders, metadata))
    surface.on('status', ({ metadata }) => {
      this.#tell(this.#told.onTrailers, metadata)
      this.end()
    })
  }

  /** Sends the requests, and says that there are no more. Never rejects: what the producer throws ends the call. */
  async send(requests: Parameters<typeof sendAll>[0], sink: Parameters<typeof sendAll>[1]): Promise<void> {
    sink.on('error', () => undefined) // of a call that ended: whoever waits for the answer hears why
    try {
      await sendAll(requests, sink, this.#over.signal)
      sink.end()
    } catch (error) {
      if (!this.#over.signal.aborted) this.fail(error)
    }
  }

  fail(reason: unknown): void {
    if (this.#over.signal.aborted) return
    this.#reject(reason)
    this.leave()
  }

  /** Cancels it at the server. */
  leave(): void {
    this.end()
    this.#surface?.cancel()
  }

  end(): void {
    this.#told.signal?.removeEventListener('abort', this.#aborted)
    this.#over.abort()
    this.#onEnd()
    this.#ended.resolve()
  }

  #tell(told: ((metadata: ReceivedMetadata) => void) | undefined, metadata: Metadata): void {
    try {
      told?.(fromWire(metadata))
    } catch (error) {
      this.fail(error)
    }
  }
}

/** Nothing will do where the request has no fields. Errors: GrpcError GRPC_METHOD_MISMATCH. */
function messageOf({ path, requestType }: Method, given: unknown): object {
  if (given === undefined && hasNoFields(requestType)) return {}
  if (typeof given === 'object' && given !== null) return given
  throw new GrpcError('GRPC_METHOD_MISMATCH', `${path} takes a request, not ${typeof given}`)
}

/** Errors: GrpcError GRPC_METHOD_MISMATCH. */
function messagesOf({ path }: Method, given: unknown) {
  if (isMessages(given)) return given
  throw new GrpcError('GRPC_METHOD_MISMATCH', `${path} takes an (async) iterable of requests`)
}

function deadlineOf(ms: number | undefined): CallOptions {
  if (ms === undefined || ms === Number.POSITIVE_INFINITY) return {}
  return { deadline: systemWorld.now() + Math.min(ms, grpcLimits.timeoutMsMax) }
}

function errorOf(error: ServiceError, path: string): GrpcError {
  const { code, details, metadata } = error
  if (typeof code !== 'number')
    return new GrpcError('GRPC_INTERNAL', `${path}: ${error.message}`, { cause: error })
  return new GrpcError(codeOfStatus(code), details, {
    ...(metadata !== undefined && { metadata: fromWire(metadata) }),
    cause: error,
  })
}
