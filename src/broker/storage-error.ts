// The log's errors as the broker's.

import { LogError, type LogErrorCode } from '../log/index.ts'
import { BrokerError, type BrokerErrorCode } from './errors.ts'

const codes: Readonly<Record<LogErrorCode, BrokerErrorCode>> = {
  LOG_FENCED: 'EPOCH_FENCED',
  LOG_DISK_FULL: 'STORAGE_FULL',
  LOG_STORE_FAILED: 'STORAGE_FAILED',
  LOG_DELETED: 'TOPIC_UNKNOWN',
  LOG_CLOSED: 'STORAGE_FAILED',
  LOG_OFFSET_OUT_OF_RANGE: 'OFFSET_OUT_OF_RANGE',
  LOG_ROTTEN: 'STORAGE_ROTTEN',
  LOG_LOCKED: 'STORAGE_FAILED',
  LOG_FORMAT_UNKNOWN: 'STORAGE_FAILED',
  LOG_NAME_INVALID: 'REQUEST_INVALID',
  LOG_BATCH_INVALID: 'BATCH_CORRUPT',
}

/** A LogError as a BrokerError with the same message; anything else as it is. */
export function storageError(error: unknown): unknown {
  return error instanceof LogError ? new BrokerError(codes[error.code], error.message, error) : error
}
