// @grpc/grpc-js by itself, as its own documentation uses it: the test service, and the cases, without a line of ours between.

import * as grpc from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'
import { same } from '../report.ts'
import {
  type Answer,
  answerSizes,
  type CaseName,
  type EchoStatus,
  INITIAL_KEY,
  INITIAL_VALUE,
  type Input,
  LARGE_ANSWER,
  LARGE_REQUEST,
  type Output,
  proto,
  requestSizes,
  type Simple,
  SPECIAL_STATUS,
  STATUS,
  type Sum,
  TEST_SERVICE,
  TRAILING_KEY,
  TRAILING_VALUE,
  UNIMPLEMENTED_SERVICE,
  zeros,
} from './messages.ts'

const loaded = loadSync(proto, { longs: String, enums: String, defaults: true, oneofs: true })

interface PlainServer {
  readonly address: string
  close(): void
}

/** Serves the test service. */
export async function plainServer(): Promise<PlainServer> {
  const server = new grpc.Server()
  const definition = loaded[TEST_SERVICE] as grpc.ServiceDefinition
  server.addService(definition, {
    emptyCall,
    unaryCall,
    streamingOutputCall,
    streamingInputCall,
    fullDuplexCall,
  })
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, real) =>
      error === null ? resolve(real) : reject(error),
    ),
  )
  return { address: `tcp://127.0.0.1:${port}`, close: () => server.forceShutdown() }
}

function emptyCall(_: grpc.ServerUnaryCall<object, object>, answer: grpc.sendUnaryData<object>): void {
  answer(null, {})
}

function unaryCall(call: grpc.ServerUnaryCall<Simple, Answer>, answer: grpc.sendUnaryData<Answer>): void {
  const { responseStatus: status, responseSize = 0 } = call.request
  sendInitial(call)
  if (status) answer({ code: status.code, details: status.message })
  else answer(null, { payload: zeros(responseSize) }, trailersOf(call.metadata))
}

function streamingOutputCall(call: grpc.ServerWritableStream<Output, Answer>): void {
  for (const { size } of call.request.responseParameters ?? []) call.write({ payload: zeros(size) })
  call.end()
}

function streamingInputCall(
  call: grpc.ServerReadableStream<Input, Sum>,
  answer: grpc.sendUnaryData<Sum>,
): void {
  let aggregatedPayloadSize = 0
  call.on('data', ({ payload }: Input) => {
    aggregatedPayloadSize += payload?.body.length ?? 0
  })
  call.on('end', () => answer(null, { aggregatedPayloadSize }))
}

function fullDuplexCall(call: grpc.ServerDuplexStream<Output, Answer>): void {
  sendInitial(call)
  call.on('data', ({ responseParameters = [], responseStatus }: Output) => {
    if (responseStatus)
      call.emit('error', { code: responseStatus.code, details: responseStatus.message, metadata: null })
    else for (const { size } of responseParameters) call.write({ payload: zeros(size) })
  })
  call.on('end', () => call.end(trailersOf(call.metadata)))
}

function sendInitial(call: { metadata: grpc.Metadata; sendMetadata(metadata: grpc.Metadata): void }): void {
  const [initial] = call.metadata.get(INITIAL_KEY)
  if (initial === undefined) return
  const metadata = new grpc.Metadata()
  metadata.set(INITIAL_KEY, initial)
  call.sendMetadata(metadata)
}

function trailersOf(received: grpc.Metadata): grpc.Metadata {
  const trailers = new grpc.Metadata()
  for (const value of received.get(TRAILING_KEY)) trailers.add(TRAILING_KEY, value)
  return trailers
}

/** Runs one case against a server. Errors: what was not as it should be. */
export async function runPlainClient(name: CaseName, address: string): Promise<void> {
  const service = name === 'unimplemented_service' ? UNIMPLEMENTED_SERVICE : TEST_SERVICE
  const Client = grpc.makeGenericClientConstructor(loaded[service] as grpc.ServiceDefinition, service)
  const client = new Client(address.slice('tcp://'.length), grpc.credentials.createInsecure())
  try {
    await cases[name](client as unknown as PlainClient)
  } finally {
    client.close()
  }
}

type Callback<A> = (error: grpc.ServiceError | null, answer?: A) => void

/** What the generated client of the service has. */
interface PlainClient {
  emptyCall(request: object, done: Callback<object>): grpc.ClientUnaryCall
  unimplementedCall(request: object, done: Callback<object>): grpc.ClientUnaryCall
  unaryCall(request: Simple, metadata: grpc.Metadata, done: Callback<Answer>): grpc.ClientUnaryCall
  streamingOutputCall(request: Output): grpc.ClientReadableStream<Answer>
  streamingInputCall(done: Callback<Sum>): grpc.ClientWritableStream<Input>
  fullDuplexCall(
    metadata?: grpc.Metadata,
    options?: grpc.CallOptions,
  ): grpc.ClientDuplexStream<Output, Answer>
}

const large: Simple = { responseSize: LARGE_ANSWER, payload: zeros(LARGE_REQUEST) }
const none = new grpc.Metadata()

const cases: Readonly<Record<CaseName, (client: PlainClient) => Promise<void>>> = {
  empty_unary: async client => same(await called<object>(done => client.emptyCall({}, done)), {}, 'answer'),
  large_unary: async client =>
    same(sizeOf(await called<Answer>(done => client.unaryCall(large, none, done))), LARGE_ANSWER, 'bytes'),
  client_streaming: async client => {
    const sum = await called<Sum>(done => {
      const call = client.streamingInputCall(done)
      for (const size of requestSizes) call.write({ payload: zeros(size) })
      call.end()
    })
    same(sum.aggregatedPayloadSize, 74_922, 'sum')
  },
  server_streaming: async client => {
    const responseParameters = answerSizes.map(size => ({ size }))
    same(await sizesOf(client.streamingOutputCall({ responseParameters })), answerSizes, 'sizes')
  },
  ping_pong: async client => {
    const call = client.fullDuplexCall()
    let round = 0
    const next = (): void => {
      const [size, bytes] = [answerSizes[round], requestSizes[round]]
      round++
      if (size === undefined || bytes === undefined) call.end()
      else call.write({ responseParameters: [{ size }], payload: zeros(bytes) })
    }
    call.on('data', next)
    next()
    same(await sizesOf(call), answerSizes, 'sizes')
  },
  empty_stream: async client => {
    const call = client.fullDuplexCall()
    call.end()
    same(await sizesOf(call), [], 'answers')
  },
  custom_metadata: async client => {
    const metadata = new grpc.Metadata()
    metadata.set(INITIAL_KEY, INITIAL_VALUE)
    metadata.set(TRAILING_KEY, TRAILING_VALUE)
    const heard: unknown[] = []
    const listen = (call: grpc.ClientUnaryCall | grpc.ClientDuplexStream<Output, Answer>): void => {
      call.on('metadata', (headers: grpc.Metadata) => heard.push(headers.get(INITIAL_KEY)))
      call.on('status', ({ metadata: trailers }: grpc.StatusObject) => heard.push(trailers.get(TRAILING_KEY)))
    }
    await called<Answer>(done => listen(client.unaryCall(large, metadata, done)))
    const call = client.fullDuplexCall(metadata)
    listen(call)
    call.end({ responseParameters: [{ size: LARGE_ANSWER }], payload: zeros(LARGE_REQUEST) })
    same(await sizesOf(call), [LARGE_ANSWER], 'sizes')
    const echoed = [[INITIAL_VALUE], [TRAILING_VALUE]]
    same(heard, [...echoed, ...echoed], 'metadata')
  },
  status_code_and_message: async client => {
    await fails(
      called(done => client.unaryCall({ responseStatus: STATUS }, none, done)),
      STATUS,
    )
    const call = client.fullDuplexCall()
    call.end({ responseStatus: STATUS })
    await fails(sizesOf(call), STATUS)
  },
  special_status_message: client =>
    fails(
      called(done => client.unaryCall({ responseStatus: SPECIAL_STATUS }, none, done)),
      SPECIAL_STATUS,
    ),
  unimplemented_method: client =>
    failsWith(
      called(done => client.unimplementedCall({}, done)),
      12,
    ),
  unimplemented_service: client =>
    failsWith(
      called(done => client.unimplementedCall({}, done)),
      12,
    ),
  cancel_after_begin: client =>
    failsWith(
      called(done => client.streamingInputCall(done).cancel()),
      1,
    ),
  cancel_after_first_response: async client => {
    const call = client.fullDuplexCall()
    call.write({ responseParameters: [{ size: answerSizes[0] }], payload: zeros(requestSizes[0]) })
    call.once('data', () => call.cancel())
    await failsWith(sizesOf(call), 1)
  },
  timeout_on_sleeping_server: async client => {
    const call = client.fullDuplexCall(none, { deadline: Date.now() + 1 })
    call.write({ payload: zeros(requestSizes[0]) })
    await failsWith(sizesOf(call), 4)
  },
}

function called<A>(call: (done: Callback<A>) => void): Promise<A> {
  return new Promise((resolve, reject) =>
    call((error, answer) => (error === null ? resolve(answer as A) : reject(error))),
  )
}

function sizesOf(call: grpc.ClientReadableStream<Answer>): Promise<number[]> {
  const sizes: number[] = []
  return new Promise((resolve, reject) => {
    call.on('data', (answer: Answer) => sizes.push(sizeOf(answer)))
    call.on('error', reject)
    call.on('end', () => resolve(sizes))
  })
}

function sizeOf({ payload }: Answer): number {
  return payload?.body.length ?? 0
}

async function fails(call: Promise<unknown>, { code, message }: EchoStatus): Promise<void> {
  const error = await failureOf(call)
  same([error.code, error.details], [code, message], 'status')
}

async function failsWith(call: Promise<unknown>, code: number): Promise<void> {
  same((await failureOf(call)).code, code, 'code')
}

async function failureOf(call: Promise<unknown>): Promise<grpc.ServiceError> {
  return call.then(
    () => {
      throw new Error('no error')
    },
    (error: grpc.ServiceError) => error,
  )
}
