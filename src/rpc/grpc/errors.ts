// What can go wrong with a call over gRPC, and before one. The first sixteen are the statuses of gRPC (grpc/grpc,
// doc/statuscodes.md) with their numbers on the wire: a handler throws them, a caller catches them. Those without a number
// never travel: they say what is wrong on this side.

import type { ReceivedMetadata } from './metadata.ts'

interface Row {
  /** The number of the status on the wire; none for what does not travel. */
  readonly status?: number
  readonly meaning: string
  readonly next: string
  readonly retriable?: boolean
}

/** What each code means, and what to do. */
export const grpcErrors = {
  GRPC_CANCELLED: {
    status: 1,
    meaning: 'the call was cancelled',
    next: 'usually nothing: somebody gave it up',
  },
  GRPC_UNKNOWN: {
    status: 2,
    meaning: 'the server failed and does not say why',
    next: 'look at what the server reported (`onFault`)',
  },
  GRPC_INVALID_ARGUMENT: {
    status: 3,
    meaning: 'the request is wrong, whatever the state of the server',
    next: 'correct the request: the message says what was wrong',
  },
  GRPC_DEADLINE_EXCEEDED: {
    status: 4,
    meaning: 'the deadline passed before the call was done',
    next: 'it may have been carried out: call again only what may run twice, or with a larger `timeoutMs`',
    retriable: true,
  },
  GRPC_NOT_FOUND: {
    status: 5,
    meaning: 'what was asked for is not there',
    next: 'check its name',
  },
  GRPC_ALREADY_EXISTS: {
    status: 6,
    meaning: 'what was to be made is there already',
    next: 'use it, or choose another name',
  },
  GRPC_PERMISSION_DENIED: {
    status: 7,
    meaning: 'the caller may not do that',
    next: 'ask for the permission; calling again will not help',
  },
  GRPC_RESOURCE_EXHAUSTED: {
    status: 8,
    meaning: 'a limit is reached: a quota, or the size of a message',
    next: 'for a message raise `receivedBytesMax` of its receiver; for a quota call later, with increasing pauses',
    retriable: true,
  },
  GRPC_FAILED_PRECONDITION: {
    status: 9,
    meaning: 'the state of the server does not allow it',
    next: 'change that state first',
  },
  GRPC_ABORTED: {
    status: 10,
    meaning: 'the call lost against another one at the same time',
    next: 'repeat the whole of what the call was part of',
    retriable: true,
  },
  GRPC_OUT_OF_RANGE: {
    status: 11,
    meaning: 'the request reaches beyond what is there',
    next: 'stop at the end, or wait until there is more',
  },
  GRPC_UNIMPLEMENTED: {
    status: 12,
    meaning: 'the server has no such service or method, or does not take this encoding',
    next: 'compare the .proto files of both sides',
  },
  GRPC_INTERNAL: {
    status: 13,
    meaning: 'one side broke a rule of gRPC, or a message could not be written or read',
    next: 'compare the .proto files of both sides, and look at what the server reported (`onFault`)',
  },
  GRPC_UNAVAILABLE: {
    status: 14,
    meaning: 'the server cannot be reached, or is ending',
    next: 'call again, with increasing pauses; once it was sent, only what may run twice',
    retriable: true,
  },
  GRPC_DATA_LOSS: {
    status: 15,
    meaning: 'data is lost or damaged for good',
    next: 'restore it',
  },
  GRPC_UNAUTHENTICATED: {
    status: 16,
    meaning: 'the server does not believe who calls',
    next: 'give valid credentials, in `metadata` or `tls`',
  },
  GRPC_PACKAGE_MISSING: {
    meaning: 'a package that the bridge stands on is not installed',
    next: 'install what the message names',
  },
  GRPC_PROTO_INVALID: {
    meaning: 'the .proto file cannot be loaded',
    next: 'the message says why; give `includeDirs` for what it imports',
  },
  GRPC_SERVICE_UNKNOWN: {
    meaning: 'the .proto file has no such service',
    next: 'take one that the message names, with its package',
  },
  GRPC_METHOD_MISMATCH: {
    meaning: 'an implementation or a client does not fit the service',
    next: 'the message names the methods',
  },
  GRPC_ADDRESS_UNSUPPORTED: {
    meaning: 'gRPC does not go over this address',
    next: 'use tcp://, tls:// or ipc://',
  },
  GRPC_TLS_INVALID: {
    meaning: 'TLS cannot be set up as the options say',
    next: 'give certificate and key as PEM (`tls`)',
  },
  GRPC_LISTEN_FAILED: {
    meaning: 'the server cannot listen there',
    next: 'the message says why: the port is taken, or is not ours to take',
  },
  GRPC_METADATA_INVALID: {
    meaning: 'metadata cannot be sent',
    next: 'keys are lower case; a key that ends in -bin has bytes, any other has printable ASCII',
  },
  GRPC_TOO_MANY_CALLS: {
    meaning: 'too many calls of this client run',
    next: 'await some of them first, or raise `runningMax`',
    retriable: true,
  },
  GRPC_CLOSED: { meaning: 'the client was closed by its owner', next: 'connect anew' },
} as const satisfies Readonly<Record<string, Row>>

export type GrpcErrorCode = keyof typeof grpcErrors

export interface GrpcErrorOptions extends ErrorOptions {
  /** Trailers that came with the status; a handler sends its own with `setTrailers`. */
  readonly metadata?: ReceivedMetadata
}

export class GrpcError extends Error {
  override readonly name = 'GrpcError'
  readonly code: GrpcErrorCode
  /** The number on the wire; undefined for what does not travel. */
  readonly status: number | undefined
  /** What the one side tells the other: the grpc-message. */
  readonly details: string
  readonly metadata: ReceivedMetadata

  /** A handler's `details` are sent to the caller: nothing belongs in there that the caller may not read. */
  constructor(code: GrpcErrorCode, details: string, { metadata = {}, ...options }: GrpcErrorOptions = {}) {
    const row: Row = grpcErrors[code]
    super(`${code}: ${row.meaning}${details === '' ? '' : `: ${details}`}`, options)
    this.code = code
    this.status = row.status
    this.details = details
    this.metadata = metadata
  }
}

const byStatus = new Map<number, GrpcErrorCode>(
  Object.entries(grpcErrors).flatMap(([code, row]) =>
    'status' in row ? [[row.status, code as GrpcErrorCode] as const] : [],
  ),
)

/** The code of a status; numbers that nobody defined are GRPC_UNKNOWN (doc/statuscodes.md). */
export function codeOfStatus(status: number): GrpcErrorCode {
  return byStatus.get(status) ?? 'GRPC_UNKNOWN'
}
