// What a value says when it cannot be written. What bytes say when they cannot be read is a WireError of bytes/.

/** What each code means, and what to do. */
export const valueErrors = {
  VALUE_NOT_CLONEABLE: {
    meaning: 'a function, a symbol or another thing that cannot be copied is in the value',
    next: 'leave it out, or pass it by reference; the message names the path',
  },
  VALUE_TOO_DEEP: {
    meaning: 'values are nested deeper than a message may be',
    next: 'send a flat form: an array in the place of a linked list',
  },
  VALUE_TOO_LARGE: {
    meaning: 'a length is beyond what a message can say',
    next: 'send less at a time',
  },
  VALUE_NOT_RESTORABLE: {
    meaning: 'an object of the caller cannot take what the call changed in it',
    next: 'pass objects that are neither frozen nor transferred away while the call runs',
  },
} as const

export type ValueErrorCode = keyof typeof valueErrors

/** `path` names the place, as `args[0].user.callback`; empty where that is not known. */
export class ValueError extends Error {
  override readonly name = 'ValueError'
  readonly code: ValueErrorCode
  readonly path: string

  constructor(code: ValueErrorCode, message: string, path = '') {
    super(path === '' ? message : `${path}: ${message}`)
    this.code = code
    this.path = path
  }
}

/** Thrown inside the writer, before the path is known; `write` finds the path and throws a ValueError. */
export class Unwritable extends Error {
  readonly code: ValueErrorCode
  readonly culprit: unknown

  constructor(code: ValueErrorCode, message: string, culprit: unknown) {
    super(message)
    this.code = code
    this.culprit = culprit
  }
}
