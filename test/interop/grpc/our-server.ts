// The test service of gRPC as an implementation that serveGrpc maps: the server features that the cases ask for.

import { setTimeout as pause } from 'node:timers/promises'
import { type GrpcCall, GrpcError, type GrpcErrorCode, grpcErrors } from 'posthorn/rpc/grpc'
import {
  type Answer,
  type EchoStatus,
  type Empty,
  INITIAL_KEY,
  type Input,
  type Output,
  type Simple,
  type Sum,
  TRAILING_KEY,
  zeros,
} from './messages.ts'

export interface TestService {
  emptyCall(request: Empty): Empty
  unaryCall(request: Simple, call: GrpcCall): Answer
  streamingOutputCall(request: Output, call: GrpcCall): AsyncIterable<Answer>
  streamingInputCall(requests: AsyncIterable<Input>): Promise<Sum>
  fullDuplexCall(requests: AsyncIterable<Output>, call: GrpcCall): AsyncIterable<Answer>
}

export const testService: TestService = {
  emptyCall: () => ({}),
  unaryCall: ({ responseSize = 0, responseStatus }, call) => {
    echoMetadata(call)
    echoStatus(responseStatus)
    return { payload: zeros(responseSize) }
  },
  streamingOutputCall: outputs,
  streamingInputCall: async requests => {
    let aggregatedPayloadSize = 0
    for await (const { payload } of requests) aggregatedPayloadSize += payload?.body.length ?? 0
    return { aggregatedPayloadSize }
  },
  fullDuplexCall: async function* (requests, call) {
    echoMetadata(call)
    for await (const request of requests) yield* outputs(request, call)
  },
}

async function* outputs(request: Output, call: GrpcCall): AsyncGenerator<Answer> {
  echoStatus(request.responseStatus)
  for (const { size, intervalUs = 0 } of request.responseParameters ?? []) {
    if (intervalUs > 0) await pause(intervalUs / 1000, undefined, { signal: call.signal })
    yield { payload: zeros(size) }
  }
}

function echoMetadata(call: GrpcCall): void {
  const initial = call.metadata[INITIAL_KEY]
  const trailing = call.metadata[TRAILING_KEY]
  if (initial !== undefined) call.sendHeaders({ [INITIAL_KEY]: initial })
  if (trailing !== undefined) call.setTrailers({ [TRAILING_KEY]: trailing })
}

function echoStatus(status: EchoStatus | null | undefined): void {
  if (status === null || status === undefined || status.code === 0) return
  const codes = Object.entries(grpcErrors)
  const found = codes.find(([, row]) => 'status' in row && row.status === status.code)
  throw new GrpcError((found?.[0] ?? 'GRPC_UNKNOWN') as GrpcErrorCode, status.message)
}
