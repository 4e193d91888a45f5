// How a call that failed ends the command: each code of the engine has its exit code, and what the method itself threw has
// one of its own, so that a script can tell "it said no" from "it could not be asked".

import { isCallErrorCode } from '../../../rpc/engine/errors.ts'
import { CallError, type CallErrorCode, callErrors, ValueError } from '../../../rpc/index.ts'
import { AddressError } from '../../../transport/index.ts'
import { CommandError, type ExitName } from '../../exit.ts'
import { printable } from '../../output/columns.ts'
import { lineOf } from './shown.ts'

/** A new code does not compile until it is placed here. */
const callExits: Readonly<Record<CallErrorCode, ExitName>> = {
  CALL_TIMEOUT: 'tryAgain',
  CALL_CANCELLED: 'tryAgain',
  CALL_CONNECTION_LOST: 'tryAgain',
  CALL_UNREACHABLE: 'unreachable',
  CALL_CLOSED: 'tryAgain',
  CALL_REFUSED: 'noPermission',
  CALL_DRAINING: 'tryAgain',
  CALL_TOO_MANY: 'tryAgain',
  CALL_TOO_SLOW: 'tryAgain',
  CALL_NO_METHOD: 'notFound',
  CALL_BAD_ARGUMENTS: 'notFound',
  CALL_BAD_RESULT: 'failed',
  CALL_NO_REFERENCE: 'notFound',
  CALL_REFERENCE_LOST: 'tryAgain',
  CALL_REFERENCE_RELEASED: 'notFound',
  CALL_TOO_MANY_REFERENCES: 'tryAgain',
  CALL_NO_TICKET: 'notFound',
  CALL_TOO_MANY_TICKETS: 'tryAgain',
  CALL_NO_QUORUM: 'tryAgain',
  CALL_NAME_TAKEN: 'tryAgain',
  CALL_NAME_UNKNOWN: 'notFound',
  CALL_TOO_MANY_NAMES: 'tryAgain',
  CALL_PROTOCOL: 'unreachable',
  CALL_TOO_LARGE: 'notFound',
}

/** What the command ends with. Errors that are none of a call stay as they are. */
export function callFailure(error: unknown): unknown {
  const code = callCodeOf(error)
  if (error instanceof CallError && error.cause instanceof AddressError) return callFailure(error.cause)
  if (error instanceof Error && code !== undefined)
    return new CommandError(callExits[code], printable(error.message), callErrors[code].next, error)
  if (error instanceof ValueError) return new CommandError('notFound', `${error.code}: ${error.message}`)
  if (error instanceof AddressError) return new CommandError('usage', `${error.message} (${error.code})`)
  return error
}

/** The code, also of an error that a method of ours threw at the other side, such as a registry's. */
function callCodeOf(error: unknown): CallErrorCode | undefined {
  if (error instanceof CallError) return error.code
  if (!(error instanceof Error) || error.name !== 'CallError' || !('code' in error)) return undefined
  const code = String(error.code)
  return isCallErrorCode(code) ? code : undefined
}

/** What a method threw, of any type. */
export function thrownByMethod(method: string, reason: unknown): CommandError {
  const code = reason instanceof Error && 'code' in reason ? ` (${String(reason.code)})` : ''
  const text = reason instanceof Error ? `${reason.name}: ${reason.message}` : `it threw ${lineOf(reason)}`
  return new CommandError('failed', printable(`${method} failed: ${text}${code}`), undefined, reason)
}

/** Whether the error is the engine's, and not what a method threw. */
export function isOfEngine(error: unknown): boolean {
  return error instanceof CallError || error instanceof ValueError || error instanceof AddressError
}
