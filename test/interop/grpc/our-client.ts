// The interop test cases with our client, against anybody's server.

import { connectGrpc, type GrpcCallOptions, type GrpcClient, GrpcError } from 'posthorn/rpc/grpc'
import { same } from '../report.ts'
import {
  type Answer,
  answerSizes,
  type CaseName,
  type EchoStatus,
  type Empty,
  INITIAL_KEY,
  INITIAL_VALUE,
  LARGE_ANSWER,
  LARGE_REQUEST,
  type Output,
  proto,
  requestSizes,
  SPECIAL_STATUS,
  STATUS,
  TEST_SERVICE,
  TRAILING_KEY,
  TRAILING_VALUE,
  UNIMPLEMENTED_SERVICE,
  zeros,
} from './messages.ts'
import type { TestService } from './our-server.ts'

interface Unimplemented {
  unimplementedCall(request: Empty): Empty
}

type Client = GrpcClient<TestService & Unimplemented>

/** Runs one case. Errors: what was not as it should be. */
export async function runOurClient(name: CaseName, address: string): Promise<void> {
  const service = name === 'unimplemented_service' ? UNIMPLEMENTED_SERVICE : TEST_SERVICE
  await using client = await connectGrpc<TestService & Unimplemented>(address, { proto, service })
  await cases[name](client)
}

const cases: Readonly<Record<CaseName, (client: Client) => Promise<void>>> = {
  empty_unary: async client => same(await client.emptyCall({}), {}, 'answer'),
  large_unary: async client => {
    const answer = await client.unaryCall(large)
    same(sizeOf(answer), LARGE_ANSWER, 'bytes')
    same(
      answer.payload?.body.every(byte => byte === 0),
      true,
      'zeros',
    )
  },
  client_streaming: async client => {
    const { aggregatedPayloadSize } = await client.streamingInputCall(
      requestSizes.map(size => ({ payload: zeros(size) })),
    )
    same(aggregatedPayloadSize, 74_922, 'sum')
  },
  server_streaming: async client => {
    const responseParameters = answerSizes.map(size => ({ size }))
    same((await all(client.streamingOutputCall({ responseParameters }))).map(sizeOf), answerSizes, 'sizes')
  },
  ping_pong: async client => {
    let heard: () => void = () => undefined
    async function* requests(): AsyncGenerator<Output> {
      for (const [n, size] of answerSizes.entries()) {
        const answered = new Promise<void>(resolve => {
          heard = resolve
        })
        yield { responseParameters: [{ size }], payload: zeros(requestSizes[n] ?? 0) }
        await answered
      }
    }
    const sizes: number[] = []
    for await (const answer of client.fullDuplexCall(requests())) {
      sizes.push(sizeOf(answer))
      heard()
    }
    same(sizes, answerSizes, 'sizes')
  },
  empty_stream: async client => same(await all(client.fullDuplexCall([])), [], 'answers'),
  custom_metadata: async client => {
    const duplex = { responseParameters: [{ size: LARGE_ANSWER }], payload: zeros(LARGE_REQUEST) }
    await echoes(options => client.unaryCall(large, options))
    await echoes(options => all(client.fullDuplexCall([duplex], options)))
  },
  status_code_and_message: async client => {
    await fails(client.unaryCall({ responseStatus: STATUS }), STATUS)
    await fails(all(client.fullDuplexCall([{ responseStatus: STATUS }])), STATUS)
  },
  special_status_message: client =>
    fails(client.unaryCall({ responseStatus: SPECIAL_STATUS }), SPECIAL_STATUS),
  unimplemented_method: client => failsWith(client.unimplementedCall({}), 'GRPC_UNIMPLEMENTED'),
  unimplemented_service: client => failsWith(client.unimplementedCall({}), 'GRPC_UNIMPLEMENTED'),
  cancel_after_begin: async client => {
    const controller = new AbortController()
    const reason = new Error('cancelled')
    const answer = client.streamingInputCall(never(), { signal: controller.signal })
    controller.abort(reason)
    same(await answer.catch((error: unknown) => error === reason), true, 'the reason of the signal')
  },
  cancel_after_first_response: async client => {
    const controller = new AbortController()
    const reason = new Error('cancelled')
    async function* requests(): AsyncGenerator<Output> {
      yield { responseParameters: [{ size: answerSizes[0] }], payload: zeros(requestSizes[0]) }
      yield* never()
    }
    const answers = client.fullDuplexCall(requests(), { signal: controller.signal })
    same(sizeOf((await answers.next()).value), answerSizes[0], 'the first answer')
    controller.abort(reason)
    same(await answers.next().catch((error: unknown) => error === reason), true, 'the reason of the signal')
  },
  timeout_on_sleeping_server: async client => {
    async function* requests(): AsyncGenerator<Output> {
      yield { payload: zeros(requestSizes[0]) }
      yield* never()
    }
    await failsWith(all(client.fullDuplexCall(requests(), { timeoutMs: 1 })), 'GRPC_DEADLINE_EXCEEDED')
  },
}

const large = { responseSize: LARGE_ANSWER, payload: zeros(LARGE_REQUEST) }

/** Requests that neither come nor end. */
async function* never(): AsyncGenerator<never> {
  await new Promise(() => undefined)
}

async function echoes(call: (options: GrpcCallOptions) => Promise<unknown>): Promise<void> {
  const heard: unknown[] = []
  await call({
    metadata: { [INITIAL_KEY]: INITIAL_VALUE, [TRAILING_KEY]: TRAILING_VALUE },
    onHeaders: metadata => heard.push(metadata[INITIAL_KEY]),
    onTrailers: metadata => heard.push(metadata[TRAILING_KEY]),
  })
  same(heard, [[INITIAL_VALUE], [TRAILING_VALUE]], 'metadata')
}

async function fails(call: Promise<unknown>, { code, message }: EchoStatus): Promise<void> {
  const error = await failureOf(call)
  same([error.status, error.details], [code, message], 'status')
}

async function failsWith(call: Promise<unknown>, code: string): Promise<void> {
  same((await failureOf(call)).code, code, 'code')
}

async function failureOf(call: Promise<unknown>): Promise<GrpcError> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (error instanceof GrpcError) return error
  throw new Error(`no GrpcError but ${String(error)}`)
}

function sizeOf(answer: Answer | undefined): number {
  return answer?.payload?.body.length ?? 0
}

async function all<T>(messages: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const one of messages) list.push(one)
  return list
}
