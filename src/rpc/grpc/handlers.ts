// From an implementation, a plain object with a method for each of a service, to the handlers that @grpc/grpc-js calls. One
// function serves the four kinds of methods: they differ in what the request is, and in how the answer leaves.

import type {
  ServerDuplexStream,
  ServerReadableStream,
  ServerUnaryCall,
  ServerWritableStream,
  StatusObject,
  sendUnaryData,
  UntypedHandleCall,
} from '@grpc/grpc-js'
import type { ServiceDefinition } from '@grpc/proto-loader'
import type { GrpcAddress } from './address.ts'
import { type GrpcCall, ServedCall } from './call.ts'
import { GrpcError } from './errors.ts'
import { Incoming } from './incoming.ts'
import { grpcLimits } from './limits.ts'
import { isMessages, sendAll } from './outgoing.ts'
import type { GrpcPackage } from './packages.ts'
import { hasNoFields, type Method, namesOf } from './proto.ts'

export interface HandlerParts {
  readonly grpc: GrpcPackage
  /** Where the server listens; asked for at each call. */
  readonly address: () => GrpcAddress
  readonly onFault: (title: string, error: unknown) => void
}

type Handler = (request: unknown, call: GrpcCall) => unknown

type Unary = ServerUnaryCall<unknown, unknown>
type Streams = ServerWritableStream<unknown, unknown> | ServerDuplexStream<unknown, unknown>
type ReadsOne = Unary | ServerWritableStream<unknown, unknown>
type ReadsMany = ServerReadableStream<unknown, unknown> | ServerDuplexStream<unknown, unknown>

/**
 * The handlers of one service by the names of its methods; methods without one are left out, and @grpc/grpc-js answers
 * UNIMPLEMENTED. Errors: GrpcError GRPC_METHOD_MISMATCH when the implementation has none of the methods.
 */
export function handlersOf(
  title: string,
  service: ServiceDefinition,
  implementation: object,
  parts: HandlerParts,
): Record<string, UntypedHandleCall> {
  // Without a prototype: @grpc/grpc-js would take what every object has for the handler of `ToString`, and never answer.
  const handlers: Record<string, UntypedHandleCall> = Object.create(null)
  for (const [name, method] of Object.entries(service)) {
    const handler = handlerOf(implementation, namesOf(name, method))
    if (handler !== undefined) handlers[name] = served(method, handler, parts)
  }
  if (Object.keys(handlers).length === 0)
    throw new GrpcError(
      'GRPC_METHOD_MISMATCH',
      `${title} has ${Object.keys(service).join(', ')}: none is implemented`,
    )
  return handlers
}

/** Messages that do not fit their type are reported here; the caller hears INTERNAL of @grpc/grpc-js. */
export function reportingService(service: ServiceDefinition, { onFault }: HandlerParts): ServiceDefinition {
  return Object.fromEntries(
    Object.entries(service).map(([name, method]) => [
      name,
      { ...method, responseSerialize: (value: object) => serialized(method, value, onFault) },
    ]),
  )
}

function serialized(method: Method, value: object, onFault: HandlerParts['onFault']): Buffer {
  try {
    return method.responseSerialize(value)
  } catch (error) {
    onFault(`the answer of ${method.path}`, error)
    throw error
  }
}

/** What every object has is no implementation of `ToString`. */
function handlerOf(implementation: object, names: readonly string[]): Handler | undefined {
  const methods = implementation as Readonly<Record<string, unknown>>
  const everywhere = Object.prototype as unknown as Readonly<Record<string, unknown>>
  for (const name of names) {
    const found = methods[name]
    if (typeof found === 'function' && found !== everywhere[name])
      return found.bind(implementation) as Handler
  }
  return undefined
}

function served(method: Method, handler: Handler, parts: HandlerParts): UntypedHandleCall {
  return method.responseStream
    ? (surface: Streams) => void answerMany(method, handler, parts, surface)
    : (surface: Unary | ServerReadableStream<unknown, unknown>, answer: sendUnaryData<unknown>) =>
        void answerOne(method, handler, parts, surface, answer)
}

async function answerOne(
  method: Method,
  handler: Handler,
  parts: HandlerParts,
  surface: Unary | ServerReadableStream<unknown, unknown>,
  answer: sendUnaryData<unknown>,
): Promise<void> {
  const call = new ServedCall(parts.grpc, surface, parts.address())
  try {
    const value = answerOf(method, await handler(requestOf(method, surface, call), call))
    call.done()
    answer(null, value, call.trailers)
  } catch (error) {
    const status = statusOf(error, call, parts)
    call.done()
    if (status !== undefined) answer(status)
  }
}

async function answerMany(
  method: Method,
  handler: Handler,
  parts: HandlerParts,
  surface: Streams,
): Promise<void> {
  const call = new ServedCall(parts.grpc, surface, parts.address())
  try {
    const messages = await handler(requestOf(method, surface, call), call)
    if (!isMessages(messages))
      throw new TypeError(`the handler of ${method.path} gave no (async) iterable of messages`)
    await sendAll(messages, surface, call.signal)
    call.done()
    surface.end(call.trailers)
  } catch (error) {
    const status = statusOf(error, call, parts)
    call.done()
    if (status !== undefined) surface.emit('error', Object.assign(new Error(status.details), status))
  }
}

function requestOf(method: Method, surface: ReadsOne | ReadsMany, call: ServedCall): unknown {
  if (!method.requestStream) return (surface as ReadsOne).request
  const requests = new Incoming(surface as ReadsMany, {
    left: () => undefined, // the answer may still come
    failure: error => error,
    atEnd: resetIsKnown,
  })
  if (call.signal.aborted) requests.interrupt(call.signal.reason)
  call.signal.addEventListener('abort', () => requests.interrupt(call.signal.reason), { once: true })
  return requests
}

/**
 * When a caller cancels, Node's HTTP/2 ends the stream of what it sent, and says only a turn later that it was reset
 * (measured with Node 20): without waiting, half an upload would look like a whole one.
 */
function resetIsKnown(): Promise<void> {
  return new Promise(resolve => setImmediate(() => setImmediate(resolve)))
}

/**
 * A handler may return nothing where the answer has no fields. protobuf would make an empty message of anything that is no
 * object, and of a generator.
 */
function answerOf({ path, responseType }: Method, value: unknown): object {
  if (value === undefined && hasNoFields(responseType)) return {}
  if (typeof value === 'object' && value !== null && !(Symbol.asyncIterator in value)) return value
  throw new TypeError(
    `the handler of ${path} gave no answer but ${Symbol.asyncIterator in Object(value) ? 'a stream' : typeof value}`,
  )
}

/**
 * The status of what a handler threw; undefined when nobody waits for it. What is no GrpcError of a status is reported, and
 * the caller is told UNKNOWN without a word of it (doc/statuscodes.md: "Server application throws an exception").
 */
function statusOf(error: unknown, call: ServedCall, { onFault }: HandlerParts): StatusObject | undefined {
  if (call.signal.aborted) {
    if (error !== call.signal.reason && !isAbort(error)) onFault(call.path, error)
    return undefined
  }
  if (error instanceof GrpcError && error.status !== undefined)
    return { code: error.status, details: sendable(error.details), metadata: call.trailers }
  onFault(call.path, error)
  return { code: 2, details: 'the handler failed', metadata: call.trailers }
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError'
}

/** Half of a pair of surrogates cannot be written in UTF-8. */
function sendable(details: string): string {
  return details.slice(0, grpcLimits.detailsMax).replace(/\p{Surrogate}/gu, '\ufffd')
}
