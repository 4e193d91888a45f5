// Errors of transports and addresses, as libzmq reports them: its codes, its numbers, its texts.

import { AddressError, errorCodeOf } from '../../transport/index.ts'
import { ZmqError, type ZmqErrorCode, zmqErrors } from './errors.ts'

const addressCodes: Readonly<Record<string, ZmqErrorCode>> = {
  ADDRESS_SCHEME_UNKNOWN: 'EPROTONOSUPPORT',
  ADDRESS_INTERFACE_UNKNOWN: 'ENODEV',
}

interface FailureContext {
  readonly address?: string
  /** The code of an error that has none, which is its cause then. Default 'EINVAL', with the text of the error. */
  readonly otherwise?: ZmqErrorCode
}

export function failure(error: unknown, { address, otherwise }: FailureContext = {}): ZmqError {
  if (error instanceof ZmqError) return error
  const details = { ...(address !== undefined && { address }), cause: error }
  if (error instanceof AddressError) return new ZmqError(addressCodes[error.code] ?? 'EINVAL', details)
  const code = errorCodeOf(error)
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return new ZmqError('ENODEV', details)
  if (code !== undefined && code in zmqErrors) return new ZmqError(code as ZmqErrorCode, details)
  if (otherwise !== undefined) return new ZmqError(otherwise, details)
  const text = error instanceof Error ? error.message : String(error)
  return new ZmqError('EINVAL', { ...details, text })
}
