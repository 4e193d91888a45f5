// The messages of RPC version 2 (RFC 5531, section 9): the heads of calls and replies. Arguments and results follow them in
// the same message; whoever knows the procedure reads them from where the head ends.

import type { Reader, Writer } from '../../bytes/index.ts'
import { noAuth, type OpaqueAuth, opaqueAuth, readAuth } from './auth.ts'
import { OncError } from './errors.ts'

/** The version of RPC itself. */
export const RPC_VERSION = 2

const CALL = 0
const REPLY = 1
const ACCEPTED = 0
const DENIED = 1

/** accept_stat. */
const SUCCESS = 0
const PROGRAM_UNAVAILABLE = 1
const PROGRAM_MISMATCH = 2
const PROCEDURE_UNAVAILABLE = 3
const GARBAGE_ARGUMENTS = 4
const SYSTEM_ERROR = 5

/** reject_stat. */
const VERSION_MISMATCH = 0
const AUTH_ERROR = 1

export interface CallHead {
  /** Matches the reply to its call; a call that is sent again keeps it. */
  readonly xid: number
  readonly program: number
  readonly version: number
  readonly procedure: number
  readonly credential: OpaqueAuth
}

/** A call in another version of RPC: nothing behind the version can be read. */
export interface ForeignCall {
  readonly xid: number
  readonly rpcVersion: number
}

/** What became of a call. After `success` the result follows. */
export type Outcome =
  | { readonly kind: 'success' }
  | { readonly kind: 'program-unavailable' }
  | { readonly kind: 'program-mismatch'; readonly low: number; readonly high: number }
  | { readonly kind: 'procedure-unavailable' }
  | { readonly kind: 'garbage-arguments' }
  | { readonly kind: 'system-error' }
  | { readonly kind: 'rpc-mismatch'; readonly low: number; readonly high: number }
  | { readonly kind: 'auth-error'; readonly status: number }

export interface ReplyHead {
  readonly xid: number
  readonly outcome: Outcome
  /** Of the server, in replies that are not denied. Default AUTH_NONE. */
  readonly verifier?: OpaqueAuth
}

export function writeCall(to: Writer, call: CallHead): void {
  to.word(call.xid)
  to.word(CALL)
  to.word(RPC_VERSION)
  to.word(call.program)
  to.word(call.version)
  to.word(call.procedure)
  opaqueAuth.write(to, call.credential)
  opaqueAuth.write(to, noAuth)
}

/** Errors: OncError RPC_MESSAGE_INVALID when it is no call, WireError when it is broken. */
export function readCall(from: Reader): CallHead | ForeignCall {
  const xid = from.uint32()
  const type = from.uint32()
  if (type !== CALL) throw new OncError('RPC_MESSAGE_INVALID', `a message of type ${type} where calls come`)
  const rpcVersion = from.uint32()
  if (rpcVersion !== RPC_VERSION) return { xid, rpcVersion }
  const program = from.uint32()
  const version = from.uint32()
  const procedure = from.uint32()
  const credential = readAuth(from)
  readAuth(from)
  return { xid, program, version, procedure, credential }
}

export function writeReply(to: Writer, { xid, outcome, verifier = noAuth }: ReplyHead): void {
  to.word(xid)
  to.word(REPLY)
  switch (outcome.kind) {
    case 'rpc-mismatch':
      to.word(DENIED)
      to.word(VERSION_MISMATCH)
      to.word(outcome.low)
      to.word(outcome.high)
      return
    case 'auth-error':
      to.word(DENIED)
      to.word(AUTH_ERROR)
      to.word(outcome.status)
      return
    default:
      to.word(ACCEPTED)
      opaqueAuth.write(to, verifier)
      to.word(acceptStatuses[outcome.kind])
      if (outcome.kind !== 'program-mismatch') return
      to.word(outcome.low)
      to.word(outcome.high)
  }
}

const acceptStatuses = {
  success: SUCCESS,
  'program-unavailable': PROGRAM_UNAVAILABLE,
  'program-mismatch': PROGRAM_MISMATCH,
  'procedure-unavailable': PROCEDURE_UNAVAILABLE,
  'garbage-arguments': GARBAGE_ARGUMENTS,
  'system-error': SYSTEM_ERROR,
} as const

/** Errors: OncError RPC_MESSAGE_INVALID when it is no reply, or says what there is not; WireError when it is broken. */
export function readReply(from: Reader): ReplyHead {
  const xid = from.uint32()
  const type = from.uint32()
  if (type !== REPLY)
    throw new OncError('RPC_MESSAGE_INVALID', `a message of type ${type} where replies come`)
  const status = from.uint32()
  if (status === ACCEPTED) return { xid, verifier: readAuth(from), outcome: readAccepted(from) }
  if (status === DENIED) return { xid, outcome: readDenied(from) }
  throw new OncError('RPC_MESSAGE_INVALID', `a reply with the status ${status}`)
}

function readAccepted(from: Reader): Outcome {
  const status = from.uint32()
  switch (status) {
    case SUCCESS:
      return { kind: 'success' }
    case PROGRAM_UNAVAILABLE:
      return { kind: 'program-unavailable' }
    case PROGRAM_MISMATCH:
      return { kind: 'program-mismatch', low: from.uint32(), high: from.uint32() }
    case PROCEDURE_UNAVAILABLE:
      return { kind: 'procedure-unavailable' }
    case GARBAGE_ARGUMENTS:
      return { kind: 'garbage-arguments' }
    case SYSTEM_ERROR:
      return { kind: 'system-error' }
    default:
      throw new OncError('RPC_MESSAGE_INVALID', `an accepted reply with the status ${status}`)
  }
}

function readDenied(from: Reader): Outcome {
  const status = from.uint32()
  if (status === VERSION_MISMATCH) return { kind: 'rpc-mismatch', low: from.uint32(), high: from.uint32() }
  if (status === AUTH_ERROR) return { kind: 'auth-error', status: from.uint32() }
  throw new OncError('RPC_MESSAGE_INVALID', `a denied reply with the status ${status}`)
}
