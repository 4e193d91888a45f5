// What can go wrong in a log, one code each, with what to do next.

/** Every code of this room: what it means, and whether the same call may succeed later. */
export const logErrors = {
  LOG_FENCED: { retriable: false, next: 'another writer took over; open the log again' },
  LOG_DISK_FULL: {
    retriable: true,
    next: 'free space or trim; reads go on, and appends work again once there is room',
  },
  LOG_STORE_FAILED: { retriable: false, next: 'the disk refused a flush; check it, then start again' },
  LOG_DELETED: { retriable: false, next: 'the log is gone; open it anew if it is wanted' },
  LOG_CLOSED: { retriable: false, next: 'the store was closed' },
  LOG_OFFSET_OUT_OF_RANGE: { retriable: false, next: 'read between start and end' },
  LOG_ROTTEN: { retriable: false, next: 'the bytes on the disk are damaged; restore them or trim past them' },
  LOG_LOCKED: {
    retriable: false,
    next: 'another process has the folder open; stop it or use another folder',
  },
  LOG_FORMAT_UNKNOWN: { retriable: false, next: 'a newer version wrote this folder; use that version' },
  LOG_NAME_INVALID: { retriable: false, next: 'use 1 to 2,048 bytes without control characters' },
  LOG_BATCH_INVALID: { retriable: false, next: 'the batch breaks the format; see the message' },
} as const

export type LogErrorCode = keyof typeof logErrors

/** An error of the log. `fields` are the values that the message names, for programs. */
export class LogError extends Error {
  override readonly name = 'LogError'
  readonly code: LogErrorCode
  readonly fields: Readonly<Record<string, string | number>>

  constructor(
    code: LogErrorCode,
    message: string,
    fields: Readonly<Record<string, string | number>> = {},
    cause?: unknown,
  ) {
    super(`${message} (${code}: ${logErrors[code].next})`, cause === undefined ? undefined : { cause })
    this.code = code
    this.fields = fields
  }

  get retriable(): boolean {
    return logErrors[this.code].retriable
  }
}
