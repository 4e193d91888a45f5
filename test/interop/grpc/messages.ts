// The messages of testing.proto, and the sizes that the interop test cases name.

import { join } from 'node:path'

export const proto = join(import.meta.dirname, 'testing.proto')
export const TEST_SERVICE = 'grpc.testing.TestService'
export const UNIMPLEMENTED_SERVICE = 'grpc.testing.UnimplementedService'

export type Empty = Readonly<Record<string, never>>

export interface Payload {
  readonly body: Buffer
}

export interface EchoStatus {
  readonly code: number
  readonly message: string
}

export interface Simple {
  readonly responseSize?: number
  readonly payload?: Payload | null
  readonly responseStatus?: EchoStatus | null
}

export interface Output {
  readonly responseParameters?: readonly { readonly size: number; readonly intervalUs?: number }[]
  readonly payload?: Payload | null
  readonly responseStatus?: EchoStatus | null
}

export interface Answer {
  readonly payload: Payload | null
}

export interface Input {
  readonly payload: Payload | null
}

export interface Sum {
  readonly aggregatedPayloadSize: number
}

/** All cases that need no cloud and no compressed messages, which @grpc/grpc-js does not send from servers. */
export const caseNames = [
  'empty_unary',
  'large_unary',
  'client_streaming',
  'server_streaming',
  'ping_pong',
  'empty_stream',
  'custom_metadata',
  'status_code_and_message',
  'special_status_message',
  'unimplemented_method',
  'unimplemented_service',
  'cancel_after_begin',
  'cancel_after_first_response',
  'timeout_on_sleeping_server',
] as const

export type CaseName = (typeof caseNames)[number]

export const LARGE_REQUEST = 271_828
export const LARGE_ANSWER = 314_159
export const requestSizes = [27_182, 8, 1828, 45_904] as const
export const answerSizes = [31_415, 9, 2653, 58_979] as const

export const INITIAL_KEY = 'x-grpc-test-echo-initial'
export const INITIAL_VALUE = 'test_initial_metadata_value'
export const TRAILING_KEY = 'x-grpc-test-echo-trailing-bin'
export const TRAILING_VALUE = Buffer.from('ababab', 'hex')

export const STATUS: EchoStatus = { code: 2, message: 'test status message' }
export const SPECIAL_STATUS: EchoStatus = {
  code: 2,
  message: '\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n',
}

export function zeros(size: number): Payload {
  return { body: Buffer.alloc(size) }
}
